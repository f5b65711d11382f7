"""The public list as JSON: what the page shows, and nothing that it does not."""

from datetime import date
from typing import Any

import pytest

from letters.publishing.pseudonyms import render
from tests.letters.api.asking import ask, live
from tests.letters.signing.asking import change_letter
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

NURSE = {"code": "nurse", "isco": "2221", "label": "nurse"}


def people(campaign: Campaign, query: str = "") -> dict[str, Any]:
    return ask(campaign, f"/{{slug}}/signatories{query}").json


def test_before_the_first_edition_only_the_first_signatories_are_there(campaign: Campaign) -> None:
    campaign.join(1, display="named")
    told = people(campaign)
    assert (told["edition"], told["found"], told["signatories"]) == (0, 0, [])
    assert told["first_signatories"][0] == {"name": "Anna Example (made-up name)", "title": "Surgeon"}
    assert len(told["first_signatories"]) == len(campaign.letter.first_signatories)


def test_names_and_pseudonyms_are_those_of_the_page(campaign: Campaign, clock: Clock) -> None:
    live(campaign, clock)
    told = people(campaign)
    page = campaign.client.get(f"/en/letters/{campaign.slug}/signatories").text
    assert (told["edition"], told["found"], len(told["signatories"])) == (3, 2, 2)
    newest, pseudonymous = told["signatories"]
    assert (newest["name"], newest["pseudonym"]) == ("Signer Example 4", False)
    assert pseudonymous["pseudonym"] is True
    for line in told["signatories"]:
        assert line["name"] in page
        assert f"{line['profession']['label']}, {line['region']['label']}" in page


def test_whoever_only_counts_or_has_left_is_not_there(campaign: Campaign, clock: Clock) -> None:
    live(campaign, clock)
    text = ask(campaign, "/{slug}/signatories").text
    assert "Signer Example 1" not in text
    assert "Signer Example 3" not in text
    assert "example.org" not in text


def test_a_line_tells_profession_and_region_as_printed(campaign: Campaign) -> None:
    campaign.join(1, display="named")
    campaign.release()
    (line,) = people(campaign)["signatories"]
    assert line == {
        "name": "Signer Example 1",
        "pseudonym": False,
        "profession": NURSE,
        "region": {"code": "BY-MI", "label": line["region"]["label"]},
    }


def test_what_may_not_be_shown_is_null(campaign: Campaign) -> None:
    campaign.join(1, display="pseudonym")
    campaign.release()
    with campaign.runtime.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE entries SET profession = NULL, region = NULL")
    change_letter(campaign, removals=1)
    (line,) = people(campaign)["signatories"]
    assert (line["profession"], line["region"]) == (None, None)


def test_a_pseudonym_is_written_in_the_language_asked_for(campaign: Campaign) -> None:
    campaign.join(1, display="pseudonym")
    campaign.release()
    with campaign.runtime.engine.begin() as connection:
        number = connection.exec_driver_sql("SELECT pseudonym FROM entries").scalar_one()
    for language in ("ru", "be", "en"):
        (line,) = people(campaign, f"?lang={language}")["signatories"]
        assert line["name"] == render(number, language)


def test_under_lockdown_nobody_is_there(campaign: Campaign, clock: Clock) -> None:
    live(campaign, clock)
    people(campaign)
    change_letter(campaign, locked_on=date(2026, 12, 5))
    told = people(campaign)
    assert told["names_hidden"] is True
    assert (told["found"], told["first_signatories"], told["signatories"], told["pages"]) == (0, [], [], 1)


def test_a_hidden_name_is_gone_at_the_next_interval(campaign: Campaign, clock: Clock) -> None:
    private = campaign.join(1, display="named")
    campaign.join(2, display="named")
    campaign.release()
    assert people(campaign)["found"] == 2
    campaign.client.post(private, data={"withdraw": "1"})
    clock.advance(minutes=1)
    campaign.release()
    told = people(campaign)
    assert [line["name"] for line in told["signatories"]] == ["Signer Example 2"]
