"""What a dashboard says about mail: this letter's alone, by kind of trouble, and of no mail when it came."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from letters.models.updates import UpdateRow
from letters.organising.watching.mails import Bounces, Mails, Trouble, count_bounces, look_at_mails, trouble_of
from letters.runtime import Runtime
from tests.letters.publishing.crowd import Crowd, open_crowd
from tests.parts.clock import Clock
from verification.mailbox.outbox import OutboxRow

QUIET = Mails(0, 0, 0, 0, {}, None, unattended=False, at_least=False)


@pytest.fixture
def crowd(runtime: Runtime) -> Crowd:
    return open_crowd(runtime)


def looked(crowd: Crowd) -> Mails:
    with crowd.runtime.reading() as session:
        return look_at_mails(session, crowd.letter.id, crowd.runtime.clock())


def mark(crowd: Crowd, **values: Any) -> None:
    crowd.tamper(update(OutboxRow).values(**values))


def test_no_mail_is_no_trouble(crowd: Crowd) -> None:
    assert looked(crowd) == QUIET


def test_a_fresh_mail_waits(crowd: Crowd) -> None:
    crowd.sign(1)
    mails = looked(crowd)
    assert (mails.waiting, mails.days, mails.unattended) == (1, 0, False)


def test_the_mail_of_another_letter_is_not_counted(crowd: Crowd, runtime: Runtime) -> None:
    other = open_crowd(runtime, demo="safe-staffing", countries=("BY",))
    other.sign(1)
    assert (looked(crowd), looked(other).waiting) == (QUIET, 1)


def test_mail_over_its_cap_is_put_off(crowd: Crowd, clock: Clock) -> None:
    crowd.sign(1)
    mark(crowd, due_at=clock() + timedelta(hours=1))
    assert (looked(crowd).put_off, looked(crowd).failing) == (1, 0)


def test_failed_mail_is_told_by_why(crowd: Crowd, clock: Clock) -> None:
    crowd.sign(1)
    mark(crowd, failures=2, last_failure="ConnectionRefusedError", due_at=clock() + timedelta(minutes=2))
    mails = looked(crowd)
    assert (mails.waiting, mails.failing, mails.put_off) == (1, 1, 0)
    assert mails.troubles == {Trouble.UNREACHABLE: 1}


def test_dead_letters_are_told_by_why(crowd: Crowd) -> None:
    crowd.sign(1)
    mark(crowd, state="dead", failures=1, last_failure="recipient refused with 550")
    mails = looked(crowd)
    assert (mails.waiting, mails.dead, mails.troubles, mails.days) == (0, 1, {Trouble.RECIPIENT: 1}, None)


def test_a_retried_dead_letter_no_longer_counts_as_failed(crowd: Crowd) -> None:
    crowd.sign(1)
    mark(crowd, last_failure="recipient refused with 550")
    assert (looked(crowd).waiting, looked(crowd).troubles) == (1, {})


def test_mail_that_lies_since_yesterday_tells_of_a_worker_that_stands_still(crowd: Crowd, clock: Clock) -> None:
    crowd.sign(1)
    clock.advance(days=1)
    assert (looked(crowd).days, looked(crowd).unattended) == (1, True)


@pytest.mark.parametrize("time", ["due_at", "leased_until"])
def test_mail_that_is_long_due_tells_so_too(crowd: Crowd, clock: Clock, time: str) -> None:
    crowd.sign(1)
    lease = {"lease": b"0" * 16} if time == "leased_until" else {}
    mark(crowd, **{time: clock() - timedelta(minutes=5)}, **lease)
    assert not looked(crowd).unattended
    clock.advance(minutes=6)
    assert looked(crowd).unattended


@pytest.mark.parametrize(
    ("failure", "trouble"),
    [
        ("recipient refused with 450", Trouble.RECIPIENT),
        ("the mail server takes no address of this kind", Trouble.RECIPIENT),
        ("SMTPDataError 452", Trouble.SERVER),
        ("SMTPServerDisconnected", Trouble.UNREACHABLE),
        ("gaierror", Trouble.UNREACHABLE),
        ("TimeoutError", Trouble.UNREACHABLE),
        ("An encrypted value does not open; the key folder is not the one", Trouble.OTHER),
        (None, Trouble.OTHER),
    ],
)
def test_failures_are_sorted_by_who_refused(failure: str | None, trouble: Trouble) -> None:
    assert trouble_of(failure) is trouble


def test_bounces_are_summed_over_updates(crowd: Crowd) -> None:
    about = {"letter_id": crowd.letter.id, "state": "sent", "texts": {}, "version": 1}
    crowd.tamper(*(insert(UpdateRow).values(number=number, queued=100, bounced=number, **about) for number in (1, 2)))
    with crowd.runtime.reading() as session:
        assert count_bounces(session, crowd.letter.id) == Bounces(200, 3)


@pytest.mark.parametrize("database", ["sqlite"])
def test_no_update_is_no_bounce(crowd: Crowd) -> None:
    with crowd.runtime.reading() as session:
        assert count_bounces(session, crowd.letter.id) == Bounces(0, 0)
