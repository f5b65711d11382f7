"""Agreeing that a journalist may ask: a box that is empty, a button that works at once, and no figure that moves."""

import pytest

from letters.models.signatures import SignatureRow, SignatureState
from letters.publishing.clockwork import erase_identities
from letters.publishing.editions import lock_letter
from letters.signing.agreeing import agree, disagree
from letters.signing.managing import SignatureFinal
from tests.letters.signing.asking import (
    change_letter,
    everything,
    move_signatures,
    one_database,
    send,
    show,
    signatures,
)
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock

ASK = "Yes, a journalist may ask me"
STOP = "No, nobody may ask me"


def only(campaign: Campaign) -> SignatureRow:
    (row,) = signatures(campaign.runtime)
    return row


def press(campaign: Campaign, private: str, *values: str) -> str:
    """Press the button with these values and return the page that follows."""
    answer = campaign.client.post(private, data={"press": list(values)})
    assert answer.status_code == 303
    return campaign.client.get(answer.location).text


@one_database
def test_the_box_is_empty_unless_it_is_ticked(campaign: Campaign) -> None:
    shown = show(campaign.client.get(f"/en/letters/{campaign.slug}"))
    assert "A journalist may ask me whether I signed" in shown.text
    assert "press" not in shown.fields
    campaign.sign()
    assert only(campaign).press is False


@one_database
@pytest.mark.parametrize(("custody", "said"), [("team", "the organisers sign in"), ("offline", "keeps the key file")])
def test_the_form_says_who_would_open_the_name(campaign: Campaign, custody: str, said: str) -> None:
    private = campaign.join(1)
    change_letter(campaign, custody=custody)
    for address in (f"/en/letters/{campaign.slug}", private):
        assert said in show(campaign.client.get(address)).text


@one_database
@pytest.mark.parametrize(("value", "agreed"), [("1", True), ("", False), ("false", False)])
def test_the_box_is_kept_as_it_was_sent(campaign: Campaign, value: str, *, agreed: bool) -> None:
    send(campaign, {"press": value})
    assert only(campaign).press is agreed


@one_database
@pytest.mark.parametrize("agreed", [True, False])
def test_what_was_agreed_to_is_shown_before_the_button_and_after(campaign: Campaign, *, agreed: bool) -> None:
    campaign.sign(**({"press": "1"} if agreed else {}))
    campaign.send_mail()
    (path,) = campaign.links("vera@example.org")
    said = f"A journalist may ask me {'yes' if agreed else 'no'}"
    assert said in show(campaign.client.get(path)).text
    thanks = show(campaign.client.get(campaign.confirm(path).location))
    private = next(link for link in thanks.links if "/signature/" in link).removeprefix("https://undersigned.example")
    assert said in show(campaign.client.get(private)).text


def test_agreeing_holds_at_once_and_moves_nothing(campaign: Campaign, clock: Clock) -> None:
    private = campaign.join(1, display="named")
    campaign.release()
    before = everything(campaign.runtime)
    assert STOP in press(campaign, private, "1")
    assert (only(campaign).press, only(campaign).news) == (True, False)
    clock.advance(minutes=1)
    assert ASK in press(campaign, private, "0")
    assert everything(campaign.runtime) == before


@one_database
@pytest.mark.parametrize("values", [["0"], [""], ["yes"], ["true"], ["1", "1"], ["1", "0"], ["\x00"]], ids=str)
def test_whatever_does_not_clearly_agree_does_not(campaign: Campaign, values: list[str]) -> None:
    private = campaign.join(1, press="1")
    press(campaign, private, *values)
    assert only(campaign).press is False


def test_a_change_of_the_rest_leaves_it_as_it_was(campaign: Campaign) -> None:
    private = campaign.join(1, press="1")
    campaign.client.post(private, data={"display": "pseudonym", "region": "BY-HM"})
    assert (only(campaign).press, only(campaign).region) == (True, "BY-HM")


def test_withdrawing_takes_it_back(campaign: Campaign) -> None:
    private = campaign.join(1, press="1")
    campaign.release()
    campaign.client.post(private, data={"withdraw": "1"})
    assert (only(campaign).state, only(campaign).press) == ("withdrawn", False)


@one_database
def test_a_held_signature_may_agree(campaign: Campaign) -> None:
    private = campaign.join(1)
    move_signatures(campaign.runtime, SignatureState.CONFIRMED, SignatureState.HELD)
    assert STOP in press(campaign, private, "1")


@one_database
def test_a_voided_signature_may_only_take_it_back(campaign: Campaign) -> None:
    private = campaign.join(1, press="1")
    move_signatures(campaign.runtime, SignatureState.CONFIRMED, SignatureState.VOIDED)
    page = press(campaign, private, "0")
    assert ASK not in page
    assert STOP not in page
    assert campaign.client.post(private, data={"press": "1"}).status_code == 409
    assert only(campaign).press is False


def test_once_the_days_for_changes_are_over_one_may_only_take_it_back(campaign: Campaign, clock: Clock) -> None:
    campaign.join(1, press="1")
    change_letter(campaign, state="closed", closed_on=clock.now.date(), forgotten=True)
    signature_id = only(campaign).id
    with pytest.raises(SignatureFinal):
        campaign.runtime.settle(lambda session: agree(session, signature_id))
    campaign.runtime.settle(lambda session: disagree(session, signature_id))
    assert only(campaign).press is False


def test_it_goes_with_the_name_and_then_nobody_can_agree(campaign: Campaign) -> None:
    private = campaign.join(1, press="1")
    keyring = campaign.runtime.keyring
    campaign.runtime.settle(lambda session: erase_identities(session, lock_letter(session, campaign.slug), keyring))
    assert only(campaign).press is False
    assert ASK not in campaign.client.get(private).text
    assert campaign.client.post(private, data={"press": "1"}).status_code == 409
