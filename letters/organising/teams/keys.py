"""Custody `team`: a letter's secret key, wrapped to each member who may see names."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from letters.models.accounts import AccountRow
from letters.models.letters import LetterRow
from letters.models.teams import LetterKeyRow, LetterTeamRow, MembershipRow, TeamRow
from letters.models.values import Letter
from verification.errors import Refusal
from verification.identity.account_keys import open_as_member, wrap_to_member
from verification.identity.custody import OneKey, Opener
from verification.identity.hybrid import CannotOpen


class NamesClosed(Refusal):
    """The account has no key of this letter."""


class NobodySeesNames(Refusal):
    """A letter under custody `team` needs a member who can open names."""


def share_new(session: Session, letter: LetterRow, team_id: int, secret: str) -> None:
    """Wrap a new letter's secret key to every member who sees names; it is kept nowhere else.

    The team's row is locked first, so that nobody who is removed meanwhile is among them. Raises `NobodySeesNames`
    where there is no such member.
    """
    session.execute(select(TeamRow.id).where(TeamRow.id == team_id).with_for_update())
    if not share(session, letter.id, letter.slug, secret, _who_see(session, team_id)):
        raise NobodySeesNames("Nobody in the team may see names, so nobody could open them. Let one member see names.")


def share(session: Session, letter_id: int, slug: str, secret: str, members: Iterable[tuple[bytes, str]]) -> int:
    """Wrap a letter's secret key to these accounts (id, public key); returns to how many."""
    count = 0
    for account_id, public in members:
        session.merge(
            LetterKeyRow(
                letter_id=letter_id, account_id=account_id, wrapped=wrap_to_member(secret, public, slug, account_id)
            )
        )
        count += 1
    session.flush()
    return count


def share_all(session: Session, team_id: int, giver: bytes, giver_secret: str, member: bytes) -> int:
    """Wrap every key of the team's letters that the giver holds to another member; returns how many."""
    held = (
        select(LetterKeyRow.wrapped, LetterRow.id, LetterRow.slug)
        .join(LetterRow, LetterRow.id == LetterKeyRow.letter_id)
        .join(LetterTeamRow, LetterTeamRow.letter_id == LetterRow.id)
        .where(LetterKeyRow.account_id == giver, LetterTeamRow.team_id == team_id)
    )
    public = session.get_one(AccountRow, member).public_key
    shared = 0
    for wrapped, letter_id, slug in session.execute(held).all():
        secret = open_as_member(wrapped, giver_secret, slug, giver)
        shared += share(session, letter_id, slug, secret, [(member, public)])
    return shared


def withhold_all(session: Session, team_id: int, account_id: bytes) -> None:
    """Delete the wrapped keys of one account to the team's letters. What it has opened before it may have kept."""
    letters = select(LetterTeamRow.letter_id).where(LetterTeamRow.team_id == team_id)
    session.execute(
        delete(LetterKeyRow).where(LetterKeyRow.account_id == account_id, LetterKeyRow.letter_id.in_(letters))
    )


def opener_of(session: Session, letter: Letter, account_id: bytes, account_secret: str) -> Opener:
    """What opens a letter's identities for one member. Raises `NamesClosed`."""
    row = session.get(LetterKeyRow, (letter.id, account_id))
    if row is None:
        raise NamesClosed(
            "Your account cannot open the names under this letter. Ask an owner who can to share them with you."
        )
    try:
        return OneKey(open_as_member(row.wrapped, account_secret, letter.slug, account_id))
    except CannotOpen as error:
        raise NamesClosed("Your key to this letter is damaged. Ask another owner to share the names again.") from error


def has_key(session: Session, letter_id: int, account_id: bytes) -> bool:
    return session.get(LetterKeyRow, (letter_id, account_id)) is not None


def _who_see(session: Session, team_id: int) -> list[tuple[bytes, str]]:
    query = (
        select(AccountRow.id, AccountRow.public_key)
        .join(MembershipRow, MembershipRow.account_id == AccountRow.id)
        .where(MembershipRow.team_id == team_id, MembershipRow.sees_names)
    )
    return [(id, public) for id, public in session.execute(query)]
