"""What editions print over time: cells with a memory, and the last edition of all."""

from datetime import timedelta

import pytest

from letters.models.letters import LetterState
from letters.models.values import Edition
from letters.publishing.tallies import PAIRS
from letters.runtime import Runtime
from tests.letters.publishing.crowd import Crowd, open_crowd
from tests.parts.clock import Clock


@pytest.fixture
def crowd(runtime: Runtime) -> Crowd:
    """A letter that hides cells below three, and reads each again after three events."""
    return open_crowd(runtime, threshold=3)


def nurses(edition: Edition) -> int | None:
    count: int | None = edition.figures["profession"]["shown"].get("nurse")
    return count


def test_a_cell_prints_its_last_reading_until_enough_people_came(crowd: Crowd) -> None:
    crowd.join_many(range(5))
    assert nurses(crowd.release()) == 3
    crowd.join_many(range(5, 7))
    assert nurses(crowd.release()) == 3
    crowd.join_many(range(7, 9))
    edition = crowd.release()
    assert (nurses(edition), edition.total) == (9, 9)
    assert crowd.recount() == []


def test_leaving_counts_as_much_as_coming(crowd: Crowd) -> None:
    signers = crowd.join_many(range(6))
    assert nurses(crowd.release()) == 6
    for gone in signers[:2]:
        crowd.withdraw(gone)
    assert nurses(crowd.release()) == 6
    crowd.withdraw(signers[2])
    assert nurses(crowd.release()) == 3
    assert crowd.recount() == []


def test_showing_names_has_no_cell_read_but_the_next_reading_hides_it(crowd: Crowd) -> None:
    """Five of six on the list by name: the sixth would be what is left. But ten fakes that show and hide their names
    must not have a cell read whenever they like."""
    signers = crowd.join_many(range(6))
    crowd.release()
    for signer in signers:
        crowd.change(signer, display="named", name="Vera Example")
    assert nurses(crowd.release()) == 6
    for number in range(6, 9):
        crowd.join(number, display="named")
    assert nurses(crowd.release()) is None
    assert crowd.recount() == []


def test_two_who_leave_when_a_letter_closes_move_no_cell(crowd: Crowd) -> None:
    signers = crowd.join_many(range(8))
    crowd.release()
    for gone in signers[:2]:
        crowd.withdraw(gone)
    crowd.release()
    crowd.enter(LetterState.CLOSED)
    for gone in signers[2:4]:
        crowd.withdraw(gone)
    crowd.tend()
    assert crowd.letter.edition is not None
    assert (crowd.letter.total, nurses(crowd.letter.edition)) == (4, 6)
    assert crowd.recount() == []


def test_who_leaves_alone_when_a_letter_closes_waits_for_others(crowd: Crowd, clock: Clock) -> None:
    signers = crowd.join_many(range(8))
    crowd.release()
    crowd.enter(LetterState.CLOSED)
    crowd.withdraw(signers[0])
    crowd.tend()
    assert (crowd.letter.number, crowd.letter.total) == (1, 8)
    clock.advance(days=31)
    crowd.tend()
    assert (crowd.letter.number, crowd.letter.total) == (2, 7)


def test_after_closing_as_many_leave_together_as_move_a_cell(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, threshold=3, at_least=50)
    signers = crowd.join_many(range(9))
    crowd.enter(LetterState.CLOSED)
    crowd.tend()
    for gone in signers[:2]:
        crowd.withdraw(gone)
    clock.advance(days=1)
    crowd.tend()
    assert crowd.letter.total == 9
    crowd.withdraw(signers[2])
    clock.advance(days=1)
    crowd.tend()
    assert crowd.letter.total == 6
    crowd.withdraw(signers[3])
    clock.advance(days=31)
    crowd.tend()
    assert (crowd.letter.total, crowd.letter.number, crowd.recount()) == (5, 3, [])


def test_a_cell_of_public_names_alone_is_not_shown(crowd: Crowd) -> None:
    for number in range(6):
        crowd.join(number, display="named")
    assert crowd.release().figures["profession"]["shown"] == {}


def test_an_ordinary_letter_shows_cells_of_public_names(runtime: Runtime) -> None:
    crowd = open_crowd(runtime)
    crowd.join(1, display="named")
    assert nurses(crowd.release()) == 1


def close_and_wait(crowd: Crowd, clock: Clock) -> None:
    crowd.enter(LetterState.CLOSED)
    crowd.tend()
    clock.advance(days=31)
    crowd.tend()


def test_when_nothing_can_change_any_more_the_last_edition_prints_two_dimensions(crowd: Crowd, clock: Clock) -> None:
    crowd.join_many(range(4))
    crowd.join_many(range(4, 6), region="BY-HO")
    crowd.release()
    crowd.enter(LetterState.CLOSED)
    crowd.tend()
    assert crowd.letter.edition is not None
    assert PAIRS not in crowd.letter.edition.figures
    clock.advance(days=31)
    crowd.tend()
    last = crowd.letter.edition
    assert (last.number, last.total, last.figures[PAIRS]) == (2, 6, [["nurse", "BY-MI", 3]])
    assert crowd.recount() == []


def test_there_is_one_last_edition(crowd: Crowd, clock: Clock) -> None:
    crowd.join_many(range(4))
    close_and_wait(crowd, clock)
    number = crowd.letter.number
    clock.advance(days=1)
    crowd.tend()
    assert crowd.letter.number == number


def test_a_letter_that_nobody_signed_has_no_last_edition(crowd: Crowd, clock: Clock) -> None:
    close_and_wait(crowd, clock)
    assert (crowd.letter.number, crowd.letter.forgotten) == (0, True)


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_protected_letter_moves_no_cell_for_fewer_than_ten(runtime: Runtime) -> None:
    crowd = open_crowd(runtime, threshold=10)
    crowd.join_many(range(19))
    assert nurses(crowd.release()) == 10
    for number in range(19, 27, 2):
        crowd.join_many(range(number, number + 2))
        assert nurses(crowd.release()) == 10
    crowd.join_many(range(27, 29))
    assert nurses(crowd.release()) == 20


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_clock_that_was_set_back_holds_up_nothing_for_longer_than_an_interval(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, every=timedelta(hours=6), at_least=1)
    crowd.join(1)
    clock.advance(days=1)
    crowd.tend()
    assert crowd.letter.total == 1
    crowd.join(2)
    clock.advance(days=-1)
    crowd.tend()
    assert crowd.letter.total == 1
    clock.advance(hours=6)
    crowd.tend()
    assert crowd.letter.total == 2


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_cell_that_is_everybodys_tells_it_of_everybody(runtime: Runtime) -> None:
    """No rounding hides what all have in common."""
    crowd = open_crowd(runtime, threshold=10)
    crowd.join_many(range(60))
    edition = crowd.release()
    assert (edition.total, nurses(edition)) == (60, 60)
