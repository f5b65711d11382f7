"""Sending, stopping and trying out: what has to be in order first, and what progress says."""

from datetime import date

import pytest

from letters.models.signatures import SignatureState
from letters.models.updates import UpdateState
from letters.organising.updating.feeding import AT_ONCE, feed_outbox
from letters.organising.updating.sending import (
    LetterHidden,
    NobodySubscribed,
    NothingWritten,
    NotSending,
    OneAtATime,
    Progress,
    TextMissing,
    progress_of,
    send_test,
    send_update,
    stop_update,
)
from letters.organising.updating.subscribers import Subscribers, count_subscribers
from letters.organising.updating.writing import ChangedMeanwhile, NotADraft
from letters.signing.update_mail import UpdateText
from tests.letters.organising.updating.subscribing import (
    TEXTS,
    Post,
    another_letter,
    begin,
    change,
    outbox,
    send,
    subscribe,
    update_row,
    write,
)
from tests.parts.campaign import LINK, Campaign
from verification.identity.addresses import parse_address

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


def test_sending_says_how_many_have_subscribed(campaign: Campaign) -> None:
    subscribe(campaign, 1, 2)
    subscribe(campaign, 3, state=SignatureState.HELD)
    number = write(campaign)
    assert send(campaign, number) == 2
    row = update_row(campaign, number)
    assert (row.state, row.sent_on) == (UpdateState.SENDING.value, campaign.runtime.clock().date())


def test_without_subscribers_there_is_nothing_to_send(campaign: Campaign) -> None:
    subscribe(campaign, 1, state=SignatureState.VOIDED)
    with pytest.raises(NobodySubscribed):
        begin(campaign)


def test_every_language_that_has_subscribers_needs_a_text(campaign: Campaign) -> None:
    subscribe(campaign, 1, language="be")
    number = write(campaign, {"ru": TEXTS["ru"], "be": UpdateText("Навіны", " \n")})
    with pytest.raises(TextMissing):
        send(campaign, number)


def test_a_language_that_the_letter_does_not_speak_gets_its_first_one(campaign: Campaign, post: Post) -> None:
    subscribe(campaign, 1, language="pl")
    number = write(campaign, {"ru": TEXTS["ru"]})
    assert send(campaign, number) == 1
    post.deliver()
    (mail,) = campaign.mail_server.to("signer1@example.org")
    assert mail["Subject"] == "Новости"


def test_the_text_that_is_sent_is_the_one_that_was_looked_at(campaign: Campaign) -> None:
    subscribe(campaign, 1)
    number = write(campaign)
    with pytest.raises(ChangedMeanwhile):
        campaign.runtime.settle(
            lambda session: send_update(session, campaign.letter, number, 1, campaign.runtime.clock())
        )


def test_an_update_is_sent_once(campaign: Campaign, post: Post) -> None:
    subscribe(campaign, 1)
    number = begin(campaign)
    with pytest.raises(NotADraft):
        send(campaign, number)
    post.deliver()
    with pytest.raises(NotADraft):
        send(campaign, number)


def test_of_one_letter_one_update_is_sent_at_a_time(campaign: Campaign, post: Post) -> None:
    other = another_letter(campaign)
    subscribe(campaign, 1)
    subscribe(other, 2)
    begin(campaign)
    with pytest.raises(OneAtATime):
        begin(campaign)
    begin(other)
    post.deliver()
    begin(campaign)


@pytest.mark.parametrize("hidden", [{"locked_on": date(2026, 12, 1)}, {"taken_down_on": date(2026, 12, 1)}])
def test_a_hidden_letter_sends_no_update(campaign: Campaign, hidden: dict[str, date]) -> None:
    subscribe(campaign, 1)
    why = {"taken_down_for": "Reason"} if "taken_down_on" in hidden else {}
    change(campaign, **hidden, **why)
    with pytest.raises(LetterHidden):
        begin(campaign)


def test_only_what_is_being_sent_can_be_stopped(campaign: Campaign, post: Post) -> None:
    subscribe(campaign, 1)
    number = write(campaign)
    with pytest.raises(NotSending):
        stop(campaign, number)
    send(campaign, number)
    post.deliver()
    with pytest.raises(NotSending):
        stop(campaign, number)


def stop(campaign: Campaign, number: int) -> None:
    campaign.runtime.settle(lambda session: stop_update(session, campaign.letter.id, number))


def test_progress_tells_what_waits_and_whose_turn_is_to_come(campaign: Campaign, post: Post) -> None:
    other = another_letter(campaign)
    subscribe(campaign, *range(AT_ONCE + 5))
    number = begin(campaign)
    subscribe(other, *range(50, 53))
    begin(other)

    def progress() -> Progress:
        with campaign.runtime.reading() as session:
            return progress_of(session, campaign.letter.id, number)

    assert progress() == Progress(waiting=0, to_come=AT_ONCE + 5)
    feed_outbox(campaign.runtime)
    assert progress() == Progress(waiting=AT_ONCE // 2, to_come=AT_ONCE // 2 + 5)
    post.deliver()
    assert progress() == Progress(waiting=0, to_come=0)


def test_a_test_goes_to_the_organiser_alone_and_its_link_ends_nothing(campaign: Campaign, post: Post) -> None:
    subscribe(campaign, 1)
    runtime, number, to = campaign.runtime, write(campaign), parse_address("owner@example.org")
    runtime.settle(
        lambda session: send_test(session, runtime.keyring, campaign.letter.id, number, "en", to, runtime.clock())
    )
    post.deliver()
    (accepted,) = campaign.mail_server.accepted
    assert (accepted.recipients, outbox(runtime)) == (("owner@example.org",), [])
    text = accepted.message.get_content()
    assert "The minister has answered." in text
    path = "/" + LINK.findall(text)[0].split("/", 3)[3]
    assert campaign.client.post(path).status_code == 303
    with runtime.reading() as session:
        assert count_subscribers(session, campaign.letter).total == 1


def test_in_an_empty_language_there_is_nothing_to_try_out(campaign: Campaign) -> None:
    runtime, number, to = campaign.runtime, write(campaign), parse_address("owner@example.org")
    with pytest.raises(NothingWritten):
        runtime.settle(
            lambda session: send_test(session, runtime.keyring, campaign.letter.id, number, "be", to, runtime.clock())
        )


def test_subscribers_are_counted_by_the_language_that_they_get(campaign: Campaign) -> None:
    subscribe(campaign, 1, 2, language="ru")
    subscribe(campaign, 3, language="pl")
    subscribe(campaign, 4, language="en")
    with campaign.runtime.reading() as session:
        assert count_subscribers(session, campaign.letter) == Subscribers(4, {"ru": 3, "en": 1})


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (9, 0), (10, 10), (19, 10), (120, 120)])
def test_a_language_shows_whole_tens_and_small_ones_nothing(count: int, shown: int) -> None:
    assert Subscribers(200, {"en": count}).at_least("en") == shown
