"""`undersigned organiser add`, `letter give`, and the first-run page."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from letters.commands.organisers import first_run_page
from letters.runtime import Runtime
from tests.letters.commands.conftest import Shell
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from tests.parts.organiser import Organiser, found_team

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture(autouse=True)
def now(clock: Clock) -> None:
    """Commands go by the machine's clock."""
    clock.now = datetime.now(UTC)


def test_an_added_organiser_gets_a_mail_and_founds_a_team(undersigned: Shell, campaign: Campaign) -> None:
    undersigned("organiser", "add", "first@example.org", "--language", "en")
    campaign.send_mail()
    first = Organiser(campaign.runtime, campaign.app, "first@example.org", name="First Example")
    first.join(campaign.links("first@example.org")[0], team="Team Example")
    assert "Team Example" in first.get("/workspace/").text


def test_what_is_no_address_is_refused(undersigned: Shell) -> None:
    assert undersigned.refused("organiser", "add", "nobody")


def test_the_first_run_page_is_one_page_until_somebody_has_joined(runtime: Runtime, app: Flask) -> None:
    page = first_run_page(runtime)
    assert page is not None
    assert first_run_page(runtime) == page
    found_team(runtime, app)
    assert first_run_page(runtime) is None


def test_a_letter_is_given_to_the_organisers_team(undersigned: Shell, campaign: Campaign, organiser: Organiser) -> None:
    assert undersigned("letter", "give", campaign.slug, organiser.address).stdout == (
        f"{campaign.slug} belongs to the team Team Example.\n"
    )
    assert campaign.slug in organiser.get("/workspace/").text
    assert "belongs to a team already" in undersigned.refused("letter", "give", campaign.slug, organiser.address)


def test_a_letter_is_given_to_nobody_unknown(undersigned: Shell, campaign: Campaign) -> None:
    assert "No organiser signs in" in undersigned.refused("letter", "give", campaign.slug, "nobody@example.org")


def test_where_there_are_several_teams_one_has_to_be_named(
    undersigned: Shell, campaign: Campaign, organiser: Organiser
) -> None:
    page = first_link(undersigned, campaign, organiser)
    organiser.post(page, team="Second Team")
    assert '"Second Team"' in undersigned.refused("letter", "give", campaign.slug, organiser.address)
    given = undersigned("letter", "give", campaign.slug, organiser.address, "--team", "Second Team")
    assert "Second Team" in given.stdout


def first_link(undersigned: Shell, campaign: Campaign, organiser: Organiser) -> str:
    """An invitation that lets an organiser who has an account found another team."""
    undersigned("organiser", "add", organiser.address)
    campaign.send_mail()
    return campaign.links(organiser.address)[-1]
