"""What is missing for the next edition is what the rule that releases it asks for."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from letters.models.finding import read_letter
from letters.models.letters import LetterRow, LetterState
from letters.organising.watching.counts import count_now
from letters.organising.watching.next_edition import NextEdition, Stage, foresee, is_neglected
from letters.publishing.editions import NotDue, lock_letter
from letters.runtime import Runtime
from tests.letters.publishing.crowd import Crowd, open_crowd
from tests.parts.clock import Clock

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def foreseen(crowd: Crowd) -> NextEdition:
    with crowd.runtime.reading() as session:
        row = session.scalars(select(LetterRow).where(LetterRow.slug == crowd.slug)).one()
        return foresee(row, count_now(session, read_letter(session, row)), crowd.runtime.clock())


def comes(crowd: Crowd) -> bool:
    """Whether an edition comes out if the worker looks now."""
    try:
        crowd.release(at_once=False)
    except NotDue:
        return False
    return True


def test_nothing_waits_for_the_first_edition(runtime: Runtime) -> None:
    assert foreseen(open_crowd(runtime)).stage is Stage.NEWS


def test_the_minimum_and_the_interval_are_both_told(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, at_least=5, every=timedelta(hours=6))
    crowd.join_many(range(3))
    coming = foreseen(crowd)
    assert (coming.stage, coming.moving, coming.needed, coming.missing) == (Stage.MORE, 3, 5, 2)
    assert coming.not_before == clock() + timedelta(hours=6)


def test_enough_waits_for_its_time(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, at_least=2, every=timedelta(hours=6))
    crowd.join_many(range(2))
    assert (foreseen(crowd).stage, comes(crowd)) == (Stage.TIME, False)
    clock.advance(hours=6)
    assert (foreseen(crowd).stage, comes(crowd)) == (Stage.DUE, True)


def test_what_is_long_due_is_late(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime)
    crowd.join()
    clock.advance(minutes=12)
    assert foreseen(crowd).stage is Stage.LATE


def test_a_change_alone_brings_no_edition_where_more_must_move(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, at_least=2)
    signer = crowd.join_many(range(2))[0]
    crowd.release()
    crowd.change(signer, profession="midwife")
    clock.advance(minutes=2)
    assert (foreseen(crowd).stage, foreseen(crowd).missing, comes(crowd)) == (Stage.MORE, 2, False)


def test_where_more_must_move_who_begins_to_wait_for_a_pact_changes_nothing_here(runtime: Runtime) -> None:
    crowd = open_crowd(runtime, at_least=2, pact=5)
    signer = crowd.join_many(range(2))[0]
    crowd.release()
    before = foreseen(crowd)
    crowd.change(signer, display="pact", name="Vera Example")
    assert foreseen(crowd) == before


def test_in_a_protected_letter_one_who_comes_alone_is_one_too_few(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, threshold=3, at_least=2)
    leaver = crowd.join_many(range(5))[0]
    crowd.release()
    crowd.join(7)
    crowd.withdraw(leaver)
    clock.advance(minutes=2)
    coming = foreseen(crowd)
    assert (coming.stage, coming.moving, coming.missing, comes(crowd)) == (Stage.MORE, 1, 1, False)
    crowd.join(8)
    assert (foreseen(crowd).stage, comes(crowd)) == (Stage.DUE, True)


def test_a_closed_letter_asks_nobody_to_sign(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, threshold=3, at_least=2)
    crowd.join_many(range(5))
    crowd.release()
    crowd.enter(LetterState.CLOSED)
    clock.advance(minutes=2)
    crowd.tend()
    assert foreseen(crowd).stage is Stage.NEWS


def test_nothing_comes_out_under_lockdown(runtime: Runtime) -> None:
    crowd = open_crowd(runtime)
    crowd.join()
    today = runtime.clock().date()
    runtime.settle(lambda session: setattr(lock_letter(session, crowd.slug), "locked_on", today))
    assert foreseen(crowd).stage is Stage.LOCKDOWN


def test_after_the_last_edition_there_is_none(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime)
    crowd.join()
    crowd.enter(LetterState.CLOSED)
    crowd.tend()
    clock.advance(days=32)
    crowd.tend()
    assert foreseen(crowd).stage is Stage.COMPLETED


def test_a_scheduled_letter_waits_for_its_opening(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, opens_at=clock() + timedelta(days=1))
    assert foreseen(crowd).stage is Stage.OPENING


def neglected(crowd: Crowd) -> bool:
    with crowd.runtime.reading() as session:
        row = session.scalars(select(LetterRow).where(LetterRow.slug == crowd.slug)).one()
        return is_neglected(row, crowd.runtime.clock())


def test_an_opening_that_nobody_wrote_down_tells_of_a_worker_that_stands_still(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, opens_at=clock() + timedelta(hours=1))
    clock.advance(hours=1, minutes=1)
    assert not neglected(crowd)
    clock.advance(minutes=10)
    assert neglected(crowd)
    crowd.tend()
    assert not neglected(crowd)


def test_a_worker_that_looks_at_a_letter_on_which_nothing_happens_is_seen(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime)
    for _ in range(3):
        clock.advance(minutes=10)
        assert not neglected(crowd)
        crowd.tend()
    clock.advance(minutes=12)
    assert neglected(crowd)
