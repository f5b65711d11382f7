"""The team's pages."""

import re

import pytest

from letters.models.finding import find_letter
from letters.models.teams import Role
from letters.organising.accounts.joining import FOUNDING, invite
from letters.organising.accounts.profiles import account_row_at
from letters.organising.teams.keys import has_key
from tests.parts.organiser import Organiser, found_team
from tests.parts.smtp import MailServer
from verification.identity.addresses import parse_address
from verification.mailbox.tokens import Purpose

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def member(organiser: Organiser, other: Organiser) -> str:
    return f"/workspace/teams/{organiser.team_id}/members/{other.account_id.hex()}"


def team(organiser: Organiser) -> str:
    return f"/workspace/teams/{organiser.team_id}"


def test_an_invitation_arrives_by_discreet_mail_and_leads_into_the_team(
    organiser: Organiser, mail_server: MailServer
) -> None:
    invited = organiser.post(
        team(organiser), act="invite", address="newcomer@example.org", role="editor", **organiser.again()
    )
    assert invited.status_code == 303, invited.text
    campaign = organiser.campaign(mail_server)
    campaign.send_mail()
    text = mail_server.accepted[-1].message.as_string()
    assert "Team Example" not in text
    link = campaign.links("newcomer@example.org")[-1]
    newcomer = Organiser(organiser.runtime, organiser.app, "newcomer@example.org", name="Newcomer Example")
    newcomer.join(link)
    assert "Newcomer Example" in organiser.get(team(organiser)).text


def test_a_withdrawn_invitation_leads_nowhere(organiser: Organiser, mail_server: MailServer) -> None:
    organiser.post(team(organiser), act="invite", address="newcomer@example.org", role="editor", **organiser.again())
    action = re.findall(r'action="(/workspace/teams/\d+/invitations/\w+)"', organiser.get(team(organiser)).text)[0]
    campaign = organiser.campaign(mail_server)
    campaign.send_mail()
    assert organiser.post(action).status_code == 303
    assert organiser.app.test_client().get(campaign.links("newcomer@example.org")[-1]).status_code == 410


@pytest.mark.parametrize("act", [{"act": "remove"}, {"act": "role", "role": "editor"}])
def test_an_owner_who_is_sent_away_has_left_no_way_back(
    organiser: Organiser, mail_server: MailServer, act: dict[str, str]
) -> None:
    """They have invited a second mailbox of their own before."""
    other = organiser.colleague(Role.OWNER)
    other.post(team(organiser), act="invite", address="newcomer@example.org", role="owner", **other.again())
    campaign = organiser.campaign(mail_server)
    campaign.send_mail()
    link = campaign.links("newcomer@example.org")[-1]
    assert organiser.app.test_client().get(link).status_code == 200
    assert organiser.post(member(organiser, other), **act, **organiser.again()).status_code == 303
    assert organiser.app.test_client().get(link).status_code == 410


def test_an_address_that_is_none_comes_back_with_what_was_typed(organiser: Organiser) -> None:
    page = organiser.post(team(organiser), act="invite", address="nobody", role="editor", **organiser.again())
    assert (page.status_code, 'value="nobody"' in page.text) == (422, True)


def test_an_owner_changes_a_role(organiser: Organiser) -> None:
    other = organiser.colleague(Role.REVIEWER)
    assert organiser.post(member(organiser, other), act="role", role="editor", **organiser.again()).status_code == 303
    assert other.get(f"{team(organiser)}/drafts/new").status_code != 403


@pytest.mark.parametrize("act", [{"act": "role", "role": "editor"}, {"act": "remove"}])
def test_the_last_owner_stays_one(organiser: Organiser, act: dict[str, str]) -> None:
    page = organiser.post(member(organiser, organiser), **act, **organiser.again())
    assert (page.status_code, organiser.get(team(organiser)).status_code) == (422, 200)


def test_handing_over_makes_the_other_one_owner(organiser: Organiser) -> None:
    other = organiser.colleague(Role.REVIEWER)
    organiser.post(member(organiser, other), act="transfer", **organiser.again())
    assert organiser.get(member(organiser, other)).status_code == 403
    assert other.get(member(other, organiser)).status_code == 200


def test_names_are_shared_with_a_member_and_taken_away_again(organiser: Organiser, mail_server: MailServer) -> None:
    other = organiser.colleague(Role.REVIEWER)
    campaign = organiser.campaign(mail_server)
    assert not holds_key(other, campaign.slug)
    organiser.post(member(organiser, other), act="share", **organiser.again())
    assert holds_key(other, campaign.slug)
    organiser.post(member(organiser, other), act="withhold", **organiser.again())
    assert not holds_key(other, campaign.slug)


def test_the_last_key_of_a_letter_is_not_taken_away(organiser: Organiser, mail_server: MailServer) -> None:
    campaign = organiser.campaign(mail_server)
    page = organiser.post(member(organiser, organiser), act="withhold", **organiser.again())
    assert (page.status_code, holds_key(organiser, campaign.slug)) == (422, True)


def test_a_removed_member_reaches_nothing_and_holds_no_key(organiser: Organiser, mail_server: MailServer) -> None:
    other = organiser.colleague(Role.EDITOR)
    found_again(other)
    campaign = organiser.campaign(mail_server)
    organiser.post(member(organiser, other), act="share", **organiser.again())
    organiser.post(member(organiser, other), act="remove", **organiser.again())
    assert other.get(f"/workspace/letters/{campaign.slug}").status_code == 404
    assert not holds_key(other, campaign.slug)


def test_an_account_without_a_team_is_deleted_and_its_address_is_free(organiser: Organiser) -> None:
    other = organiser.colleague(Role.EDITOR)
    other.post("/workspace/again", **other.again())
    organiser.post(member(organiser, other), act="remove", **organiser.again())
    assert other.get("/workspace/").location.startswith("/workspace/sign-in")
    again = organiser.colleague(Role.REVIEWER)
    assert again.get(team(organiser)).status_code == 200


def test_a_member_leaves(organiser: Organiser) -> None:
    other = organiser.colleague(Role.EDITOR)
    found_again(other)
    assert other.post(f"{team(organiser)}/leave", **other.again()).status_code == 303
    assert other.get(team(organiser)).status_code == 404


def test_another_team_is_not_there(organiser: Organiser) -> None:
    stranger = found_team(organiser.runtime, organiser.app, "stranger@example.org", "Other Team")
    assert stranger.get(team(organiser)).status_code == 404


def test_whoever_cannot_open_names_cannot_share_them(organiser: Organiser, mail_server: MailServer) -> None:
    second, third = organiser.colleague(Role.OWNER, name="second"), organiser.colleague(Role.REVIEWER, name="third")
    organiser.campaign(mail_server)
    page = second.post(member(organiser, third), act="share", **second.again())
    assert page.status_code == 422


def holds_key(organiser: Organiser, slug: str) -> bool:
    runtime = organiser.runtime
    with runtime.reading() as session:
        return has_key(session, find_letter(session, slug).id, account_of(organiser))


def account_of(organiser: Organiser) -> bytes:
    """Also of somebody who belongs to no team any more."""
    with organiser.runtime.reading() as session:
        row = account_row_at(session, organiser.runtime.keyring, parse_address(organiser.address))
        return bytes(row.id)


def found_again(organiser: Organiser) -> None:
    """Found another team, so that the account belongs to one whatever becomes of the first."""
    runtime = organiser.runtime
    challenge = runtime.settle(lambda session: invite(session, runtime.keyring, FOUNDING, None, "en", runtime.clock()))
    link = f"/workspace/join/{runtime.tokens.mint(Purpose.INVITE, challenge)}"
    assert organiser.post(link, team="Second Team").status_code == 303
