"""Figures for the host: for this machine alone, and of no use to whoever watches for a visit."""

import re
from contextlib import suppress
from dataclasses import replace

import pytest

from letters.app import create_app
from letters.models.workers import beat
from letters.organising.releasing import tend_letters
from letters.reading.slots import GRAIN, SLOT
from letters.runtime import Chance, Runtime
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from tests.parts.smtp import MailServer

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def runtime(runtime: Runtime) -> Runtime:
    """The installation; its lots always round down."""
    return replace(runtime, chance=Chance(below=lambda _bound: 0))


def figures(campaign: Campaign) -> dict[str, float]:
    answer = campaign.client.get("/metrics")
    assert answer.status_code == 200
    found = re.findall(r"^(\w+(?:\{[^}]*\})?) (\S+)$", answer.text, re.MULTILINE)
    return {name.removeprefix("undersigned_"): float(value) for name, value in found}


def test_metrics_tell_what_waits_and_what_is_late(campaign: Campaign, clock: Clock) -> None:
    assert figures(campaign)["mails_waiting"] == 0
    campaign.sign()
    campaign.join(1)
    campaign.sign(email="other@example.org")
    clock.advance(minutes=25)
    told = figures(campaign)
    assert told["mails_waiting"] == GRAIN
    assert told["mails_dead"] == told["signatures_held"] == 0
    assert told[f'edition_lag_seconds{{letter="{campaign.slug}"}}'] == 1200


def test_an_edition_that_fails_is_late_though_the_letters_beat_goes_on(campaign: Campaign, clock: Clock) -> None:
    late = f'edition_lag_seconds{{letter="{campaign.slug}"}}'
    key = campaign.runtime.settings.keys / "identities" / f"{campaign.slug}.key"
    campaign.join(1)
    kept = key.read_bytes()
    key.write_bytes(b"half")
    for _slot in range(4):
        clock.advance(seconds=SLOT)
        with suppress(ExceptionGroup):
            tend_letters(campaign.runtime)
        told = figures(campaign)[late]
    assert told == 1200
    key.write_bytes(kept)
    clock.advance(seconds=SLOT)
    tend_letters(campaign.runtime)
    assert figures(campaign)[late] == 0


def test_a_visit_cannot_be_seen_in_them(campaign: Campaign, clock: Clock) -> None:
    campaign.sign()
    before = campaign.client.get("/metrics").data
    for number in range(3):
        campaign.sign(email=f"other{number}@example.org")
        campaign.client.get(f"/letters/{campaign.slug}")
    assert campaign.client.get("/metrics").data == before, "not for ten minutes"
    clock.advance(seconds=SLOT)
    assert campaign.client.get("/metrics").data == before, "and not for a few people"


def test_many_answers_show_once_their_slot_is_over(campaign: Campaign, clock: Clock) -> None:
    figures(campaign)
    for _ in range(GRAIN):
        assert campaign.client.get("/nowhere").status_code == 404
    page = f"/en/letters/{campaign.slug}"
    for _ in range(GRAIN + 1):
        assert campaign.client.get(page).status_code == 200
    missing = 'answers_total{status="4xx",work="read"}'
    told = figures(campaign)
    assert (told[missing], told["pages_kept_total"]) == (0, 0)
    clock.advance(seconds=SLOT)
    told = figures(campaign)
    assert (told[missing], told["pages_kept_total"]) == (GRAIN, GRAIN)
    assert told["busy_share"] == 0


def test_every_line_is_there_before_anybody_came(campaign: Campaign, clock: Clock) -> None:
    before = set(figures(campaign))
    for _ in range(GRAIN):
        campaign.client.get("/nowhere")
    clock.advance(seconds=SLOT)
    assert set(figures(campaign)) == before


def test_workers_and_the_age_of_the_queue_are_told_as_they_are(campaign: Campaign, clock: Clock) -> None:
    assert figures(campaign)["workers"] == 0
    campaign.sign()
    for _minute in range(25):
        campaign.runtime.settle(lambda session: beat(session, b"1" * 16, clock()))
        clock.advance(minutes=1)
    told = figures(campaign)
    assert (told["workers"], told["mail_queue_age_seconds"], told["database_up"]) == (1, 600, 1)


def test_they_come_while_the_database_is_away(campaign: Campaign, clock: Clock) -> None:
    campaign.sign()
    before = figures(campaign)
    with campaign.runtime.engine.begin() as connection:
        for table in ("workers", "outbox"):
            connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO away_{table}")
    clock.advance(seconds=SLOT)
    told = figures(campaign)
    assert told["database_up"] == 0
    assert told["mails_waiting"] == before["mails_waiting"]
    assert "workers" not in told


def test_another_process_tells_the_same(campaign: Campaign) -> None:
    other = create_app(campaign.runtime).test_client()
    assert other.get("/metrics").data == campaign.client.get("/metrics").data


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"])
def test_nobody_gets_them_through_a_proxy(campaign: Campaign, header: str) -> None:
    assert campaign.client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize("address", ["192.0.2.1", "10.0.0.1", "2001:db8::1", "", "nonsense"])
def test_nobody_gets_them_from_elsewhere(campaign: Campaign, address: str) -> None:
    answer = campaign.client.get("/metrics", environ_overrides={"REMOTE_ADDR": address})
    assert answer.status_code == 404


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_gets_them(campaign: Campaign, address: str) -> None:
    assert campaign.client.get("/metrics", environ_overrides={"REMOTE_ADDR": address}).status_code == 200


def test_they_are_kept_by_nobody(campaign: Campaign) -> None:
    assert campaign.client.get("/metrics").headers["Cache-Control"] == "no-store"


def test_dead_letters_are_counted(campaign: Campaign, mail_server: MailServer) -> None:
    mail_server.mood.recipient = lambda _address: "550 5.1.1 nobody here"
    campaign.sign()
    campaign.send_mail()
    assert figures(campaign)["mails_dead"] == GRAIN
