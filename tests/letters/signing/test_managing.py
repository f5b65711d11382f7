"""The private link: change display, profession and region from the next edition on, or withdraw and be erased."""

import pytest

from letters.models.signatures import SignatureRow, SignatureState
from letters.publishing.pseudonyms import render
from tests.letters.signing.asking import (
    change_letter,
    everything,
    move_signatures,
    one_database,
    send,
    show,
    signatures,
    switches,
)
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock

NAME = "Signer Example 1"


def ask(campaign: Campaign, private: str, **wish: object) -> str:
    """Send a wish over the private link and return the text of the page that follows."""
    answer = campaign.client.post(private, data=wish)
    assert answer.status_code == 303
    return show(campaign.client.get(answer.location)).text


def public(campaign: Campaign) -> str:
    return campaign.client.get(f"/en/letters/{campaign.slug}/signatories").text


def only(campaign: Campaign) -> SignatureRow:
    (row,) = signatures(campaign.runtime)
    return row


def next_edition(campaign: Campaign, clock: Clock) -> int:
    clock.advance(minutes=1)
    return campaign.release().total


@one_database
@pytest.mark.parametrize(
    ("display", "said"),
    [("counted", "Nothing but the count"), ("pseudonym", "Your pseudonym"), ("named", f"Your name “{NAME}”")],
)
def test_the_page_says_what_is_public(campaign: Campaign, display: str, said: str) -> None:
    private = campaign.join(1, display=display)
    assert "Nothing yet" in show(campaign.client.get(private)).text
    campaign.release()
    assert said in show(campaign.client.get(private)).text


@one_database
@pytest.mark.parametrize(
    ("threshold", "said"),
    [(1, "”, with your profession and region."), (3, "only as finely as enough others share them.")],
)
def test_it_says_how_much_stands_beside_a_pseudonym(campaign: Campaign, threshold: int, said: str) -> None:
    private = campaign.join(1, display="pseudonym")
    campaign.release()
    change_letter(campaign, figures_threshold=threshold)
    assert said in show(campaign.client.get(private)).text


@one_database
def test_it_says_how_long_the_list_may_still_show_what_is_hidden(campaign: Campaign) -> None:
    private = campaign.join(1)
    change_letter(campaign, edition_every=6 * 3600)
    assert "Time between updates: 6 hours." in show(campaign.client.get(private)).text


def test_a_signer_becomes_named_by_writing_the_name_again(campaign: Campaign, clock: Clock) -> None:
    private = campaign.join(1)
    campaign.release()
    answer = campaign.client.post(private, data={"display": "named"})
    assert answer.status_code == 422
    assert set(show(answer).errors) == {"name"}
    assert only(campaign).display == "counted"
    ask(campaign, private, display="named", name="Vera New Name")
    assert "Vera New Name" not in public(campaign)
    assert b"Vera" not in only(campaign).name_box
    assert next_edition(campaign, clock) == 1
    assert "Vera New Name" in public(campaign)
    assert only(campaign).name_box is None


def test_leaving_named_before_the_edition_erases_the_name_at_once(campaign: Campaign) -> None:
    private = campaign.join(1, display="named")
    assert only(campaign).name_box is not None
    ask(campaign, private, display="counted")
    assert only(campaign).name_box is None
    campaign.release()
    assert NAME not in public(campaign)


def test_a_printed_name_leaves_with_the_next_edition_after_leaving_named(campaign: Campaign, clock: Clock) -> None:
    private = campaign.join(1, display="named")
    campaign.release()
    assert NAME in public(campaign)
    ask(campaign, private, display="pseudonym")
    assert next_edition(campaign, clock) == 1
    assert NAME not in public(campaign)
    assert NAME not in repr(everything(campaign.runtime))
    assert render(only(campaign).pseudonym, "en") in public(campaign)


def test_a_named_signer_may_correct_the_rest_without_writing_the_name_again(campaign: Campaign, clock: Clock) -> None:
    private = campaign.join(1, display="named", profession="nurse")
    campaign.release()
    ask(campaign, private, display="named", profession="midwife", region="BY-HM")
    ask(campaign, private, display="named", profession="midwife", region="BY-BR")
    assert next_edition(campaign, clock) == 1
    assert NAME in public(campaign)
    assert (only(campaign).profession, only(campaign).region) == ("midwife", "BY-BR")


def test_a_corrected_name_replaces_the_printed_one(campaign: Campaign, clock: Clock) -> None:
    private = campaign.join(1, display="named")
    campaign.release()
    ask(campaign, private, display="named", name="Signer Corrected")
    next_edition(campaign, clock)
    assert "Signer Corrected" in public(campaign)
    assert NAME not in public(campaign)


def test_profession_and_region_move_in_the_figures_with_the_next_edition(campaign: Campaign, clock: Clock) -> None:
    private = campaign.join(1, profession="nurse", region="BY-MI")
    before = campaign.release().figures
    ask(campaign, private, profession="midwife", region="BY-HM")
    assert campaign.letter.edition.figures == before
    next_edition(campaign, clock)
    after = campaign.letter.edition.figures
    assert after["region"]["shown"] == {"BY-HM": 1}
    assert after["profession"]["shown"] != before["profession"]["shown"]
    assert campaign.letter.total == 1


def test_asking_for_what_already_holds_brings_no_new_edition(campaign: Campaign) -> None:
    private = campaign.join(1, display="named")
    campaign.release()
    before = everything(campaign.runtime)
    ask(campaign, private, display="named", profession="nurse", region="BY-MI", name="")
    assert everything(campaign.runtime) == before


def test_the_pseudonym_is_drawn_when_it_is_first_asked_for_and_then_stays(campaign: Campaign, clock: Clock) -> None:
    private = campaign.join(1)
    campaign.release()
    ask(campaign, private, display="pseudonym")
    drawn = only(campaign).pseudonym
    next_edition(campaign, clock)
    ask(campaign, private, display="pseudonym", region="BY-HM")
    next_edition(campaign, clock)
    assert only(campaign).pseudonym == drawn
    assert public(campaign).count(render(drawn, "en")) == 1


BAD = {
    "an unknown profession": ("profession", "astronaut"),
    "an empty profession": ("profession", ""),
    "a region of another country": ("region", "DE-BE"),
    "an unknown display": ("display", "everything"),
    "a name with a site": ("name", "Vera example.com"),
    "a name with a hidden character": ("name", "Vera\u200bExample"),
    "a name that is too long": ("name", "V" * 101),
    "a name without a letter": ("name", "123"),
}


@one_database
@pytest.mark.parametrize("language", ["be", "en"])
def test_a_mistake_is_said_beside_its_field_and_changes_nothing(campaign: Campaign, language: str) -> None:
    private = campaign.join(1)
    before = everything(campaign.runtime)
    for what, (field, value) in BAD.items():
        wish = {"display": "named", "name": "Vera", "region": "BY-HM", field: value}
        answer = campaign.client.post(f"/{language}{private}", data=wish)
        shown = show(answer)
        assert (answer.status_code, shown.language, set(shown.errors)) == (422, language, {field}), what
        assert any("а" <= letter <= "я" for letter in shown.errors[field].lower()) == (language == "be"), what
        if field == "name":
            assert shown.fields["name"] == value
        assert switches(answer) == [], "a link would lose what was typed"
    assert len(switches(campaign.client.get(f"/{language}{private}"))) == 6
    assert everything(campaign.runtime) == before


@one_database
def test_a_display_that_the_letter_does_not_offer_is_refused(campaign: Campaign) -> None:
    private = campaign.join(1)
    change_letter(campaign, displays=["counted", "pseudonym"])
    assert campaign.client.post(private, data={"display": "named", "name": "Vera"}).status_code == 422


def test_withdrawing_before_the_edition_leaves_no_row(campaign: Campaign) -> None:
    private = campaign.join(1, display="named", updates="1")
    text = ask(campaign, private, withdraw="1")
    kept = everything(campaign.runtime)
    assert "Your signature is withdrawn" in text
    assert (kept["signatures"], kept["subscriptions"], kept["entries"]) == ([], [], [])


@pytest.mark.parametrize("display", ["named", "pseudonym", "counted"])
def test_withdrawing_erases_everything_but_that_somebody_came_and_went(
    campaign: Campaign, clock: Clock, display: str
) -> None:
    private = campaign.join(1, display=display, updates="1", workplace="Ward 3")
    campaign.join(2)
    campaign.release()
    ask(campaign, private, withdraw="1")
    (row,) = [row for row in signatures(campaign.runtime) if row.state == "withdrawn"]
    assert (row.sealed, row.address_index, row.name_box, row.pseudonym) == (None, None, None, None)
    assert (row.profession, row.region, row.fingerprint) == (None, None, None)
    assert row.display == "counted"
    assert everything(campaign.runtime)["subscriptions"] == []
    assert next_edition(campaign, clock) == 1
    assert NAME not in repr(everything(campaign.runtime))
    assert NAME not in public(campaign)
    edition = campaign.letter.edition
    assert (edition.signatures, edition.withdrawn, edition.voided) == (2, 1, 0)


def test_withdrawing_twice_withdraws_once(campaign: Campaign, clock: Clock) -> None:
    private = campaign.join(1)
    campaign.join(2)
    campaign.release()
    for _ in range(2):
        assert "Your signature is withdrawn" in ask(campaign, private, withdraw="1")
    assert next_edition(campaign, clock) == 1
    assert "Your signature is withdrawn" in ask(campaign, private, display="named", name="Vera")


@pytest.mark.parametrize("released", [False, True])
def test_after_withdrawing_one_can_sign_again(campaign: Campaign, clock: Clock, *, released: bool) -> None:
    private = campaign.join(1, display="pseudonym")
    if released:
        campaign.release()
    ask(campaign, private, withdraw="1")
    again = campaign.join(1, name="Signer Again")
    assert again != private
    assert next_edition(campaign, clock) == 1
    assert "Your signature is withdrawn" in show(campaign.client.get(private)).text
    assert "Nothing but the count" in show(campaign.client.get(again)).text


@one_database
def test_the_confirmation_link_of_a_withdrawn_signature_leads_to_nothing(campaign: Campaign) -> None:
    private = campaign.join(1)
    ask(campaign, private, withdraw="1")
    answer = campaign.client.get(campaign.links("signer1@example.org")[0], follow_redirects=True)
    assert answer.status_code == 410
    assert "withdrawn" in show(answer).text


@one_database
def test_a_voided_signature_can_be_seen_but_not_changed(campaign: Campaign) -> None:
    private = campaign.join(1)
    move_signatures(campaign.runtime, SignatureState.CONFIRMED, SignatureState.VOIDED)
    before = everything(campaign.runtime)
    shown = show(campaign.client.get(private))
    assert "out of the count" in shown.text
    assert shown.fields == {}
    for wish in ({"withdraw": "1"}, {"display": "named", "name": "Vera"}):
        assert campaign.client.post(private, data=wish).status_code == 409
    assert everything(campaign.runtime) == before


@one_database
def test_a_held_signature_can_be_changed_and_withdrawn(campaign: Campaign) -> None:
    private = campaign.join(1)
    move_signatures(campaign.runtime, SignatureState.CONFIRMED, SignatureState.HELD)
    assert "an organiser looks at your signature" in ask(campaign, private, display="pseudonym")
    ask(campaign, private, withdraw="1")
    assert signatures(campaign.runtime) == []


@one_database
def test_once_the_dedupe_key_is_destroyed_nothing_can_be_changed(campaign: Campaign, clock: Clock) -> None:
    private = campaign.join(1)
    change_letter(campaign, state="closed", closed_on=clock.now.date(), forgotten=True)
    assert show(campaign.client.get(private)).fields == {}
    for wish in ({"withdraw": "1"}, {"display": "pseudonym"}):
        answer = campaign.client.post(private, data=wish)
        assert answer.status_code == 409
        assert "no longer be changed" in show(answer).text


@one_database
def test_a_closed_letter_can_still_be_withdrawn_from(campaign: Campaign, clock: Clock) -> None:
    private = campaign.join(1)
    change_letter(campaign, state="closed", closed_on=clock.now.date())
    assert "Your signature is withdrawn" in ask(campaign, private, withdraw="1")


@one_database
def test_the_private_link_has_no_end_of_its_own(campaign: Campaign, clock: Clock) -> None:
    private = campaign.join(1)
    clock.advance(days=3000)
    assert campaign.client.get(private).status_code == 200


@one_database
def test_the_query_of_the_private_link_fills_in_nothing(campaign: Campaign) -> None:
    private = campaign.join(1)
    plain, filled = (show(campaign.client.get(private + query)).fields for query in ("", "?name=Evil&display=named"))
    assert plain == filled


@one_database
def test_signing_again_does_not_change_the_signature(campaign: Campaign) -> None:
    campaign.join(1)
    before = everything(campaign.runtime)
    send(campaign, {"email": "signer1@example.org", "profession": "midwife", "display": "named"})
    campaign.send_mail()
    assert everything(campaign.runtime) == before


def test_what_is_hidden_is_said_to_be_public_until_it_has_left_the_list(campaign: Campaign) -> None:
    private = campaign.join(1, display="named", name="Vera Example")
    campaign.release()
    campaign.client.post(private, data={"display": "counted"})
    assert "the list still shows" in campaign.client.get(f"/en{private}").text
    campaign.release()
    assert "the list still shows" not in campaign.client.get(f"/en{private}").text
