"""Mail servers that refuse, stall, hang up and go away."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from flask import Flask

from letters.runtime import Runtime
from letters.signing.sending import Sender
from tests.faults.measured import Measure
from tests.faults.processes import links_by_address, person, sent_again
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from tests.parts.smtp import ACCEPTED, MailServer, Mood
from verification.mailbox.delivery import SmtpTransport
from verification.mailbox.outbox import PAUSES, Backlog, backlog

PATIENCE = 0.2
ROUNDS = 2
"""How often everything is tried in vain."""

MOODS = {
    "the mail server puts recipients off (451)": Mood(recipient=lambda _address: "451 4.7.1 try later"),
    "the mail server puts messages off (452)": Mood(data="452 4.3.1 no room"),
    "the mail server stalls past the worker's patience": Mood(stall=5 * PATIENCE),
    "the mail server takes the message, then hangs up instead of saying so": Mood(drop=True),
}


@pytest.fixture
def clock() -> Clock:
    """A clock that jumps over the pauses of the back-off."""
    return Clock()


@dataclass(frozen=True)
class Post:
    """A crowd's mail, and two workers that live by the test's clock; the hasty one waits for no slow server."""

    campaign: Campaign
    sender: Sender
    hasty: Sender
    clock: Clock
    mail_server: MailServer

    def queue(self, mails: int) -> None:
        for number in range(mails):
            assert self.campaign.sign(**person(number)).status_code == 303

    def try_in_vain(self) -> None:
        for pause in PAUSES[:ROUNDS]:
            while self.hasty.send_some():
                pass
            self.clock.advance(seconds=pause)

    def try_now(self) -> None:
        while self.sender.send_some():
            pass

    def backlog(self) -> Backlog:
        with self.campaign.runtime.reading() as session:
            return backlog(session)

    def confirmed(self) -> int:
        """What the next edition counts when everybody presses the button of every mail that came."""
        for received in links_by_address(self.mail_server.accepted).values():
            assert {self.campaign.confirm(link).status_code for link in received} == {303}
        return self.campaign.release().total


@pytest.fixture
def post(campaign: Campaign, runtime: Runtime, app: Flask, mail_server: MailServer, clock: Clock) -> Iterator[Post]:
    patient, hasty = (
        Sender(runtime, app, SmtpTransport(mail_server.url, runtime.settings.mail_from, patience))
        for patience in (20, PATIENCE)
    )
    yield Post(campaign, patient, hasty, clock, mail_server)
    patient.transport.close()
    hasty.transport.close()


@pytest.mark.parametrize("fault", MOODS)
def test_a_mail_server_in_a_bad_mood_loses_no_mail(
    fault: str, post: Post, mail_server: MailServer, repetitions: Callable[[int, int], int], measured: Measure
) -> None:
    mails = repetitions(5, 50)
    post.queue(mails)
    good, mail_server.mood = mail_server.mood, replace(MOODS[fault])
    post.try_in_vain()
    assert post.backlog() == Backlog(waiting=mails, dead=0)
    mail_server.mood = good
    post.try_now()
    assert post.backlog() == Backlog(waiting=0, dead=0)
    tell(measured, fault, post, mails, f"each tried {ROUNDS} times in vain")


def test_a_mail_server_that_goes_away_for_a_while_loses_no_mail(
    post: Post, mail_server: MailServer, repetitions: Callable[[int, int], int], measured: Measure
) -> None:
    mails = repetitions(20, 100)
    post.queue(mails)
    replace(post.sender, at_once=0.01).send_some()
    mail_server.go_away()
    assert 0 < len(mail_server.accepted) < mails
    post.sender.send_some()
    post.try_in_vain()
    assert post.backlog().dead == 0
    mail_server.listen()
    post.try_now()
    assert post.backlog() == Backlog(waiting=0, dead=0)
    tell(measured, "the mail server goes away in mid-queue and comes back", post, mails)


def test_a_refused_recipient_holds_nobody_else_up(
    post: Post, mail_server: MailServer, repetitions: Callable[[int, int], int], measured: Measure
) -> None:
    mails = repetitions(12, 90)
    refused = [person(number)["email"] for number in range(0, mails, 3)]
    mail_server.mood.recipient = lambda address: f"550 5.1.1 <{address}> unknown" if address in refused else ACCEPTED
    post.queue(mails)
    post.try_now()
    assert post.backlog() == Backlog(waiting=0, dead=len(refused))
    assert not links_by_address(mail_server.accepted).keys() & set(refused)
    fault = "the mail server knows every third recipient not (550)"
    tell(measured, fault, post, mails - len(refused), f"{len(refused)} dead letters, which can be queued again")


def tell(measured: Measure, fault: str, post: Post, mails: int, remark: str = "") -> None:
    """Check that each of these mails came, and that every copy leads to the same signature; then note it down."""
    accepted = post.mail_server.accepted
    arrived, twice, total = len(links_by_address(accepted)), sent_again(accepted), post.confirmed()
    assert (arrived, total) == (mails, mails)
    assert len(accepted) - arrived == twice
    measured(fault, f"{mails} mails", mails - arrived, total - mails, twice, remark)
