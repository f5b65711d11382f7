"""Workers that live: seen by the minute, gone when they stop, and what they say of the queue in whole slots."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from letters.models.workers import Living, WorkerRow, beat, leave, living, sweep_workers
from letters.runtime import Runtime
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from verification.mailbox.outbox import OutboxRow

ONE, OTHER = b"1" * 16, b"2" * 16


def tell(runtime: Runtime, id: bytes) -> None:
    now = runtime.clock()
    runtime.settle(lambda session: beat(session, id, now))


def seen(runtime: Runtime) -> Living:
    with runtime.reading() as session:
        return living(session, runtime.clock())


def empty_queue(runtime: Runtime) -> None:
    def verb(session: Session) -> None:
        for row in session.scalars(select(OutboxRow)):
            session.delete(row)

    runtime.settle(verb)


def test_a_worker_lives_while_it_tells_so(runtime: Runtime, clock: Clock) -> None:
    assert seen(runtime).workers == 0
    tell(runtime, ONE)
    tell(runtime, OTHER)
    assert seen(runtime).workers == 2
    clock.advance(minutes=4)
    tell(runtime, OTHER)
    clock.advance(minutes=2)
    assert seen(runtime).workers == 1
    runtime.settle(lambda session: leave(session, OTHER))
    assert seen(runtime).workers == 0


def test_mail_that_waits_without_a_pause_ages_in_whole_slots(campaign: Campaign, clock: Clock) -> None:
    runtime = campaign.runtime
    clock.now = datetime(2026, 12, 1, 9, 3, tzinfo=UTC)
    tell(runtime, ONE)
    campaign.sign()
    ages = []
    for _minute in range(30):
        tell(runtime, ONE)
        ages.append(seen(runtime).queue_age(clock()))
        clock.advance(minutes=1)
    assert ages == [0] * 17 + [600] * 10 + [1200] * 3, "it came before 9:10, and that is all"
    empty_queue(runtime)
    tell(runtime, ONE)
    assert seen(runtime).queue_age(clock()) == 0


@pytest.mark.parametrize("database", ["sqlite"])
def test_mail_that_a_cap_puts_off_does_not_age_and_mail_that_failed_does(campaign: Campaign, clock: Clock) -> None:
    campaign.sign()
    for failures, age in ((0, 0), (1, 1200)):
        with campaign.runtime.engine.begin() as connection:
            connection.execute(update(OutboxRow).values(due_at=clock() + timedelta(days=1), failures=failures))
        for _minute in range(25):
            tell(campaign.runtime, ONE)
            clock.advance(minutes=1)
        assert seen(campaign.runtime).queue_age(clock()) == age


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_new_worker_goes_on_from_what_the_killed_one_found(campaign: Campaign, clock: Clock) -> None:
    campaign.sign()
    for _minute in range(25):
        tell(campaign.runtime, ONE)
        clock.advance(minutes=1)
    tell(campaign.runtime, OTHER)
    assert seen(campaign.runtime).queue_age(clock()) == 600


def test_killed_workers_are_swept_out_and_living_ones_stay(runtime: Runtime, clock: Clock) -> None:
    tell(runtime, ONE)
    clock.advance(minutes=62)
    tell(runtime, OTHER)
    runtime.settle(lambda session: sweep_workers(session, clock()))
    with runtime.reading() as session:
        assert list(session.scalars(select(WorkerRow.id))) == [OTHER]
    clock.advance(days=-1)
    assert seen(runtime).workers == 0, "the clock was set back, and nobody sweeps"
    runtime.settle(lambda session: sweep_workers(session, clock()))
    with runtime.reading() as session:
        assert list(session.scalars(select(WorkerRow.id))) == []


@given(st.timedeltas(timedelta(days=-2), timedelta(days=2)))
def test_an_age_is_never_negative_and_always_whole_slots(since: timedelta) -> None:
    now = datetime(2026, 12, 1, 9, 3, tzinfo=UTC)
    age = Living(1, now - since).queue_age(now)
    assert age % 600 == 0
    assert age == 0 or age <= since.total_seconds() < age + 600
