"""Giving a letter that belongs to nobody to a team: what the host loaded becomes what organisers work on."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.finding import find_letter
from letters.models.teams import LetterTeamRow, MembershipRow, TeamRow
from letters.organising.accounts.profiles import NoSuchAccount, account_row_at
from verification.errors import Refusal
from verification.identity.addresses import Address
from verification.identity.keyring import Keyring


class WhichTeam(Refusal):
    """The organiser belongs to no team, or to several."""


class HasTeam(Refusal):
    """The letter belongs to a team already."""


def give_letter(session: Session, keyring: Keyring, slug: str, address: Address, team: str | None) -> str:
    """Give a letter to the organiser's team, named where there are several; returns the team's name.

    Raises `NoSuchLetter`, `NoSuchAccount`, `WhichTeam` or `HasTeam`.
    """
    letter, row = find_letter(session, slug), account_row_at(session, keyring, address)
    if row is None:
        raise NoSuchAccount(f"No organiser signs in with {address.deliverable}. Invite them: undersigned organiser add")
    query = select(TeamRow).join(MembershipRow, MembershipRow.team_id == TeamRow.id)
    teams = session.scalars(query.where(MembershipRow.account_id == row.id).order_by(TeamRow.id)).all()
    fitting = [one for one in teams if team in (None, one.name)]
    if len(fitting) != 1:
        names = ", ".join(f'"{one.name}"' for one in teams) or "none"
        raise WhichTeam(f"Name one of the organiser's teams with --team; there are: {names}.")
    if session.get(LetterTeamRow, letter.id) is not None:
        raise HasTeam(f"The letter {slug} belongs to a team already.")
    session.add(LetterTeamRow(letter_id=letter.id, team_id=fitting[0].id))
    session.flush()
    return fitting[0].name
