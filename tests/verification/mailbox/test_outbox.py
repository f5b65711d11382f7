"""The outbox: every mail has one holder at a time, comes back when that one fails, and is given up in the end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.parts.clock import Clock
from verification.mailbox.outbox import (
    PAUSES,
    About,
    Backlog,
    NewMail,
    OutboxRow,
    State,
    Waiting,
    backlog,
    bury,
    enqueue,
    lease_due,
    postpone,
    remember_challenges,
    remove_updates,
    retry_dead,
    settle,
    sweep_outbox,
    waiting_updates,
)

SUBJECT, MINE, YOURS, CHALLENGE = (bytes([number]) * 16 for number in range(1, 5))
SECONDS = 60.0


def put(session: Session, clock: Clock, number: int = 0) -> bytes:
    id = number.to_bytes(16)
    enqueue(session, NewMail(id, SUBJECT, "be", b"address", clock.now.date() + timedelta(days=7)))
    return id


def lease(session: Session, clock: Clock, name: bytes = MINE, at_most: int = 10) -> list[Waiting]:
    return lease_due(session, name, clock.now, SECONDS, at_most)


def test_a_leased_mail_says_what_was_queued(session: Session, clock: Clock) -> None:
    id = put(session, clock)
    assert lease(session, clock) == [Waiting(id, About.SIGNATURE, SUBJECT, None, None, "be", b"address", 0)]


def test_nobody_else_gets_a_leased_mail_until_its_lease_ends(session: Session, clock: Clock) -> None:
    put(session, clock)
    lease(session, clock)
    clock.advance(seconds=SECONDS - 1)
    assert lease(session, clock, YOURS) == []
    clock.advance(seconds=1)
    assert len(lease(session, clock, YOURS)) == 1


def test_racing_workers_never_lease_the_same_mail(engine: Engine, clock: Clock) -> None:
    workers, mails = 6, 30
    start = Barrier(workers)
    with Session(engine) as session:
        for number in range(mails):
            put(session, clock, number)
        session.commit()

    def work(number: int) -> list[bytes]:
        start.wait()
        with Session(engine) as session:
            mine = lease(session, clock, bytes([number]) * 16)
            session.commit()
        return [mail.id for mail in mine]

    with ThreadPoolExecutor(workers) as threads:
        leased = [id for ids in threads.map(work, range(workers)) for id in ids]
    assert len(leased) == len(set(leased))
    assert len(leased) >= mails // 2


def test_a_lease_takes_no_more_than_asked(session: Session, clock: Clock) -> None:
    ids = {put(session, clock, number) for number in range(3)}
    first = lease(session, clock, at_most=2)
    assert len(first) == 2
    assert {mail.id for mail in (*first, *lease(session, clock, at_most=5))} == ids


def test_nothing_says_which_mail_came_first(session: Session, clock: Clock) -> None:
    """Neither a time nor a running number; the search begins at a random id, so none waits for ever."""
    for number in (1, 9, 5):
        put(session, clock, number)
    kept = session.execute(select(OutboxRow.due_at, OutboxRow.leased_until)).all()
    assert kept == [(None, None)] * 3
    begun = (4).to_bytes(16)
    assert [mail.id[-1] for mail in lease(session, clock, begun, at_most=1)] == [5]
    assert sorted(mail.id[-1] for mail in lease(session, clock, begun, at_most=5)) == [1, 9]


def test_a_postponed_mail_is_not_leased_before_its_time(session: Session, clock: Clock) -> None:
    put(session, clock)
    (mail,) = lease(session, clock)
    postpone(session, mail, MINE, "451", clock.now)
    clock.advance(seconds=PAUSES[0] - 1)
    assert lease(session, clock) == []
    clock.advance(seconds=1)
    assert len(lease(session, clock)) == 1


def test_a_dead_letter_keeps_no_time(session: Session, clock: Clock) -> None:
    put(session, clock)
    (mail,) = lease(session, clock)
    postpone(session, mail, MINE, "451", clock.now)
    clock.advance(seconds=PAUSES[0])
    (mail,) = lease(session, clock)
    bury(session, mail, MINE, "550")
    assert session.execute(select(OutboxRow.due_at, OutboxRow.leased_until)).all() == [(None, None)]


def test_settling_removes_the_row_and_the_address_with_it(session: Session, clock: Clock) -> None:
    id = put(session, clock)
    lease(session, clock)
    assert settle(session, [id], [MINE]) == [id]
    assert session.scalars(select(OutboxRow)).all() == []


def test_who_lost_the_lease_settles_nothing(session: Session, clock: Clock) -> None:
    id = put(session, clock)
    lease(session, clock)
    clock.advance(seconds=SECONDS)
    lease(session, clock, YOURS)
    assert settle(session, [id], [MINE]) == []
    assert settle(session, [id], [YOURS]) == [id]
    assert settle(session, [id], [YOURS]) == []


def test_who_lost_the_lease_postpones_and_buries_nothing(session: Session, clock: Clock) -> None:
    put(session, clock)
    (mail,) = lease(session, clock)
    clock.advance(seconds=SECONDS)
    lease(session, clock, YOURS)
    postpone(session, mail, MINE, "late", clock.now)
    bury(session, mail, MINE, "late")
    assert backlog(session) == Backlog(waiting=1, dead=0)
    clock.advance(seconds=SECONDS)
    (again,) = lease(session, clock)
    assert again.failures == 0


def test_each_failure_waits_longer_and_the_last_makes_a_dead_letter(session: Session, clock: Clock) -> None:
    put(session, clock)
    for failures, pause in enumerate(PAUSES):
        (mail,) = lease(session, clock)
        assert mail.failures == failures
        assert postpone(session, mail, MINE, "451 try later", clock.now) is State.WAITING
        clock.advance(seconds=pause - 1)
        assert lease(session, clock) == []
        clock.advance(seconds=1)
    (mail,) = lease(session, clock)
    assert postpone(session, mail, MINE, "451 try later", clock.now) is State.DEAD
    clock.advance(days=1)
    assert lease(session, clock) == []
    assert backlog(session) == Backlog(waiting=0, dead=1)
    assert list(PAUSES) == sorted(PAUSES)


def test_a_buried_mail_is_dead_at_once(session: Session, clock: Clock) -> None:
    put(session, clock)
    (mail,) = lease(session, clock)
    assert bury(session, mail, MINE, "recipient refused with 550") is State.DEAD
    assert backlog(session) == Backlog(waiting=0, dead=1)


def test_a_long_reason_is_cut_rather_than_refused(session: Session, clock: Clock) -> None:
    put(session, clock)
    (mail,) = lease(session, clock)
    postpone(session, mail, MINE, "x" * 1000, clock.now)
    assert len(session.scalars(select(OutboxRow.last_failure)).one()) == 80


def test_dead_letters_start_afresh_when_they_are_retried(session: Session, clock: Clock) -> None:
    for number in range(3):
        put(session, clock, number)
    for mail in lease(session, clock)[:2]:
        bury(session, mail, MINE, "550")
    assert retry_dead(session) == 2
    assert [mail.failures for mail in lease(session, clock, YOURS)] == [0, 0]
    assert retry_dead(session) == 0


def test_a_second_attempt_carries_the_challenge_of_the_first(session: Session, clock: Clock) -> None:
    id = put(session, clock)
    (mail,) = lease(session, clock)
    remember_challenges(session, {id: CHALLENGE})
    postpone(session, mail, MINE, "451", clock.now)
    clock.advance(seconds=PAUSES[0])
    (again,) = lease(session, clock)
    assert again.challenge == CHALLENGE


@pytest.mark.parametrize("dead", [False, True])
def test_sweeping_removes_what_expired_before_today_dead_letters_too(
    session: Session, clock: Clock, *, dead: bool
) -> None:
    put(session, clock)
    (mail,) = lease(session, clock)
    if dead:
        bury(session, mail, MINE, "550")
    clock.advance(days=7)
    sweep_outbox(session, clock.now)
    assert backlog(session) != Backlog(waiting=0, dead=0)
    clock.advance(days=1)
    sweep_outbox(session, clock.now)
    assert backlog(session) == Backlog(waiting=0, dead=0)


def put_update(session: Session, clock: Clock, number: int, subject: bytes = SUBJECT) -> bytes:
    id, expires_on = number.to_bytes(16), clock.now.date() + timedelta(days=7)
    enqueue(session, NewMail(id, subject, "be", b"", expires_on, About.UPDATE, number=1))
    return id


def test_updates_are_leased_one_at_a_time_and_only_when_nothing_else_is_due(session: Session, clock: Clock) -> None:
    updates = {put_update(session, clock, number) for number in range(2)}
    others = {put(session, clock, number) for number in range(2, 5)}
    assert {mail.id for mail in lease(session, clock)} == others
    leased = [mail.id for _ in range(3) for mail in lease(session, clock)]
    assert (len(leased), set(leased)) == (2, updates)


def test_a_mail_that_comes_during_an_update_is_leased_next(session: Session, clock: Clock) -> None:
    for number in range(5):
        put_update(session, clock, number)
    lease(session, clock)
    id = put(session, clock, 9)
    assert [mail.id for mail in lease(session, clock, YOURS)] == [id]


def test_waiting_updates_are_counted_and_those_that_are_due(session: Session, clock: Clock) -> None:
    put(session, clock, 9)
    for number in range(4):
        put_update(session, clock, number)
    ((dead,), (late,)) = lease(session, clock), lease(session, clock, YOURS)
    assert dead.about is About.SIGNATURE
    postpone(session, late, YOURS, "451", clock.now)
    assert waiting_updates(session, clock.now) == (4, 3)
    clock.advance(seconds=PAUSES[0])
    assert waiting_updates(session, clock.now) == (4, 4)


def test_only_the_updates_of_a_subject_are_removed(session: Session, clock: Clock) -> None:
    put(session, clock, 1)
    put_update(session, clock, 2)
    put_update(session, clock, 3, subject=CHALLENGE)
    remove_updates(session, [SUBJECT])
    assert {mail.id for _ in range(2) for mail in lease(session, clock)} == {bytes(15) + b"\1", bytes(15) + b"\3"}
