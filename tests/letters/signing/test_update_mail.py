"""An update's mail: in the subscriber's language, discreet, and with the ways to end it that mailboxes know."""

from dataclasses import replace

import pytest

from letters.signing.update_mail import UpdateText, read_update_token, text_for
from tests.letters.organising.updating.subscribing import TEXTS, Post, begin, handle_of, send, subscribe, write
from tests.letters.signing.asking import one_database
from tests.parts.campaign import LINK, Campaign
from tests.parts.clock import Clock
from verification.mailbox.bounces import read_bounce
from verification.mailbox.outbox import PAUSES


@pytest.fixture
def post(campaign: Campaign) -> Post:
    return Post.of(campaign)


@one_database
def test_each_subscriber_reads_their_own_language(campaign: Campaign, post: Post) -> None:
    subscribe(campaign, 1, language="en")
    subscribe(campaign, 2, language="ru")
    begin(campaign)
    post.deliver()
    english, russian = (campaign.mail_server.to(f"signer{number}@example.org")[0] for number in (1, 2))
    assert english.get_content().startswith("Thank you.")
    assert "You asked for this mail" in english.get_content()
    assert (russian["Subject"], russian.get_content()[:8]) == ("Новости", "Спасибо!")


@one_database
def test_without_a_subject_the_mail_has_a_neutral_one_and_never_the_title(campaign: Campaign, post: Post) -> None:
    subscribe(campaign, 1)
    begin(campaign)
    post.deliver()
    (accepted,) = campaign.mail_server.accepted
    assert accepted.message["Subject"] == "The news that you asked for"
    title = campaign.letter.texts["en"].title
    assert title not in accepted.content.decode()
    assert campaign.slug not in accepted.content.decode()


@one_database
def test_the_mail_can_be_ended_in_one_click(campaign: Campaign, post: Post) -> None:
    subscribe(campaign, 1)
    begin(campaign)
    post.deliver()
    (accepted,) = campaign.mail_server.accepted
    mail, links = accepted.message, LINK.findall(accepted.message.get_content())
    assert links == [mail["List-Unsubscribe"].strip("<>")]
    assert links[0].startswith("https://undersigned.example/unsubscribe/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (mail["Precedence"], mail["Auto-Submitted"]) == ("bulk", "auto-generated")
    assert f"List-Unsubscribe: <{links[0]}>".encode() in accepted.content.splitlines()


@one_database
def test_without_https_one_click_is_not_offered(campaign: Campaign, post: Post) -> None:
    plain = replace(campaign.runtime, settings=replace(campaign.runtime.settings, base_url="http://127.0.0.1:8000"))
    subscribe(campaign, 1)
    begin(campaign)
    replace(post, runtime=plain, sender=replace(post.sender, runtime=plain)).deliver()
    (mail,) = campaign.mail_server.to("signer1@example.org")
    assert (mail["List-Unsubscribe-Post"], mail["List-Unsubscribe"][:8]) == (None, "<http://")


@one_database
def test_the_message_id_names_subscription_and_update_and_is_the_same_at_every_attempt(
    campaign: Campaign, post: Post, clock: Clock
) -> None:
    (id,) = subscribe(campaign, 1)
    campaign.mail_server.mood.drop = True
    number = begin(campaign)
    for pause in PAUSES[:2]:
        post.deliver()
        clock.advance(seconds=pause)
    campaign.mail_server.mood.drop = False
    post.deliver()
    mails = campaign.mail_server.to("signer1@example.org")
    (message_id,) = {mail["Message-ID"] for mail in mails}
    assert len(mails) == 3
    token = message_id.removeprefix("<update.").removesuffix("@undersigned.example>")
    assert read_update_token(campaign.runtime.tokens, token) == (handle_of(campaign.runtime, id), number)


@one_database
def test_what_a_server_sends_back_holds_that_message_id(campaign: Campaign, post: Post) -> None:
    subscribe(campaign, 1)
    begin(campaign)
    post.deliver()
    (accepted,) = campaign.mail_server.accepted
    head = b"From: MAILER-DAEMON@mx.example\nContent-Type: multipart/report; boundary=B\n\n"
    status = b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
    status += b"Final-Recipient: rfc822; a@example.org\nAction: failed\nStatus: 5.1.1\n\n"
    sent = b"Content-Type: message/rfc822\n\n" + accepted.content + b"\n"
    bounce = head + b"--B\n" + status + b"--B\n" + sent
    assert read_bounce(bounce + b"--B--\n").message_ids == (accepted.message["Message-ID"],)


@one_database
def test_a_long_text_and_an_address_in_other_letters_arrive_whole(campaign: Campaign, post: Post) -> None:
    body = "\n".join(["Доўгі радок " * 90, "https://example.org/" + "x" * 900, ".", "From here", "-- "])
    subscribe(campaign, 1, language="be")
    number = write(campaign, {"be": UpdateText("Тэма " * 20, body)})
    send(campaign, number)
    post.deliver()
    (mail,) = campaign.mail_server.to("signer1@example.org")
    text = mail.get_content().replace("\r\n", "\n")
    assert text.startswith(body.removesuffix("-- ").strip().replace(" \n", "\n"))
    assert mail["Subject"] == ("Тэма " * 20).strip()


@one_database
def test_mails_of_updates_are_neither_capped_nor_counted(campaign: Campaign, post: Post) -> None:
    runtime = replace(campaign.runtime, settings=replace(campaign.runtime.settings, throttle=True))
    busy = Post.of(replace(campaign, runtime=runtime))
    assert busy.sender.caps is not None
    ids = subscribe(campaign, *[1] * 7)
    begin(campaign)
    busy.deliver()
    assert len(campaign.mail_server.to("signer1@example.org")) == len(ids)
    campaign.sign(email="signer1@example.org")
    busy.deliver()
    assert len(campaign.mail_server.to("signer1@example.org")) == len(ids) + 1


@pytest.mark.parametrize(("wanted", "chosen"), [("en", "en"), ("be", "ru"), ("pl", "ru")])
def test_a_text_that_is_missing_is_read_in_the_letters_first_language(wanted: str, chosen: str) -> None:
    assert text_for(TEXTS, wanted, ("ru", "be", "en")) == (chosen, TEXTS[chosen])
