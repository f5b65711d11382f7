"""Who belongs to a team: roles, who may open names, transfer, removal. A team always keeps an owner, and its keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from letters.models.accounts import AccountRow
from letters.models.teams import InvitationRow, LetterKeyRow, LetterTeamRow, MembershipRow, Role, TeamRow
from letters.organising.accounts.closing import close_if_alone
from letters.organising.accounts.joining import Terms, invite
from letters.organising.accounts.profiles import Account, clean_account_name, open_account
from letters.organising.teams.keys import share_all, withhold_all
from letters.organising.teams.trail import Act, Doing, record
from verification.errors import Refusal
from verification.identity.addresses import Address
from verification.identity.keyring import Keyring
from verification.mailbox.challenges import Kind, Outcome, challenge_about, spend


class NoSuchMember(Refusal):
    """The account does not belong to the team."""


class LastOwner(Refusal):
    """The team would be left without an owner."""


class LastKey(Refusal):
    """Nobody could open the names of a letter any more."""


class NothingToShare(Refusal):
    """Whoever wants to share names cannot open them."""


@dataclass(frozen=True)
class TeamMember:
    """One member; `lacking` counts the letters whose names they may see, and have not been given the key of."""

    account: Account
    role: Role
    sees_names: bool
    joined_on: date
    lacking: int


def list_members(session: Session, keyring: Keyring, team_id: int) -> Sequence[TeamMember]:
    """The team's members, owners first."""
    query = (
        select(MembershipRow, AccountRow)
        .join(AccountRow, AccountRow.id == MembershipRow.account_id)
        .where(MembershipRow.team_id == team_id)
    )
    locked, held = _locked_letters(session, team_id), _held_keys(session, team_id)
    members = [
        TeamMember(
            open_account(keyring, account),
            Role(row.role),
            row.sees_names,
            row.joined_on,
            locked - held.get(row.account_id, 0) if row.sees_names else 0,
        )
        for row, account in session.execute(query)
    ]
    order = list(Role)
    return sorted(members, key=lambda one: (-order.index(one.role), one.account.profile.name.casefold()))


def find_member(session: Session, keyring: Keyring, team_id: int, account_id: bytes) -> TeamMember:
    """Raises `NoSuchMember`."""
    for member in list_members(session, keyring, team_id):
        if member.account.id == account_id:
            return member
    raise NoSuchMember("Nobody of this kind belongs to the team.")


def rename(session: Session, doing: Doing, name: str) -> None:
    """Raises `BadName`."""
    session.get_one(TeamRow, doing.team_id).name = clean_account_name(name)
    record(session, doing, Act.CHANGED)


def invite_member(
    session: Session, keyring: Keyring, doing: Doing, terms: Terms, address: Address, language: str
) -> None:
    """Mail an invitation into the team; an earlier one is left to expire."""
    invite(session, keyring, terms, address, language, doing.now, doing.account_id)
    record(session, doing, Act.INVITED)


def withdraw_invitation(session: Session, doing: Doing, invitation_id: bytes) -> None:
    """Make an invitation's link useless. Nothing happens where it was used meanwhile."""
    row = session.get(InvitationRow, invitation_id)
    if row is None or row.team_id != doing.team_id:
        return
    challenge = challenge_about(session, Kind.INVITE, invitation_id)
    if challenge is not None and spend(session, challenge.id, Outcome.WITHDRAWN) is not None:
        session.delete(row)
        record(session, doing, Act.INVITATION_WITHDRAWN)


def change_role(session: Session, doing: Doing, account_id: bytes, role: Role) -> None:
    """Raises `NoSuchMember` or `LastOwner`."""
    row = _lock(session, doing.team_id, account_id)
    if row.role == role.value:
        return
    _check_owner_left(session, row)
    row.role = role.value
    _withdraw_theirs(session, doing, account_id)
    record(session, doing, Act.ROLE_CHANGED, reason=role, about=account_id)


def transfer(session: Session, doing: Doing, account_id: bytes) -> None:
    """Make another member an owner, and whoever does it an editor. Raises `NoSuchMember`."""
    assert doing.account_id is not None, "the host transfers nothing"
    giver, taker = (_lock(session, doing.team_id, id) for id in (doing.account_id, account_id))
    if giver is taker:
        return
    giver.role, taker.role = Role.EDITOR.value, Role.OWNER.value
    record(session, doing, Act.TRANSFERRED, about=account_id)


def share_names(session: Session, doing: Doing, giver_secret: str, account_id: bytes) -> int:
    """Let a member open names: wrap to them every key that the giver holds; returns how many.

    Raises `NoSuchMember`, or `NothingToShare` where the giver lacks a key of the team's.
    """
    assert doing.account_id is not None, "the host has no keys"
    giver, taker = (_lock(session, doing.team_id, id) for id in (doing.account_id, account_id))
    if not giver.sees_names or _held_keys(session, doing.team_id).get(giver.account_id, 0) < _locked_letters(
        session, doing.team_id
    ):
        raise NothingToShare("You cannot open all names yourself, so you cannot share them. Ask a member who can.")
    taker.sees_names = True
    count = share_all(session, doing.team_id, giver.account_id, giver_secret, account_id)
    record(session, doing, Act.NAMES_SHARED, count=count, about=account_id)
    return count


def withhold_names(session: Session, doing: Doing, account_id: bytes) -> None:
    """Take a member's keys away; what they have seen they may have kept. Raises `NoSuchMember` or `LastKey`."""
    row = _lock(session, doing.team_id, account_id)
    _check_keys_left(session, row)
    row.sees_names = False
    withhold_all(session, doing.team_id, account_id)
    record(session, doing, Act.NAMES_WITHHELD, about=account_id)


def remove(session: Session, doing: Doing, account_id: bytes) -> None:
    """Take a member and their keys out of the team; an account that belongs to no other one is deleted.

    Raises `NoSuchMember`, `LastOwner` or `LastKey`.
    """
    row = _lock(session, doing.team_id, account_id)
    _check_owner_left(session, row)
    _check_keys_left(session, row)
    withhold_all(session, doing.team_id, account_id)
    _withdraw_theirs(session, doing, account_id)
    session.delete(row)
    record(session, doing, Act.LEFT if account_id == doing.account_id else Act.REMOVED, about=account_id)
    close_if_alone(session, account_id)


def _withdraw_theirs(session: Session, doing: Doing, account_id: bytes) -> None:
    """Withdraw what somebody has invited whom another one sends away: it could be their way back."""
    if account_id == doing.account_id:
        return
    theirs = InvitationRow.team_id == doing.team_id, InvitationRow.invited_by == account_id
    for invitation_id in session.scalars(select(InvitationRow.id).where(*theirs)).all():
        withdraw_invitation(session, doing, invitation_id)


def _lock(session: Session, team_id: int, account_id: bytes) -> MembershipRow:
    """A membership; the team's row is locked first, so that two owners cannot remove each other at once."""
    session.execute(select(TeamRow.id).where(TeamRow.id == team_id).with_for_update())
    row = session.get(MembershipRow, (team_id, account_id), populate_existing=True)
    if row is None:
        raise NoSuchMember("Nobody of this kind belongs to the team.")
    return row


def _check_owner_left(session: Session, leaving: MembershipRow) -> None:
    others = select(func.count()).where(
        MembershipRow.team_id == leaving.team_id,
        MembershipRow.role == Role.OWNER.value,
        MembershipRow.account_id != leaving.account_id,
    )
    if not session.scalar(others):
        raise LastOwner("The team needs an owner. Make another member an owner first.")


def _check_keys_left(session: Session, leaving: MembershipRow) -> None:
    """Every key that the leaving member holds has to be held by another member, too."""
    others = (
        select(LetterKeyRow.letter_id)
        .join(MembershipRow, MembershipRow.account_id == LetterKeyRow.account_id)
        .where(MembershipRow.team_id == leaving.team_id, LetterKeyRow.account_id != leaving.account_id)
    )
    lost = select(func.count()).where(
        LetterKeyRow.account_id == leaving.account_id,
        LetterKeyRow.letter_id.in_(select(LetterTeamRow.letter_id).where(LetterTeamRow.team_id == leaving.team_id)),
        LetterKeyRow.letter_id.not_in(others),
    )
    if session.scalar(lost):
        raise LastKey("Nobody else could open the names of your letters then. Share them with another member first.")


def _locked_letters(session: Session, team_id: int) -> int:
    """How many of the team's letters have a key that members hold."""
    query = (
        select(func.count(LetterKeyRow.letter_id.distinct()))
        .join(LetterTeamRow, LetterTeamRow.letter_id == LetterKeyRow.letter_id)
        .where(LetterTeamRow.team_id == team_id)
    )
    return session.scalar(query) or 0


def _held_keys(session: Session, team_id: int) -> dict[bytes, int]:
    query = (
        select(LetterKeyRow.account_id, func.count())
        .join(LetterTeamRow, LetterTeamRow.letter_id == LetterKeyRow.letter_id)
        .where(LetterTeamRow.team_id == team_id)
        .group_by(LetterKeyRow.account_id)
    )
    return {bytes(account_id): count for account_id, count in session.execute(query)}
