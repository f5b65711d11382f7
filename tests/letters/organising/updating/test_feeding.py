"""Each subscriber gets an update once, whoever waits for a confirmation goes first, and who left gets nothing."""

from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.orm import Session

from letters.models.signatures import SignatureRow, SignatureState
from letters.models.updates import UpdateRow, UpdateState
from letters.organising.updating.feeding import AT_ONCE, feed, feed_outbox
from letters.organising.updating.sending import stop_update
from letters.runtime import Runtime
from letters.signing.turns import LOOK_AGAIN
from letters.signing.unsubscribing import unsubscribe
from letters.worker import Worker
from tests.letters.organising.updating.subscribing import (
    Post,
    another_letter,
    begin,
    change,
    handle_of,
    outbox,
    send,
    subscribe,
    update_row,
    write,
)
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from verification.mailbox.outbox import OutboxRow

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


def recipients(campaign: Campaign) -> list[str]:
    return sorted(address for mail in campaign.mail_server.accepted for address in mail.recipients)


def addresses(*numbers: int) -> list[str]:
    return sorted(f"signer{number}@example.org" for number in numbers)


def test_every_subscriber_gets_it_once(campaign: Campaign, post: Post) -> None:
    subscribe(campaign, *range(2 * AT_ONCE + 5))
    number = begin(campaign)
    post.deliver()
    assert recipients(campaign) == addresses(*range(2 * AT_ONCE + 5))
    row = update_row(campaign, number)
    assert (row.state, row.queued, outbox(campaign.runtime)) == (UpdateState.SENT.value, 2 * AT_ONCE + 5, [])


def test_only_confirmed_signatures_get_it(campaign: Campaign, post: Post) -> None:
    subscribe(campaign, 1)
    subscribe(campaign, 2, state=SignatureState.HELD)
    subscribe(campaign, 3, state=SignatureState.VOIDED)
    campaign.sign(email="signer4@example.org", updates="1")
    campaign.send_mail()
    campaign.mail_server.accepted.clear()
    begin(campaign)
    post.deliver()
    assert recipients(campaign) == addresses(1)


def test_another_letters_subscribers_get_nothing(campaign: Campaign, post: Post) -> None:
    other = another_letter(campaign)
    subscribe(campaign, 1)
    subscribe(other, 2)
    begin(campaign)
    post.deliver()
    assert recipients(campaign) == addresses(1)


def test_letters_that_send_at_the_same_time_share_the_room(campaign: Campaign, post: Post) -> None:
    other = another_letter(campaign)
    subscribe(campaign, *range(30))
    subscribe(other, *range(30, 60))
    begin(campaign)
    number = begin(other)
    assert feed_outbox(campaign.runtime) == AT_ONCE
    assert update_row(other, number).queued == AT_ONCE // 2
    post.deliver()
    assert recipients(campaign) == addresses(*range(60))


def test_only_a_few_wait_at_a_time(campaign: Campaign) -> None:
    subscribe(campaign, *range(AT_ONCE + 5))
    begin(campaign)
    assert [feed_outbox(campaign.runtime) for _ in range(3)] == [AT_ONCE, 0, 0]


def test_mails_that_are_put_off_keep_no_other_back(campaign: Campaign, post: Post) -> None:
    campaign.mail_server.mood.recipient = lambda _address: "451 try later"
    subscribe(campaign, *range(AT_ONCE + 5))
    begin(campaign)
    post.deliver()
    assert len(outbox(campaign.runtime)) == AT_ONCE + 5


def test_who_unsubscribes_while_the_mail_waits_gets_nothing(campaign: Campaign, post: Post) -> None:
    first, second = subscribe(campaign, 1, 2)
    begin(campaign)
    feed_outbox(campaign.runtime)
    handle = handle_of(campaign.runtime, first)
    assert handle is not None
    campaign.runtime.settle(lambda session: unsubscribe(session, handle))
    assert [row.subject for row in outbox(campaign.runtime)] == [second]
    post.deliver()
    assert recipients(campaign) == addresses(2)


def test_who_is_held_while_the_mail_waits_gets_nothing(campaign: Campaign, post: Post) -> None:
    (id,) = subscribe(campaign, 1)
    begin(campaign)
    feed_outbox(campaign.runtime)
    campaign.runtime.settle(lambda session: hold(session, id))
    post.deliver()
    assert (recipients(campaign), outbox(campaign.runtime)) == ([], [])


def hold(session: Session, id: bytes) -> None:
    row = session.get_one(SignatureRow, id)
    row.state, row.held_for = SignatureState.HELD.value, "organiser"


def test_a_waiting_update_holds_no_address(campaign: Campaign) -> None:
    subscribe(campaign, 1)
    begin(campaign)
    feed_outbox(campaign.runtime)
    assert [(row.address_box, row.challenge) for row in outbox(campaign.runtime)] == [(b"", None)]


def test_what_was_stopped_goes_on_where_it_was(campaign: Campaign, post: Post, clock: Clock) -> None:
    subscribe(campaign, *range(AT_ONCE + 5))
    number = begin(campaign)
    feed_outbox(campaign.runtime)
    while not campaign.mail_server.accepted:
        replace(post.sender, at_once=0.001).send_some()
    campaign.runtime.settle(lambda session: stop_update(session, campaign.letter.id, number))
    sent = len(campaign.mail_server.accepted)
    post.deliver()
    clock.advance(days=1)
    post.deliver()
    assert len(campaign.mail_server.accepted) == sent < AT_ONCE
    send(campaign, number)
    clock.advance(seconds=LOOK_AGAIN.total_seconds())
    post.deliver()
    assert recipients(campaign) == addresses(*range(AT_ONCE + 5))


@pytest.mark.parametrize("hidden", [{"locked_on": date(2026, 12, 1)}, {"taken_down_on": date(2026, 12, 1)}])
def test_a_hidden_letter_mails_nothing_until_it_is_back(
    campaign: Campaign, post: Post, clock: Clock, hidden: dict[str, date]
) -> None:
    subscribe(campaign, *range(AT_ONCE + 5))
    begin(campaign)
    feed_outbox(campaign.runtime)
    why = {"taken_down_for": "Reason"} if "taken_down_on" in hidden else {}
    change(campaign, **hidden, **why)
    post.deliver()
    assert (recipients(campaign), len(outbox(campaign.runtime))) == ([], AT_ONCE)
    change(campaign, **dict.fromkeys([*hidden, *why]))
    clock.advance(seconds=LOOK_AGAIN.total_seconds())
    post.deliver()
    assert recipients(campaign) == addresses(*range(AT_ONCE + 5))


def test_a_confirmation_leaves_within_one_round_while_an_update_is_sent(campaign: Campaign, post: Post) -> None:
    subscribe(campaign, *range(100))
    begin(campaign)
    worker = Worker(campaign.runtime, post.sender)
    for _ in range(3):
        worker.round()
    before = len(campaign.mail_server.accepted)
    campaign.sign(email="vera@example.org")
    worker.round()
    assert campaign.mail_server.accepted[before].recipients == ("vera@example.org",)
    assert 0 < before < 100


@sqlite_only
def test_with_precautions_a_worker_feeds_slowly(campaign: Campaign, post: Post) -> None:
    subscribe(campaign, *range(AT_ONCE + 5))
    number = begin(campaign)
    slow = replace(campaign.runtime, settings=replace(campaign.runtime.settings, throttle=True))
    worker = Worker(slow, post.sender)
    while worker.round():
        pass
    assert update_row(campaign, number).queued == AT_ONCE


@sqlite_only
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(0, 50), ended=st.integers(0, 20))
def test_however_often_feeding_is_broken_off_each_is_queued_once(campaign: Campaign, count: int, ended: int) -> None:
    runtime = campaign.runtime
    letter = another_letter(campaign, f"letter-{runtime.chance.token(8).hex()}")
    ids = subscribe(letter, *range(count + 1))
    number = begin(letter)
    queued: list[bytes] = []
    for step in range(100):
        with suppress(Cut):
            runtime.settle(lambda session, step=step: cut_feed(session, runtime, cut=step < ended))  # type: ignore[misc]
        queued += [row.subject for row in outbox(runtime)]
        runtime.settle(lambda session: session.execute(delete(OutboxRow)))
        if update_row(letter, number).state == UpdateState.SENT.value:
            break
    assert sorted(queued) == sorted(ids)


class Cut(Exception):
    """The worker ended here."""


def cut_feed(session: Session, runtime: Runtime, *, cut: bool) -> None:
    feed(session, runtime.chance.token, runtime.clock())
    if cut:
        raise Cut


def test_an_update_without_its_text_any_more_is_not_mailed(campaign: Campaign, post: Post) -> None:
    subscribe(campaign, 1)
    number = write(campaign, {})
    campaign.runtime.settle(lambda session: force(session, campaign.letter.id, number))
    post.deliver()
    assert (recipients(campaign), outbox(campaign.runtime)) == ([], [])


def force(session: Session, letter_id: int, number: int) -> None:
    session.get_one(UpdateRow, (letter_id, number)).state = UpdateState.SENDING.value
