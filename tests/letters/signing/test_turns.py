"""Mails are taken up and decided on together, and still each by itself."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import Engine, Insert, event, select, text
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from letters.signing.sending import MANY, Sender, make_transport
from letters.signing.turns import Outbox
from tests.faults.processes import person
from tests.letters.signing.asking import one_database, send, signatures
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from tests.parts.smtp import ACCEPTED
from verification.mailbox.delivery import Transport, for_sure
from verification.mailbox.messages import Mail
from verification.mailbox.outbox import Backlog, OutboxRow, backlog

Row = Mapping[str, object]


@pytest.fixture
def sender(campaign: Campaign) -> Iterator[Sender]:
    transport = make_transport(campaign.runtime)
    yield Sender(campaign.runtime, campaign.app, transport)
    transport.close()


def queue(campaign: Campaign, mails: int, first: int = 0) -> None:
    for number in range(first, first + mails):
        assert campaign.sign(**person(number)).status_code == 303


def waiting(campaign: Campaign) -> Backlog:
    with campaign.runtime.reading() as session:
        return backlog(session)


def arrived(campaign: Campaign) -> list[str]:
    return sorted(address for mail in campaign.mail_server.accepted for address in mail.recipients)


@contextmanager
def commits(engine: Engine) -> Iterator[list[object]]:
    seen: list[object] = []

    def note(connection: object) -> None:
        seen.append(connection)

    event.listen(engine, "commit", note)
    yield seen
    event.remove(engine, "commit", note)


def test_the_same_form_twice_in_one_group_brings_one_mail(campaign: Campaign, sender: Sender) -> None:
    for _ in range(3):
        send(campaign, {})
    send(campaign, {"email": "other@example.org"})
    turn = Outbox(campaign.runtime, 60, None).turn((), (), 10)
    assert (len(turn.held), len(turn.done)) == (2, 2)
    assert len(signatures(campaign.runtime)) == 2


def test_known_and_unknown_addresses_in_one_group_get_each_their_own(campaign: Campaign, sender: Sender) -> None:
    private = campaign.join(1)
    send(campaign, {"email": "signer1@example.org"})
    queue(campaign, 3, first=2)
    while sender.send_some():
        pass
    assert campaign.links("signer1@example.org")[-1] == private
    assert len({campaign.links(person(number)["email"])[0] for number in range(2, 5)}) == 3
    assert {campaign.confirm(campaign.links(person(number)["email"])[0]).status_code for number in range(2, 5)} == {303}


@one_database
def test_a_fast_server_gets_many_mails_for_few_commits(
    campaign: Campaign, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("letters.signing.sending.FRESH", 60)
    monkeypatch.setattr("letters.signing.sending.IN_DOUBT", 60)
    queue(campaign, 30)
    with commits(campaign.runtime.engine) as seen:
        assert replace(sender, at_once=60).send_some() == 30
    assert len(seen) == 5, "groups of 2, 4, 8 and 16, and a look that finds nothing"
    assert MANY > 16


def test_a_mail_that_is_taken_back_while_it_is_held_is_not_sent(campaign: Campaign) -> None:
    queue(campaign, 2)
    outbox = Outbox(campaign.runtime, 60, None)
    held = outbox.turn((), (), 2).held
    with campaign.runtime.engine.begin() as connection:
        connection.execute(text("UPDATE challenges SET outcome = 'superseded'"))
    turn = outbox.turn((), held, 2)
    assert (len(turn.held), len(turn.done)) == (0, 2)


def test_whoever_lost_the_lease_sends_nothing(campaign: Campaign) -> None:
    queue(campaign, 3)
    paused, other = Outbox(campaign.runtime, 0, None), Outbox(campaign.runtime, 60, None)
    lost = paused.turn((), (), 3).held
    taken = other.turn((), (), 3).held
    assert paused.turn((), lost, 3).held == ()
    paused.end((), lost)
    assert {one.mail.id for one in other.turn((), taken, 3).held} == {one.mail.id for one in lost}


def test_what_is_given_back_can_be_taken_at_once(campaign: Campaign) -> None:
    queue(campaign, 3)
    one, other = (Outbox(campaign.runtime, 60, None) for _ in range(2))
    one.end((), one.turn((), (), 3).held)
    assert len(other.turn((), (), 3).held) == 3


@one_database
def test_a_slow_server_lets_the_other_work_have_its_turn(campaign: Campaign, sender: Sender) -> None:
    queue(campaign, 12)
    campaign.mail_server.mood.stall = 0.05
    begun = time.monotonic()
    assert 0 < replace(sender, at_once=0.2).send_some() < 12
    assert time.monotonic() - begun < 2
    campaign.mail_server.mood.stall = 0
    while sender.send_some():
        pass
    assert arrived(campaign) == sorted(person(number)["email"] for number in range(12))


@one_database
def test_what_was_sent_while_the_database_went_away_is_written_down_later(
    campaign: Campaign, sender: Sender, clock: Clock
) -> None:
    queue(campaign, 2)
    engine = campaign.runtime.engine

    def away(*_: object) -> None:
        if campaign.mail_server.accepted:
            raise DBAPIError("", {}, Exception("away"))

    event.listen(engine, "begin", away)
    with pytest.raises(DBAPIError):
        sender.send_some()
    event.remove(engine, "begin", away)
    assert waiting(campaign) == Backlog(2, 0)
    clock.advance(seconds=60)
    while sender.send_some():
        pass
    assert (waiting(campaign), len(arrived(campaign))) == (Backlog(0, 0), 2)


@dataclass(frozen=True)
class Stumbling:
    """Trips over a mail to one address, and hands on any other."""

    transport: Transport
    over: str

    def send(self, mail: Mail, check: Callable[[], None] = for_sure) -> None:
        if mail.to == self.over:
            raise KeyError(mail.to)
        self.transport.send(mail, check)

    def close(self) -> None:
        self.transport.close()


def failures(campaign: Campaign) -> list[tuple[int, str | None]]:
    """Of each mail that is still there: how often it was tried, and what came of it last."""
    with campaign.runtime.reading() as session:
        return [(row.failures, row.last_failure) for row in session.scalars(select(OutboxRow))]


@one_database
def test_a_mail_that_cannot_be_handed_over_holds_up_no_other(campaign: Campaign, sender: Sender) -> None:
    queue(campaign, 6)
    stumbling = replace(sender, transport=Stumbling(sender.transport, person(3)["email"]))
    with capture_logs() as logs:
        while stumbling.send_some():
            pass
    assert len(arrived(campaign)) == 5
    assert failures(campaign) == [(1, "KeyError")]
    assert person(3)["email"] not in str(logs)


def test_a_mail_that_cannot_be_decided_on_holds_up_no_other(campaign: Campaign, sender: Sender) -> None:
    queue(campaign, 6)
    with campaign.runtime.reading() as session:
        over = session.scalars(select(OutboxRow.subject)).first()

    def stumble(_on: object, statement: object, many: Sequence[Row], one: Row, _options: object) -> None:
        if isinstance(statement, Insert) and any(row.get("subject") == over for row in (*many, one)):
            raise KeyError

    event.listen(campaign.runtime.engine, "before_execute", stumble)
    while sender.send_some():
        pass
    assert len(arrived(campaign)) == 5
    assert failures(campaign) == [(1, "KeyError")]


@one_database
def test_without_a_key_mail_waits_and_nothing_is_counted_against_it(
    campaign: Campaign, sender: Sender, clock: Clock
) -> None:
    queue(campaign, 3)
    key = campaign.runtime.keyring.folder / "outbox.key"
    key.rename(key.with_suffix(".away"))
    while sender.send_some():
        pass
    key.with_suffix(".away").rename(key)
    assert failures(campaign) == [(0, None)] * 3
    clock.advance(minutes=5)
    while sender.send_some():
        pass
    assert len(arrived(campaign)) == 3


@pytest.mark.parametrize("left", ["taken over", "taken back", "ours"])
def test_a_mail_that_a_slow_server_made_wait_goes_out_only_if_it_is_still_ours(
    campaign: Campaign, sender: Sender, clock: Clock, monkeypatch: pytest.MonkeyPatch, left: str
) -> None:
    """Otherwise two workers and a server that takes longer than a lease would send one mail for ever."""
    monkeypatch.setattr("verification.mailbox.delivery.WAITED", 0)
    other = Outbox(campaign.runtime, 60, None)

    def wait(_address: str) -> str:
        clock.advance(seconds=61)
        if left == "taken over":
            assert len(other.turn((), (), 1).held) == 1
        if left == "taken back":
            with campaign.runtime.engine.begin() as connection:
                connection.execute(text("UPDATE challenges SET outcome = 'superseded'"))
        return ACCEPTED

    queue(campaign, 1)
    campaign.mail_server.mood.recipient = wait
    assert sender.send_some() == 1
    assert len(arrived(campaign)) == (left == "ours")
    assert waiting(campaign) == Backlog(1 if left == "taken over" else 0, 0)
