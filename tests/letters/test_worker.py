"""The worker's rounds: everything due is done, one failure stops nothing else, and what expired is swept out."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from structlog.testing import capture_logs

from letters.models.signatures import SignatureRow, SubscriptionRow
from letters.models.workers import living
from letters.runtime import Runtime
from letters.signing.sending import Sender, make_transport
from letters.worker import Worker, sweep
from tests.parts.campaign import Campaign, open_campaign
from tests.parts.clock import Clock
from tests.parts.smtp import MailServer
from verification.access.spent import AlreadySpent, spend_proof
from verification.mailbox.challenges import ChallengeRow
from verification.mailbox.outbox import OutboxRow

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def worker(runtime: Runtime, app: Flask) -> Iterator[Worker]:
    """A worker on the installation under test."""
    transport = make_transport(runtime)
    yield Worker(runtime, Sender(runtime, app, transport), idle=0.01)
    transport.close()


def rows(runtime: Runtime) -> dict[str, int]:
    """How much is stored about people."""
    tables = (SignatureRow, SubscriptionRow, ChallengeRow, OutboxRow)
    with runtime.reading() as session:
        return {table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def test_a_round_sends_and_releases(worker: Worker, campaign: Campaign, clock: Clock) -> None:
    campaign.sign(email="vera@example.org")
    worker.round()
    campaign.confirm(campaign.links("vera@example.org")[-1])
    clock.advance(minutes=1)
    worker.round()
    assert campaign.letter.total == 1


@sqlite_only
def test_a_round_says_how_many_mails_it_took_up(worker: Worker, campaign: Campaign) -> None:
    assert worker.round() == 0
    for number in range(12):
        campaign.sign(email=f"signer{number}@example.org")
    assert [worker.round(), worker.round(), worker.round()] == [12, 0, 0]


@sqlite_only
def test_mail_goes_out_while_a_letter_cannot_be_printed(worker: Worker, campaign: Campaign, clock: Clock) -> None:
    campaign.join(1, display="named")
    (worker.runtime.settings.keys / "names.key").unlink()
    worker.runtime.keyring.create_server_keys()
    campaign.sign(email="vera@example.org")
    clock.advance(minutes=1)
    with capture_logs() as logs:
        assert worker.round() == 1
    assert len(campaign.links("vera@example.org")) == 1
    said = [(log["event"], log["error"], log["letter"]) for log in logs]
    assert said == [("worker failed", "BoxDamaged", campaign.slug)]
    assert campaign.letter.number == 0


@sqlite_only
def test_a_failure_is_logged_by_type_and_place_alone(worker: Worker, campaign: Campaign) -> None:
    campaign.sign(name="Vera Marker", email="marker@example.org")
    with worker.runtime.engine.begin() as connection:
        connection.execute(text("ALTER TABLE challenges RENAME TO elsewhere"))
    with capture_logs() as logs:
        assert worker.round() == 0
    assert logs
    assert {log["error"] for log in logs} == {"OperationalError"}
    assert all(place.rpartition(":")[2].isdigit() for log in logs for place in log["where"])
    assert "marker" not in str(logs).lower()


@sqlite_only
def test_a_worker_outlives_a_database_that_is_away(worker: Worker, campaign: Campaign) -> None:
    campaign.sign(email="vera@example.org")
    rename = "ALTER TABLE {} RENAME TO {}"
    with worker.runtime.engine.begin() as connection:
        connection.execute(text(rename.format("outbox", "away")))
    with capture_logs():
        assert worker.round() == 0
    with worker.runtime.engine.begin() as connection:
        connection.execute(text(rename.format("away", "outbox")))
    assert worker.round() == 1


@sqlite_only
def test_a_worker_works_until_it_is_told_to_stop(worker: Worker, campaign: Campaign, mail_server: MailServer) -> None:
    stop = threading.Event()
    running = threading.Thread(target=worker.run, args=(stop.is_set,), daemon=True)
    campaign.sign(email="vera@example.org")
    running.start()
    until = time.monotonic() + 10
    while not mail_server.accepted and time.monotonic() < until:
        time.sleep(0.01)
    stop.set()
    running.join(10)
    assert not running.is_alive()
    assert len(mail_server.accepted) == 1


def test_what_nobody_confirmed_in_time_is_swept_out_whole(campaign: Campaign, clock: Clock) -> None:
    campaign.sign(email="vera@example.org", updates="1")
    campaign.send_mail()
    assert rows(campaign.runtime) == {"signatures": 1, "subscriptions": 1, "challenges": 1, "outbox": 0}
    clock.now = datetime(2026, 12, 8, 23, 59, tzinfo=UTC)
    campaign.runtime.settle(lambda session: sweep(session, clock()))
    assert rows(campaign.runtime)["signatures"] == 1
    clock.advance(minutes=1)
    campaign.runtime.settle(lambda session: sweep(session, clock()))
    assert set(rows(campaign.runtime).values()) == {0}


@sqlite_only
def test_an_address_that_no_mail_reached_is_swept_out(campaign: Campaign, clock: Clock) -> None:
    campaign.sign(email="vera@example.org")
    clock.advance(days=8)
    campaign.runtime.settle(lambda session: sweep(session, clock()))
    assert rows(campaign.runtime)["outbox"] == 0


@sqlite_only
def test_a_spent_proof_is_kept_as_long_as_it_could_be_used_again(runtime: Runtime, clock: Clock) -> None:
    def spend() -> None:
        runtime.settle(lambda session: spend_proof(session, b"p" * 32, clock().date()))

    spend()
    runtime.settle(lambda session: sweep(session, clock()))
    with pytest.raises(AlreadySpent):
        spend()
    clock.advance(days=1)
    runtime.settle(lambda session: sweep(session, clock()))
    spend()


@sqlite_only
def test_what_was_confirmed_stays(campaign: Campaign, clock: Clock) -> None:
    private = campaign.join(1, updates="1")
    clock.advance(days=60)
    campaign.runtime.settle(lambda session: sweep(session, clock()))
    assert rows(campaign.runtime) == {"signatures": 1, "subscriptions": 1, "challenges": 1, "outbox": 0}
    assert campaign.client.get(private).status_code == 200


@sqlite_only
def test_the_worker_sweeps_when_it_starts(worker: Worker, campaign: Campaign, clock: Clock) -> None:
    campaign.sign(email="vera@example.org")
    clock.advance(days=8)
    worker.round()
    assert set(rows(campaign.runtime).values()) == {0}


@sqlite_only
def test_after_the_days_for_changes_a_private_link_says_so(
    worker: Worker, runtime: Runtime, app: Flask, mail_server: MailServer, clock: Clock
) -> None:
    closes_at = datetime(2026, 12, 2, 9, tzinfo=UTC)
    campaign = open_campaign(runtime, app, mail_server, closes_at=closes_at)
    private = campaign.join(1, display="named")
    clock.now = closes_at
    worker.round()
    clock.advance(days=29)
    assert campaign.client.post(private, data={"display": "pseudonym"}).status_code == 303
    clock.advance(days=2)
    worker.round()
    answer = campaign.client.post(f"/en{private}", data={"withdraw": "1"})
    assert answer.status_code == 409
    assert "can no longer be changed" in answer.text
    assert campaign.letter.total == 1


@sqlite_only
def test_a_sweep_leaves_nothing_in_the_write_ahead_log(worker: Worker, campaign: Campaign) -> None:
    campaign.sign()
    log = Path(f"{campaign.runtime.engine.url.database}-wal")
    assert log.stat().st_size > 0
    worker._sweep()
    assert log.stat().st_size == 0


@sqlite_only
def test_a_worker_tells_that_it_lives_and_when_it_stops(worker: Worker, campaign: Campaign, clock: Clock) -> None:
    def alive() -> int:
        with campaign.runtime.reading() as session:
            return living(session, clock()).workers

    assert alive() == 0
    worker.round()
    assert alive() == 1
    worker.run(lambda: True)
    assert alive() == 0


@sqlite_only
def test_a_worker_tells_it_again_only_after_a_while(worker: Worker, campaign: Campaign, clock: Clock) -> None:
    worker.round()
    clock.advance(minutes=6)
    worker.round()
    with campaign.runtime.reading() as session:
        assert living(session, clock()).workers == 0, "the same fifteen seconds by the monotonic clock"
