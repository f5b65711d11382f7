"""A filled form becomes one pending signature and one waiting mail, and says the same to everybody."""

import itertools
import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from letters.models.signatures import SignatureRow, SignatureState, SubscriptionRow
from letters.signing.pending import seal_context
from tests.letters.signing.asking import (
    change_letter,
    everything,
    move_signatures,
    one_database,
    send,
    show,
    signatures,
    stored,
)
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from verification.errors import Refusal
from verification.identity.boxes import unlock
from verification.identity.keyring import KeyMissing
from verification.identity.sealing import unseal
from verification.mailbox.outbox import OutboxRow

SECRETIVE = {"name": "Marker Example", "email": "marker@example.org", "workplace": "Marker ward", "updates": "1"}


def test_a_form_becomes_one_pending_signature_and_one_waiting_mail(campaign: Campaign) -> None:
    answer = send(campaign, {})
    kept = everything(campaign.runtime)
    assert (answer.status_code, answer.location) == (303, f"/en/letters/{campaign.slug}/check-mail")
    assert {table: len(kept[table]) for table in ("signatures", "outbox", "challenges", "subscriptions")} == {
        "signatures": 1,
        "outbox": 1,
        "challenges": 0,
        "subscriptions": 0,
    }
    (row,) = signatures(campaign.runtime)
    assert (row.state, row.display, row.standing) == (SignatureState.PENDING, "counted", "mailbox")
    assert (row.profession, row.region, row.expires_on) == ("nurse", "BY-MI", date(2026, 12, 8))


@pytest.mark.parametrize("display", ["counted", "named"])
def test_nothing_stored_shows_who_signed(campaign: Campaign, display: str) -> None:
    send(campaign, {**SECRETIVE, "display": display})
    kept = repr(everything(campaign.runtime)).lower()
    assert "marker" not in kept
    assert len(everything(campaign.runtime)["subscriptions"]) == 1


def test_the_letters_key_opens_the_identity_as_it_was_typed(campaign: Campaign) -> None:
    send(campaign, {**SECRETIVE, "name": "  Вера \t Example ", "email": " Marker+tag@Example.org "})
    (row,) = signatures(campaign.runtime)
    sealed = unlock(campaign.runtime.keyring.identities(campaign.slug), row.sealed, row.id)
    opened = json.loads(unseal(campaign.pair.secret, sealed, seal_context(campaign.slug, row.id)))
    assert opened == {"name": "Вера Example", "address": "Marker+tag@example.org", "workplace": "Marker ward"}


@one_database
def test_a_sealed_identity_does_not_open_as_another_row_or_letter(campaign: Campaign) -> None:
    send(campaign, SECRETIVE)
    (row,) = signatures(campaign.runtime)
    sealed = unlock(campaign.runtime.keyring.identities(campaign.slug), row.sealed, row.id)
    for context in (seal_context("another-letter", row.id), seal_context(campaign.slug, bytes(16))):
        with pytest.raises(Refusal):
            unseal(campaign.pair.secret, sealed, context)


@one_database
def test_the_size_of_what_is_stored_does_not_tell_the_name(campaign: Campaign) -> None:
    send(campaign, {"name": "Ян", "workplace": ""})
    send(campaign, {"name": "V" * 100, "workplace": "W" * 120})
    assert len({len(row.sealed) for row in signatures(campaign.runtime)}) == 1


@one_database
@pytest.mark.parametrize("spelling", ["VERA@example.org", "vera+x@EXAMPLE.org", "ｖera@example.org"])
def test_spellings_of_an_address_share_one_index(campaign: Campaign, spelling: str) -> None:
    send(campaign, {"email": "vera@example.org"})
    send(campaign, {"email": spelling})
    assert len({row.address_index for row in signatures(campaign.runtime)}) == 1


@one_database
def test_an_international_domain_has_the_index_of_its_punycode(campaign: Campaign) -> None:
    for email in ("vera@пример.бел", "vera@xn--e1afmkfd.xn--90ais", "Vera@ПРИМЕР.бел"):
        assert send(campaign, {"email": email}).status_code == 303
    assert len({row.address_index for row in signatures(campaign.runtime)}) == 1


def answer_to(campaign: Campaign, email: str) -> tuple[object, ...]:
    answer = send(campaign, {"email": email, "display": "pseudonym", "updates": "1"})
    return answer.status_code, answer.data, list(answer.headers)


def test_the_answer_is_the_same_bytes_whoever_the_address_belongs_to(campaign: Campaign) -> None:
    answers = [answer_to(campaign, "new@example.org")]
    answers.append(answer_to(campaign, "new@example.org"))
    campaign.join(1)
    answers.append(answer_to(campaign, "signer1@example.org"))
    for before, after in itertools.pairwise((SignatureState.CONFIRMED, SignatureState.HELD, SignatureState.VOIDED)):
        move_signatures(campaign.runtime, before, after)
        answers.append(answer_to(campaign, "signer1@example.org"))
    assert len(set(map(repr, answers))) == 1


@one_database
def test_the_page_after_the_form_is_the_same_for_everybody(campaign: Campaign) -> None:
    path = send(campaign, {}).location
    one, other = campaign.client.get(path), campaign.client.get(path)
    assert one.status_code == 200
    assert (one.data, one.headers["ETag"]) == (other.data, other.headers["ETag"])


STATES = {
    "paused": ({"state": "paused"}, 409),
    "closed": ({"state": "closed", "closed_on": date(2026, 12, 1)}, 409),
    "archived": ({"state": "archived", "closed_on": date(2026, 12, 1)}, 409),
    "closed by the clock": ({"closes_at": Clock().now}, 409),
    "scheduled": ({"state": "scheduled", "opens_at": Clock().now + timedelta(hours=1)}, 409),
    "draft": ({"state": "draft"}, 404),
}


@one_database
@pytest.mark.parametrize(("changes", "status"), STATES.values(), ids=STATES)
def test_a_letter_that_is_not_open_takes_no_signature(
    campaign: Campaign, changes: dict[str, object], status: int
) -> None:
    form = campaign.form()
    change_letter(campaign, **changes)
    answer = send(campaign, form)
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'name="email"' not in answer.text
    assert stored(campaign.runtime) == 0


@one_database
def test_a_paused_letter_says_that_nothing_was_stored(campaign: Campaign) -> None:
    form = campaign.form()
    change_letter(campaign, state="paused")
    assert "was stored" in show(send(campaign, form)).text
    assert "was stored" not in show(campaign.client.get(f"/en/letters/{campaign.slug}")).text


@one_database
def test_a_scheduled_letter_takes_signatures_from_its_moment_on(campaign: Campaign, clock: Clock) -> None:
    form = campaign.form()
    change_letter(campaign, state="scheduled", opens_at=clock.now + timedelta(hours=1))
    assert send(campaign, form).status_code == 409
    clock.advance(hours=1)
    assert send(campaign, form).status_code == 303


@one_database
def test_a_letter_that_does_not_exist_takes_no_signature(campaign: Campaign) -> None:
    answer = campaign.client.post("/en/letters/no-such-letter/sign", data=campaign.form())
    assert answer.status_code == 404
    assert stored(campaign.runtime) == 0


def test_without_its_key_a_letter_keeps_nothing(campaign: Campaign) -> None:
    form = campaign.form()
    campaign.runtime.keyring.destroy_dedupe(campaign.slug)
    answer = send(campaign, form)
    assert answer.status_code == 500
    assert "Nothing was stored" in show(answer).text
    assert stored(campaign.runtime) == 0
    with pytest.raises(KeyMissing):
        campaign.runtime.keyring.dedupe(campaign.slug)


@one_database
def test_a_reloaded_form_address_leads_back_to_the_letter(campaign: Campaign) -> None:
    answer = campaign.client.get(f"/be/letters/{campaign.slug}/sign")
    assert (answer.status_code, answer.location) == (303, f"/be/letters/{campaign.slug}")


@pytest.mark.parametrize("database", ["sqlite"])
def test_what_is_stored_of_an_address_does_not_tell_its_length(campaign: Campaign) -> None:
    for address in ("a@b.example", "a-much-longer-address-of-somebody@hospital.example.org"):
        campaign.sign(email=address, updates="1", workplace="x" * len(address))
    with campaign.runtime.reading() as session:
        for column in (OutboxRow.address_box, SubscriptionRow.address_box, SignatureRow.sealed):
            assert len({len(value or b"") for value in session.scalars(select(column))}) == 1
