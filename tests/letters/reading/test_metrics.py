"""Figures for the host: for this machine alone, and of no use to whoever watches for a visit."""

import re

import pytest

from letters.reading.metrics import GRAIN, LOOK_EVERY
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from tests.parts.smtp import MailServer

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def figures(campaign: Campaign) -> dict[str, float]:
    answer = campaign.client.get("/metrics")
    assert answer.status_code == 200
    found = re.findall(r"^(\w+)(?:\{[^}]*\})? (\S+)$", answer.text, re.MULTILINE)
    return {name: float(value) for name, value in found}


def test_metrics_tell_what_waits_and_what_is_late(campaign: Campaign, clock: Clock) -> None:
    assert figures(campaign)["undersigned_mails_waiting"] == 0
    campaign.sign()
    campaign.join(1)
    campaign.sign(email="other@example.org")
    clock.advance(minutes=25)
    assert figures(campaign) == {
        "undersigned_mails_waiting": GRAIN,
        "undersigned_mails_dead": 0,
        "undersigned_signatures_held": 0,
        "undersigned_edition_lag_seconds": 1200,
    }


def test_a_visit_cannot_be_seen_in_them(campaign: Campaign, clock: Clock) -> None:
    campaign.sign()
    before = campaign.client.get("/metrics").data
    for number in range(3):
        campaign.sign(email=f"other{number}@example.org")
        campaign.client.get(f"/letters/{campaign.slug}")
    assert campaign.client.get("/metrics").data == before, "not for ten minutes"
    clock.advance(seconds=LOOK_EVERY.total_seconds())
    assert campaign.client.get("/metrics").data == before, "and not for a few people"


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
    assert figures(campaign)["undersigned_mails_dead"] == GRAIN
