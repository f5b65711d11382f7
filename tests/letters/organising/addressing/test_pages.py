"""Organisers name mirrors on a page of their own, and show again who they are."""

import pytest

from letters.models.addresses import find_list
from letters.models.teams import Role
from letters.organising.teams.trail import Act, read_trail
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from tests.parts.organiser import Organiser
from tests.parts.smtp import MailServer

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

MIRROR = "https://mirror.example/letters"


@pytest.fixture
def campaign(organiser: Organiser, mail_server: MailServer) -> Campaign:
    return organiser.campaign(mail_server)


def page(campaign: Campaign) -> str:
    return f"/workspace/letters/{campaign.slug}/change/addresses"


def mirrors(campaign: Campaign) -> tuple[str, ...]:
    with campaign.runtime.reading() as session:
        found = find_list(session, campaign.letter.id)
    return tuple(found.mirrors) if found else ()


def test_mirrors_are_kept_and_the_trail_says_so(organiser: Organiser, campaign: Campaign) -> None:
    assert f"https://undersigned.example/letters/{campaign.slug}" in organiser.get(page(campaign)).text
    answer = organiser.post(page(campaign), mirrors=f"{MIRROR}/\r\n", seen="0")
    assert (answer.status_code, mirrors(campaign)) == (303, (MIRROR,))
    assert "Saved" in organiser.get(answer.location).text
    with campaign.runtime.reading() as session:
        assert Act.ADDRESSES_CHANGED in [trace.act for trace in read_trail(session, organiser.team_id)]


def test_who_has_not_shown_again_who_they_are_changes_nothing(
    organiser: Organiser, campaign: Campaign, clock: Clock
) -> None:
    organiser.sign_out()
    organiser.sign_in()
    clock.advance(minutes=30)
    answer = organiser.post(page(campaign), mirrors=MIRROR, seen="0")
    assert (answer.status_code, mirrors(campaign)) == (200, ())
    assert 'name="again_password"' in answer.text


@pytest.mark.parametrize("typed", ["mirror.example", "https://a:b@mirror.example", "https://mirror.example/?q"])
def test_what_is_no_address_comes_back(organiser: Organiser, campaign: Campaign, typed: str) -> None:
    answer = organiser.post(page(campaign), mirrors=f"{MIRROR}\n{typed}", seen="0")
    assert (answer.status_code, mirrors(campaign)) == (422, ())
    assert f"{MIRROR}\n{typed}" in answer.text
    assert f"{typed} – " in answer.text


def test_a_colleagues_list_is_shown_before_it_goes(organiser: Organiser, campaign: Campaign) -> None:
    organiser.post(page(campaign), mirrors=MIRROR, seen="0")
    answer = organiser.post(page(campaign), mirrors="http://abc.onion/x", seen="0")
    assert (answer.status_code, mirrors(campaign)) == (422, (MIRROR,))
    assert MIRROR in answer.text
    assert 'name="seen" value="1"' in answer.text
    assert organiser.post(page(campaign), mirrors="http://abc.onion/x", seen="1").status_code == 303
    assert mirrors(campaign) == ("http://abc.onion/x",)


def test_a_reviewer_may_not(organiser: Organiser, campaign: Campaign) -> None:
    assert organiser.colleague(Role.REVIEWER).get(page(campaign)).status_code == 403
