"""A name that waits for colleagues: chosen in the form, said in words on its signer's pages, and changed there."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import update

from letters.models.letters import LetterState
from letters.models.pacts import PactRow
from letters.models.signatures import Display
from letters.models.values import Pact
from letters.runtime import Runtime
from letters.signing.appearing import Appearance, NotOffered, offered, read_choice
from tests.letters.publishing.crowd import Crowd
from tests.letters.signing.asking import change_letter, one_database, send, show, signatures
from tests.parts.campaign import Campaign, open_campaign
from tests.parts.smtp import MailServer

pytestmark = one_database
LABEL = "With my name, but only once 3 colleagues have agreed to"
WAITS = "Your name waits until 3 colleagues have agreed"


@pytest.fixture
def campaign(runtime: Runtime, app: Flask, mail_server: MailServer) -> Campaign:
    campaign = open_campaign(runtime, app, mail_server, pact=3)
    campaign.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return campaign


def end(campaign: Campaign, **values: object) -> None:
    """Let the pact have ended, in a way that pages notice."""
    Crowd(campaign.runtime, campaign.slug).tamper(update(PactRow).values(**values))


def choices(text: str) -> list[str]:
    return re.findall(r'name="display" value="(\w+)"', text)


def page(campaign: Campaign) -> str:
    return campaign.client.get(f"/en/letters/{campaign.slug}").text


def test_the_form_offers_to_wait_before_to_be_named(campaign: Campaign) -> None:
    shown = campaign.client.get(f"/en/letters/{campaign.slug}")
    assert choices(shown.text) == ["counted", "pseudonym", "pact", "named"]
    assert show(shown).fields["display"] == "counted"
    assert LABEL in shown.text


@pytest.mark.parametrize(
    ("displays", "pact", "values"),
    [
        (("counted", "pseudonym"), Pact(3), ["counted", "pseudonym"]),
        (("named", "counted"), Pact(3), ["named", "pact", "counted"]),
        (("named",), Pact(3), ["named", "pact"]),
        (("counted", "named"), Pact(3, kept_in=7), ["counted", "named"]),
        (("counted", "named"), Pact(3, lapsed=True), ["counted", "named"]),
        (("counted", "named"), None, ["counted", "named"]),
    ],
)
def test_what_is_preselected_stays_first(
    campaign: Campaign, displays: tuple[str, ...], pact: Pact | None, values: list[str]
) -> None:
    letter = replace(campaign.letter, displays=tuple(map(Display, displays)), pact=pact)
    assert offered(letter) == values
    assert read_choice(letter, values[0]) == Appearance(Display(displays[0]))


def test_a_name_that_waits_is_kept_encrypted_and_said_to_wait(campaign: Campaign) -> None:
    campaign.sign(display="pact")
    campaign.send_mail()
    (link,) = campaign.links("vera@example.org")
    confirmation = show(campaign.client.get(link)).text
    assert LABEL in confirmation
    assert "Vera Example" in confirmation, "they see which name it is before they press"
    campaign.confirm(link)
    (row,) = signatures(campaign.runtime)
    assert (row.display, row.pact) == ("named", True)
    assert b"Vera" not in (row.name_box or b"")


def test_the_private_page_says_that_the_name_waits_and_lets_change_it(campaign: Campaign) -> None:
    private = campaign.join(1, display="pact")
    assert WAITS in campaign.client.get(private).text
    campaign.release()
    shown = campaign.client.get(private)
    assert (WAITS in shown.text, show(shown).fields["display"]) == (True, "pact")
    campaign.client.post(private, data={"display": "pact", "profession": "midwife", "region": "BY-MI"})
    (row,) = signatures(campaign.runtime)
    assert (row.pact, row.profession, row.name_box is None) == (True, "midwife", False)
    campaign.client.post(private, data={"display": "pseudonym"})
    (row,) = signatures(campaign.runtime)
    assert (row.pact, row.display, row.name_box) == (False, "pseudonym", None)
    answer = campaign.client.post(private, data={"display": "pact"})
    assert (answer.status_code, set(show(answer).errors)) == (422, {"name"})
    assert campaign.client.post(private, data={"display": "pact", "name": "Vera Example"}).status_code == 303
    (row,) = signatures(campaign.runtime)
    assert (row.pact, row.pseudonym) == (True, None)


def test_no_page_says_how_many_wait(campaign: Campaign) -> None:
    first = page(campaign)
    campaign.join(1)
    campaign.join(2)
    campaign.release()
    before = show(campaign.client.get(f"/en/letters/{campaign.slug}")).text
    assert "A name can wait until 3 colleagues have agreed to be named" in first
    campaign.join(3, display="pact")
    campaign.join(4, display="pact")
    campaign.release()
    after = show(campaign.client.get(f"/en/letters/{campaign.slug}")).text
    assert re.sub(r"\d+", "", before) == re.sub(r"\d+", "", after)
    assert "Example" not in campaign.client.get(f"/en/letters/{campaign.slug}/signatories?q=Signer").text


def test_pages_say_how_it_ended(campaign: Campaign) -> None:
    for number in range(3):
        private = campaign.join(number, display="pact")
    campaign.release()
    assert "3 colleagues have agreed to be named; the names are shown since edition 1." in page(campaign)
    assert choices(page(campaign)) == ["counted", "pseudonym", "named"]
    shown = campaign.client.get(private)
    assert WAITS not in shown.text
    assert "Your name “Signer Example 2”" in shown.text


@pytest.mark.parametrize("burned", [False, True])
def test_where_names_are_hidden_or_destroyed_no_page_says_that_they_are_shown(
    campaign: Campaign, *, burned: bool
) -> None:
    for number in range(3):
        campaign.join(number, display="pact")
    campaign.release()
    today = campaign.runtime.clock().date()
    change_letter(campaign, locked_on=today, burned_on=today if burned else None, forgotten=burned, erased=burned)
    shown = page(campaign)
    assert "agreed to be named" not in shown
    assert "Together first" not in shown


def test_a_pact_that_lapsed_is_said_to_have(campaign: Campaign) -> None:
    private = campaign.join(1, display="pact")
    crowd = Crowd(campaign.runtime, campaign.slug)
    crowd.enter(LetterState.CLOSED)
    crowd.tend()
    sentence = "The letter closed before an edition had counted 3 colleagues who agreed to be named."
    assert sentence in page(campaign)
    shown = campaign.client.get(private)
    assert sentence in shown.text
    assert (show(shown).fields["display"], choices(shown.text)) == ("counted", ["counted", "pseudonym", "named"])
    answer = campaign.client.post(private, data={"display": "pact", "name": "Vera Example"})
    assert (answer.status_code, set(show(answer).errors)) == (422, {"display"})


def test_a_form_from_before_it_was_kept_is_one_of_a_named_signer(campaign: Campaign) -> None:
    end(campaign, kept_in=1)
    assert send(campaign, {"display": "pact"}).status_code == 303
    (row,) = signatures(campaign.runtime)
    assert (row.display, row.pact) == ("named", False)


def test_such_a_form_that_comes_back_has_the_name_chosen(campaign: Campaign) -> None:
    end(campaign, kept_in=1)
    answer = send(campaign, {"display": "pact", "email": "nonsense"})
    assert (answer.status_code, show(answer).fields["display"]) == (422, "named")


def test_a_form_from_before_it_lapsed_is_never_published_instead(campaign: Campaign) -> None:
    end(campaign, lapsed=True)
    answer = send(campaign, {"display": "pact"})
    assert (answer.status_code, show(answer).errors) == (
        422,
        {"display": "Error: Please choose how you want to appear."},
    )
    assert signatures(campaign.runtime) == []


def test_a_letter_without_a_pact_takes_no_name_that_waits(
    runtime: Runtime, app: Flask, mail_server: MailServer
) -> None:
    without = open_campaign(runtime, app, mail_server)
    assert send(without, {"display": "pact"}).status_code == 422
    with pytest.raises(NotOffered):
        read_choice(without.letter, "pact")
    assert read_choice(without.letter, "named") == Appearance(Display.NAMED)


def test_a_form_with_another_choice_is_another_form(campaign: Campaign) -> None:
    for display in ("pact", "named"):
        campaign.sign(display=display)
    campaign.send_mail()
    assert len(campaign.links("vera@example.org")) == 2
