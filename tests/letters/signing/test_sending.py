"""Mail caps: what is over them is dropped or waits, is no failure, and nobody is told."""

import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from letters.signing.sending import Sender, make_caps
from tests.letters.signing.asking import one_database, send, signatures, stored
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from verification.identity.addresses import parse_address
from verification.mailbox.delivery import SmtpTransport
from verification.mailbox.outbox import OutboxRow, backlog

ADDRESS = "vera@example.org"


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return {**environment, "UNDERSIGNED_THROTTLE": "on"}


@pytest.fixture
def sender(campaign: Campaign) -> Iterator[Sender]:
    """A worker's sender, with its caps."""
    settings = campaign.runtime.settings
    transport = SmtpTransport(settings.smtp_url or "", settings.mail_from, patience=5)
    yield Sender(campaign.runtime, campaign.app, transport, caps=make_caps(campaign.runtime))
    transport.close()


def send_all(sender: Sender) -> None:
    while sender.send_some():
        pass


def waiting(campaign: Campaign) -> list[OutboxRow]:
    with campaign.runtime.reading() as session:
        rows = list(session.scalars(select(OutboxRow)))
        session.expunge_all()
    return rows


def test_the_sixth_mail_of_a_day_waits_for_the_next(
    campaign: Campaign,
    sender: Sender,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    for number in range(7):
        assert (
            send(campaign, {"email": f"Vera+{number}@example.org", "name": f"Vera Example {number}"}).status_code == 303
        )
    capsys.readouterr()
    send_all(sender)
    assert len(campaign.mail_server.accepted) == 5
    assert [row.failures for row in waiting(campaign)] == [0, 0]
    assert len(signatures(campaign.runtime)) == 7
    assert all(row.expires_on for row in signatures(campaign.runtime))
    told, logged = capsys.readouterr(), [str(record) for record in caplog.records if record.name != "mail.log"]
    assert "vera" not in f"{told.out}{told.err}{logged}".casefold()  # mail.log is the mail server of the tests
    clock.advance(days=1)
    send_all(sender)
    assert (len(campaign.mail_server.accepted), waiting(campaign)) == (7, [])


@one_database
def test_over_a_domains_cap_mail_waits_and_none_is_lost_or_failed(
    campaign: Campaign, sender: Sender, clock: Clock
) -> None:
    for number in range(299):
        sender.caps.count(parse_address(f"somebody{number}@example.org"))
    for number in range(3):
        send(campaign, {"email": f"signer{number}@example.org"})
    send(campaign, {"email": "signer@example.com"})
    send_all(sender)
    assert len(campaign.mail_server.accepted) == 2
    assert len(campaign.mail_server.to("signer@example.com")) == 1
    assert [(row.failures, row.last_failure, row.lease) for row in waiting(campaign)] == [(0, None, None)] * 2
    clock.advance(minutes=10)
    send_all(sender)
    assert len(campaign.mail_server.accepted) == 4
    assert stored(campaign.runtime) > 0
    with campaign.runtime.reading() as session:
        assert backlog(session).dead == 0


@one_database
def test_a_mail_that_failed_is_not_counted_for_its_address(campaign: Campaign, sender: Sender, clock: Clock) -> None:
    campaign.mail_server.mood.recipient = lambda _address: "451 try later"
    send(campaign, {})
    for _ in range(6):
        send_all(sender)
        clock.advance(hours=2)
    campaign.mail_server.mood.recipient = lambda _address: "250 OK"
    clock.advance(hours=4)
    send_all(sender)
    assert len(campaign.mail_server.to(ADDRESS)) == 1
