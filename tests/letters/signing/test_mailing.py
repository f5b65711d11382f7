"""Which mail a form brings: a confirmation, the private link, or none; the same at every attempt, and discreet."""

import re

import pytest

from letters.models.signatures import SignatureState
from tests.letters.signing.asking import move_signatures, one_database, send, signatures, stored
from tests.parts.campaign import LINK, Campaign
from tests.parts.clock import Clock

ADDRESS = "vera@example.org"


def mails(campaign: Campaign) -> int:
    return len(campaign.mail_server.accepted)


def sign_and_send(campaign: Campaign, **changes: object) -> None:
    assert send(campaign, changes).status_code == 303
    campaign.send_mail()


@one_database
def test_the_same_form_twice_brings_one_mail(campaign: Campaign) -> None:
    for _ in range(3):
        send(campaign, {})
    campaign.send_mail()
    assert mails(campaign) == 1
    assert len(signatures(campaign.runtime)) == 1


def test_the_same_form_within_ten_minutes_brings_no_second_mail(campaign: Campaign, clock: Clock) -> None:
    sign_and_send(campaign)
    clock.advance(minutes=10)
    sign_and_send(campaign)
    assert mails(campaign) == 1
    assert len(signatures(campaign.runtime)) == 1


def test_the_same_form_later_brings_another_mail(campaign: Campaign, clock: Clock) -> None:
    sign_and_send(campaign)
    clock.advance(minutes=20)
    sign_and_send(campaign)
    first, second = campaign.links(ADDRESS)
    assert first != second


def test_the_same_form_after_a_refusal_of_the_first_brings_a_mail(campaign: Campaign) -> None:
    sign_and_send(campaign)
    campaign.client.post(campaign.links(ADDRESS)[0], data={"decline": "1"})
    sign_and_send(campaign)
    assert mails(campaign) == 2


@one_database
@pytest.mark.parametrize(
    "change",
    [
        {"name": "Vera B. Example"},
        {"profession": "midwife"},
        {"region": "BY-HM"},
        {"workplace": "Ward 3"},
        {"display": "pseudonym"},
        {"updates": "1"},
        {"press": "1"},
        {"email": "Vera@example.org"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_content_brings_its_own_mail(campaign: Campaign, change: dict[str, object]) -> None:
    sign_and_send(campaign)
    sign_and_send(campaign, **change)
    assert mails(campaign) == 2
    assert len(signatures(campaign.runtime)) == 2


def test_an_address_that_has_signed_gets_its_private_link(campaign: Campaign) -> None:
    private = campaign.join(1)
    sign_and_send(campaign, email="Signer1+again@example.org", name="Somebody Else")
    assert campaign.links("Signer1+again@example.org") == [private]
    assert [row.state for row in signatures(campaign.runtime)] == ["confirmed"]


def test_an_address_that_was_voided_gets_nothing_and_leaves_nothing(campaign: Campaign) -> None:
    campaign.join(1)
    move_signatures(campaign.runtime, SignatureState.CONFIRMED, SignatureState.VOIDED)
    before = mails(campaign)
    sign_and_send(campaign, email="signer1@example.org")
    assert mails(campaign) == before
    assert [row.state for row in signatures(campaign.runtime)] == ["voided"]


def test_an_address_that_is_held_gets_its_private_link(campaign: Campaign) -> None:
    private = campaign.join(1)
    move_signatures(campaign.runtime, SignatureState.CONFIRMED, SignatureState.HELD)
    sign_and_send(campaign, email="signer1@example.org")
    assert campaign.links("signer1@example.org")[-1] == private


def test_a_second_attempt_carries_the_same_link_and_message_id(campaign: Campaign, clock: Clock) -> None:
    campaign.mail_server.mood.drop = True
    send(campaign, {})
    campaign.send_mail()
    campaign.mail_server.mood.drop = False
    clock.advance(seconds=30)
    campaign.send_mail()
    one, other = campaign.mail_server.accepted
    assert one.message["Message-ID"] == other.message["Message-ID"]
    assert all(campaign.client.get(link).status_code == 200 for link in campaign.links(ADDRESS))
    campaign.confirm(campaign.links(ADDRESS)[0])
    assert campaign.client.get(campaign.links(ADDRESS)[1]).status_code == 303


def test_a_mail_whose_signature_was_declined_meanwhile_is_not_sent_again(campaign: Campaign, clock: Clock) -> None:
    campaign.mail_server.mood.drop = True
    send(campaign, {})
    campaign.send_mail()
    campaign.client.post(campaign.links(ADDRESS)[0], data={"decline": "1"})
    campaign.mail_server.mood.drop = False
    clock.advance(seconds=30)
    campaign.send_mail()
    assert mails(campaign) == 1
    assert stored(campaign.runtime) == 1


@one_database
def test_the_address_is_gone_once_the_mail_server_has_taken_the_mail(campaign: Campaign) -> None:
    sign_and_send(campaign)
    with campaign.runtime.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar() == 0


@one_database
def test_a_refused_address_becomes_a_dead_letter_that_names_nobody(campaign: Campaign) -> None:
    campaign.mail_server.mood.recipient = lambda address: f"550 {address} unknown"
    sign_and_send(campaign)
    with campaign.runtime.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT state, last_failure FROM outbox").one()
    assert row.state == "dead"
    assert "vera" not in row.last_failure


@one_database
@pytest.mark.parametrize("language", ["ru", "be", "en"])
@pytest.mark.parametrize("kind", ["confirm", "signature"])
def test_a_mail_is_discreet_and_holds_exactly_one_link(campaign: Campaign, language: str, kind: str) -> None:
    if kind == "signature":
        campaign.join(1)
    send(campaign, {"email": "signer1@example.org", "workplace": "Secret ward", "display": "pseudonym"}, language)
    campaign.send_mail()
    message = campaign.mail_server.accepted[-1].message
    text = message.get_content()
    whole = (str(message["From"]) + str(message["Subject"]) + text).lower()
    letter = campaign.letter
    assert message.get_content_type() == "text/plain"
    assert [link.split("/")[3] for link in LINK.findall(text)] == [kind]
    assert LINK.findall(text)[0].startswith("https://undersigned.example/")
    for telling in (letter.slug, letter.texts[language].title, "Vera", "Secret ward", "petition", "подпис", "nurse"):
        assert telling.lower() not in whole
    assert bool(re.search("[а-я]", text)) == (language != "en")


@one_database
@pytest.mark.parametrize("forged", ["evil.example", "evil.example:443", "undersigned.example.evil.example"])
def test_forged_headers_change_no_mailed_link(campaign: Campaign, forged: str) -> None:
    headers = {
        "Host": forged,
        "X-Forwarded-Host": forged,
        "X-Forwarded-For": "192.0.2.1",
        "Forwarded": f"host={forged}",
    }
    url = f"/en/letters/{campaign.slug}/sign"
    answer = campaign.client.post(url, data=campaign.form(), headers=headers)
    campaign.send_mail()
    assert answer.location == f"/en/letters/{campaign.slug}/check-mail"
    content = campaign.mail_server.accepted[0].content
    assert b"evil" not in content
    assert b"192.0.2.1" not in content
