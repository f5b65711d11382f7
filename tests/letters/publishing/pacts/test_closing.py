"""What a letter's closing makes of a pact: its last edition keeps it, or every name is erased."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select, update

from letters.models.batches import BatchRow, BatchState
from letters.models.letters import LetterRow, LetterState
from letters.models.signatures import SignatureRow
from letters.models.values import Pact
from letters.organising.burning import burn_rows
from letters.runtime import Runtime
from letters.signing.confirming import LetterClosed
from tests.letters.organising.defending.guards import guard_letter
from tests.letters.publishing.crowd import Crowd, open_crowd
from tests.letters.publishing.pacts.letters import NEEDED, close, end, interrupted, pact, waiting
from tests.parts.clock import Clock

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


def test_the_closing_edition_can_keep_it(crowd: Crowd) -> None:
    crowd.join_many(range(NEEDED - 1), display="pact")
    crowd.release()
    crowd.join(8, display="pact")
    close(crowd)
    assert (len(crowd.names()), pact(crowd)) == (NEEDED, Pact(NEEDED, kept_in=2))
    assert crowd.recount() == []


@pytest.mark.parametrize("newcomers", [0, 1])
def test_in_a_protected_letter_changes_alone_keep_it_at_the_closing(
    runtime: Runtime, clock: Clock, newcomers: int
) -> None:
    """Who comes alone comes with the last edition of all, and is shown by it."""
    crowd = open_crowd(runtime, threshold=10, pact=NEEDED)
    signers = crowd.join_many(range(NEEDED))
    crowd.release()
    for number, signer in enumerate(signers):
        crowd.change(signer, display="pact", name=f"Vera Example {number}")
    crowd.join_many(range(10, 10 + newcomers), display="pact")
    close(crowd)
    assert (len(crowd.names()), pact(crowd), crowd.letter.total) == (NEEDED, Pact(NEEDED, kept_in=2), NEEDED)
    assert crowd.recount() == []
    end(crowd, clock)
    assert (len(crowd.names()), crowd.letter.total, waiting(crowd)) == (NEEDED + newcomers,) * 2 + (0,)
    assert crowd.recount() == []


@pytest.mark.parametrize("newcomers", [0, 1])
def test_in_a_protected_letter_nobody_leaves_alone_to_keep_it(runtime: Runtime, newcomers: int) -> None:
    crowd = open_crowd(runtime, threshold=10, pact=NEEDED)
    gone, *signers = crowd.join_many(range(NEEDED + 1))
    crowd.release()
    for signer in signers:
        crowd.change(signer, display="pact", name="Vera Example")
    crowd.withdraw(gone)
    crowd.join_many(range(10, 10 + newcomers))
    close(crowd)
    assert (crowd.letter.number, pact(crowd), waiting(crowd)) == (1, Pact(NEEDED, lapsed=True), 0)


def test_names_that_came_back_without_any_news_keep_it_at_the_closing(runtime: Runtime, clock: Clock) -> None:
    guards = guard_letter(runtime, pact=NEEDED)
    crowd = guards.crowd
    back = crowd.join_many(range(NEEDED - 1), display="pact")[0]
    crowd.release()
    batch = guards.void(back).number
    crowd.tamper(update(BatchRow).values(state=BatchState.RUNNING.value))  # as with many, half-way
    crowd.join(8, display="pact")
    clock.advance(minutes=1)
    assert (crowd.release().number, pact(crowd).kept_in) == (2, None)
    crowd.tamper(update(BatchRow).values(state=BatchState.DONE.value))
    guards.undo(batch)
    close(crowd)
    assert (len(crowd.names()), pact(crowd), crowd.recount()) == (NEEDED, Pact(NEEDED, kept_in=3), [])


@pytest.mark.parametrize("step", range(1, 5))
def test_wherever_in_a_round_a_letter_closes_its_last_edition_is_tried(
    runtime: Runtime, clock: Clock, step: int
) -> None:
    crowd, steps = open_crowd(runtime, at_least=50, pact=NEEDED), count(1)
    crowd.join_many(range(NEEDED), display="pact")
    clock.advance(minutes=1)
    interrupted(crowd, lambda: crowd.enter(LetterState.CLOSED) if next(steps) == step else None).tend()
    assert next(steps) > step, "it closed during the round"
    crowd.tend()
    assert (len(crowd.names()), pact(crowd), waiting(crowd)) == (NEEDED, Pact(NEEDED, kept_in=1), 0)


def test_an_error_before_the_last_edition_was_tried_ends_no_pact(crowd: Crowd) -> None:
    def fail() -> None:
        raise ConnectionError

    crowd.join_many(range(NEEDED), display="pact")
    crowd.enter(LetterState.CLOSED)
    with pytest.raises(ExceptionGroup):
        interrupted(crowd, fail).tend()
    crowd.tend()
    assert (len(crowd.names()), pact(crowd)) == (NEEDED, Pact(NEEDED, kept_in=1))


def test_nobody_waits_for_a_kept_pact_after_the_closing_and_no_name_stays_unseen_to_the_end(
    crowd: Crowd, clock: Clock
) -> None:
    accepted, held = crowd.join_many(range(2), display="pact")
    named, other = crowd.join(2, display="named"), crowd.join(3, display="pseudonym")
    aside = accepted, held, named, other
    for signer in aside:
        crowd.hold(signer)
    crowd.join_many(range(4, 4 + NEEDED), display="pact")
    close(crowd)
    assert (pact(crowd).kept_in, any(crowd.row(signer).pact for signer in aside)) == (1, False)
    crowd.let_go(accepted)
    end(crowd, clock)
    assert "Signer Example 0" in crowd.names()
    assert [crowd.row(signer).display for signer in aside] == ["named", "counted", "counted", "pseudonym"]
    assert (crowd.letter.total, waiting(crowd), crowd.recount()) == (NEEDED + 1, 0, [])


def test_who_was_being_voided_at_the_closing_is_shown_if_that_is_undone(runtime: Runtime, clock: Clock) -> None:
    guards = guard_letter(runtime, pact=NEEDED)
    crowd = guards.crowd
    back = crowd.join(1, display="pact")
    crowd.release()
    batch = guards.void(back).number
    crowd.tamper(update(BatchRow).values(state=BatchState.RUNNING.value))  # as with many, half-way
    crowd.join_many(range(2, 2 + NEEDED), display="pact")
    close(crowd)
    assert (pact(crowd).kept_in, crowd.row(back).pact, crowd.recount()) == (2, False, [])
    crowd.tamper(update(BatchRow).values(state=BatchState.DONE.value))
    guards.undo(batch)
    end(crowd, clock)
    assert (len(crowd.names()), waiting(crowd), crowd.recount()) == (NEEDED + 1, 0, [])


def test_a_pact_that_is_not_kept_lapses_with_the_closing_and_every_name_is_erased(crowd: Crowd) -> None:
    counted, held = crowd.join_many(range(NEEDED - 1), display="pact")
    crowd.hold(held)
    pending, new = crowd.sign(7, display="pact"), crowd.join(8, display="pact")
    crowd.join(9, display="pseudonym")
    crowd.tend()
    crowd.enter(LetterState.CLOSED)
    revision = crowd.letter.revision
    crowd.tend()
    assert (pact(crowd), waiting(crowd)) == (Pact(NEEDED, lapsed=True), 0)
    assert {crowd.row(signer).display for signer in (counted, held, pending, new)} == {"counted"}
    assert crowd.letter.revision > revision, "pages say so"
    assert [entry.name for entry in crowd.entries()] == [None]
    assert crowd.recount() == []
    with pytest.raises(LetterClosed):
        crowd.confirm(pending)


def test_a_lapsed_pact_is_not_kept_by_those_who_come_later(crowd: Crowd, clock: Clock) -> None:
    held = crowd.join_many(range(NEEDED), display="pact")
    for signer in held:
        crowd.hold(signer)
    crowd.join(8)
    close(crowd)
    for signer in held:
        crowd.let_go(signer)
    clock.advance(days=31)
    crowd.tend()
    assert (crowd.names(), crowd.letter.total, pact(crowd).lapsed) == ([], NEEDED + 1, True)
    assert crowd.recount() == []


@sqlite_only
def test_who_waits_for_a_second_one_at_the_closing_is_erased(runtime: Runtime) -> None:
    crowd = open_crowd(runtime, threshold=2, pact=NEEDED)
    crowd.join_many(range(NEEDED - 1), display="pact")
    crowd.release()
    crowd.join(8, display="pact")
    close(crowd)
    assert (crowd.letter.number, pact(crowd).lapsed, waiting(crowd)) == (1, True, 0)


@sqlite_only
def test_a_lockdown_puts_off_no_erasing(crowd: Crowd, clock: Clock) -> None:
    crowd.join_many(range(NEEDED), display="pact")
    crowd.tamper(update(LetterRow).values(locked_on=clock().date()))
    crowd.tend()
    assert waiting(crowd) == NEEDED, "an open letter goes on waiting"
    close(crowd)
    assert (pact(crowd), waiting(crowd)) == (Pact(NEEDED, lapsed=True), 0)
    crowd.tamper(update(LetterRow).values(locked_on=None, tended_at=None))
    crowd.tend()
    assert (crowd.names(), crowd.letter.total) == ([], NEEDED)


@sqlite_only
def test_an_edition_that_cannot_be_printed_puts_off_no_erasing(crowd: Crowd, clock: Clock) -> None:
    crowd.join_many(range(NEEDED), display="pact")
    damaged = select(SignatureRow.id).limit(1).scalar_subquery()
    crowd.tamper(update(SignatureRow).where(SignatureRow.id == damaged).values(name_box=b"damaged"))
    crowd.enter(LetterState.CLOSED)
    with pytest.raises(ExceptionGroup):
        crowd.tend()
    assert (pact(crowd), waiting(crowd)) == (Pact(NEEDED, lapsed=True), 0)
    clock.advance(minutes=1)
    crowd.tend()
    assert (crowd.letter.total, crowd.recount()) == (NEEDED, [])


@sqlite_only
def test_a_form_that_was_on_its_way_at_the_closing_is_erased_with_the_next_round(crowd: Crowd) -> None:
    late = crowd.sign(1, display="pact")
    values = {"display": "named", "pact": True, "name_box": crowd.row(late).name_box}
    crowd.join(2)
    close(crowd)
    crowd.tamper(update(SignatureRow).where(SignatureRow.id == late.signature).values(**values))
    crowd.tend()
    assert waiting(crowd) == 0


@sqlite_only
def test_a_clock_that_is_set_back_brings_no_name_back(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, pact=NEEDED, closes_at=clock() + timedelta(hours=1))
    crowd.join_many(range(NEEDED - 1), display="pact")
    clock.advance(hours=1)
    crowd.tend()
    clock.advance(hours=-2)
    crowd.tend()
    assert (crowd.letter.stored_state, pact(crowd).lapsed, waiting(crowd)) == (LetterState.CLOSED, True, 0)


@sqlite_only
def test_a_letter_that_keeps_no_pact_asks_for_nothing_after_it_has_lapsed(crowd: Crowd) -> None:
    crowd.join_many(range(NEEDED - 1), display="pact")
    close(crowd)
    before = crowd.letter
    crowd.tend()
    assert crowd.letter == before


def test_two_workers_at_the_closing_agree(crowd: Crowd) -> None:
    crowd.join_many(range(NEEDED - 1), display="pact")
    crowd.release()
    crowd.join(8, display="pact")
    crowd.enter(LetterState.CLOSED)
    with ThreadPoolExecutor(3) as workers:
        list(workers.map(lambda _worker: crowd.tend(), range(3)))
    assert (pact(crowd), len(crowd.names()), waiting(crowd)) == (Pact(NEEDED, kept_in=2), NEEDED, 0)
    assert crowd.recount() == []


def test_burning_ends_it(crowd: Crowd) -> None:
    signers = crowd.join_many(range(NEEDED - 1), display="pact")
    crowd.release()
    crowd.hold(crowd.join(7, display="pact"))
    crowd.sign(8, display="pact")
    runtime = crowd.runtime
    runtime.settle(lambda session: burn_rows(session, crowd.slug, runtime.keyring, runtime.clock()))
    assert (pact(crowd), waiting(crowd), crowd.recount()) == (Pact(NEEDED, lapsed=True), 0, [])
    assert {crowd.row(signer).display for signer in signers} == {"counted"}
