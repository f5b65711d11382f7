"""The end of a sample."""

from collections.abc import Callable

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from letters.models.letters import LetterState
from letters.models.samples import SampleRow
from letters.organising.burning import burn
from letters.organising.lockdown import UnderLockdown
from letters.organising.sampling.errors import BadConfirmed, Ended, NotDrawn
from letters.organising.sampling.reporting import drop, report
from tests.letters.organising.sampling.asked import Desk
from tests.parts.clock import Clock


def report_to(desk: Desk, confirmed: str) -> None:
    doing = desk.doing
    desk.runtime.settle(lambda session: report(session, doing, desk.slug, 1, confirmed))


def drop_it(desk: Desk) -> None:
    doing = desk.doing
    desk.runtime.settle(lambda session: drop(session, doing, desk.slug, 1))


def test_a_report_erases_both_lists_and_keeps_the_numbers(desk: Desk) -> None:
    desk.announce()
    desk.draw()
    before = desk.crowd.letter.revision
    report_to(desk, "4")
    row = desk.sample()
    assert (row.state, row.found, row.confirmed, row.ended_on) == ("reported", 5, 4, desk.runtime.clock().date())
    assert (row.frame, row.drawn) == (None, None)
    assert len(row.frame_hash) == 32
    assert desk.crowd.letter.revision > before
    assert desk.acts()[-1] == ("sample-reported", 4)


def test_no_more_are_confirmed_than_could_be_asked(desk: Desk) -> None:
    desk.announce()
    desk.draw()
    for confirmed in ("", "-1", "6", "four", "4.5", "٤", "9" * 400):
        with pytest.raises(BadConfirmed):
            report_to(desk, confirmed)
    report_to(desk, "0")


def test_only_what_is_drawn_is_reported_and_only_once(desk: Desk) -> None:
    desk.announce()
    with pytest.raises(NotDrawn):
        report_to(desk, "5")
    desk.draw()
    report_to(desk, "5")
    with pytest.raises(NotDrawn):
        report_to(desk, "4")


@pytest.mark.parametrize("steps", [(), (Desk.draw,)])
def test_a_sample_that_is_given_up_keeps_no_list_and_stays_for_readers(
    desk: Desk, steps: tuple[Callable[[Desk], None], ...]
) -> None:
    desk.announce()
    for step in steps:
        step(desk)
    drop_it(desk)
    row = desk.sample()
    assert (row.state, row.frame, row.drawn) == ("dropped", None, None)
    assert (row.journalist, row.ended_on) == ("Vera Example", desk.runtime.clock().date())
    with pytest.raises(Ended):
        drop_it(desk)
    assert desk.acts()[-1] == ("sample-dropped", None)


def test_under_lockdown_a_result_may_be_reported_for_that_erases_the_lists(desk: Desk) -> None:
    desk.announce()
    desk.draw()
    desk.letter_row(locked_on=desk.runtime.clock().date())
    with pytest.raises(UnderLockdown):
        desk.frame()
    report_to(desk, "5")
    assert desk.sample().drawn is None


def test_burning_ends_a_sample_and_erases_its_lists(desk: Desk) -> None:
    desk.announce()
    desk.draw()
    burn(desk.runtime, desk.slug, lambda _seconds: None)
    row = desk.sample()
    assert (row.state, row.frame, row.drawn, row.ended_on) == ("dropped", None, None, desk.runtime.clock().date())


def test_the_day_on_which_identities_go_ends_a_sample(desk: Desk) -> None:
    desk.announce()
    clock = desk.runtime.clock
    assert isinstance(clock, Clock)
    desk.crowd.enter(LetterState.CLOSED)
    clock.advance(days=89)
    desk.crowd.tend()
    assert desk.sample().state == "announced"
    clock.advance(days=3)
    desk.crowd.tend()
    assert (desk.sample().state, desk.sample().frame) == ("dropped", None)


def test_the_database_keeps_no_list_of_a_sample_that_has_ended(desk: Desk) -> None:
    desk.announce()
    desk.draw()
    report_to(desk, "5")
    for values in ({"frame": b"x"}, {"drawn": b"x"}, {"confirmed": None}, {"ended_on": None}):
        with pytest.raises(IntegrityError):
            desk.crowd.tamper(update(SampleRow).values(values))
