"""Joining: an invitation becomes an account in a team; the first organiser's founds one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, make_transient

from letters.models.accounts import AccountRow, Stage
from letters.models.letters import LetterRow
from letters.models.teams import InvitationRow, LetterTeamRow, MembershipRow, Role, TeamRow
from letters.organising.accounts.profiles import (
    Profile,
    clean_account_name,
    index_of,
    lock_profile,
)
from letters.organising.accounts.sessions import start_session
from letters.organising.accounts.signing_in import wrap
from letters.organising.teams.trail import Act, Doing, record
from letters.runtime import Runtime
from verification.access.passwords import check_strength
from verification.errors import Refusal
from verification.identity.addresses import Address, parse_address, unpad
from verification.identity.boxes import NONCE, lock, unlock
from verification.identity.keypairs import new_key_pair
from verification.identity.keyring import Keyring
from verification.mailbox.challenges import Kind, Outcome, challenge_about, find_challenge, open_challenge, spend
from verification.mailbox.outbox import About, NewMail, enqueue

INVITED_FOR = timedelta(days=7)


class InvitationGone(Refusal):
    """The invitation was used, withdrawn, or has expired."""


class HasAccount(Refusal):
    """The address has an account already: its owner signs in and accepts."""


@dataclass(frozen=True)
class Invited:
    """An invitation: into a team, or to found one (`team` is None); `address` is None for the first organiser."""

    id: bytes
    team_id: int | None
    team: str | None
    role: Role
    sees_names: bool
    address: str | None
    invited_by: bytes | None
    expires_on: date


@dataclass(frozen=True)
class Terms:
    """What an invitation offers."""

    team_id: int | None
    role: Role
    sees_names: bool


FOUNDING = Terms(team_id=None, role=Role.OWNER, sees_names=True)
"""What whoever founds a team gets."""


@dataclass(frozen=True)
class Newcomer:
    """What somebody who joins has typed; `team` names the team that the first organiser founds."""

    address: str
    name: str
    password: str
    language: str
    team: str = ""


def invite(
    session: Session,
    keyring: Keyring,
    terms: Terms,
    address: Address | None,
    language: str,
    now: datetime,
    by: bytes | None = None,
) -> bytes:
    """Make an invitation and queue its mail, if it has an address; returns the challenge that its link carries."""
    invitation_id, challenge_id = keyring.random_bytes(16), keyring.random_bytes(16)
    expires_on = (now + INVITED_FOR).date()
    box = _lock_address(keyring, "accounts", address, invitation_id) if address else None
    session.add(
        InvitationRow(
            id=invitation_id,
            team_id=terms.team_id,
            role=terms.role.value,
            sees_names=terms.sees_names,
            address_box=box,
            invited_by=by,
            expires_on=expires_on,
        )
    )
    open_challenge(session, challenge_id, Kind.INVITE, invitation_id, expires_on)
    if address:
        mailed = _lock_address(keyring, "outbox", address, invitation_id)
        enqueue(
            session,
            NewMail(
                keyring.random_bytes(16), invitation_id, language, mailed, expires_on, About.ACCOUNT,
                challenge=challenge_id,
            ),
        )  # fmt: skip
    session.flush()
    return challenge_id


def look_at_invitation(session: Session, keyring: Keyring, challenge_id: bytes, now: datetime) -> Invited:
    """Raises `InvitationGone`."""
    challenge = find_challenge(session, challenge_id)
    row = session.get(InvitationRow, challenge.subject) if challenge and challenge.kind is Kind.INVITE else None
    if challenge is None or challenge.outcome is not None or row is None or row.expires_on < now.date():
        raise InvitationGone("This invitation was used, withdrawn, or has expired. Ask for a new one.")
    return _invited(session, keyring, row)


def founding_challenge(session: Session, keyring: Keyring, language: str, now: datetime) -> bytes | None:
    """The challenge of the invitation to found the first team, made if it is not there; None once anybody joined."""
    if session.scalar(select(AccountRow.id).limit(1)) is not None:
        return None
    founding = InvitationRow.team_id.is_(None), InvitationRow.address_box.is_(None)
    open_one = select(InvitationRow).where(*founding, InvitationRow.expires_on >= now.date()).limit(1)
    row = session.scalar(open_one)
    challenge = challenge_about(session, Kind.INVITE, row.id) if row else None
    return challenge.id if challenge else invite(session, keyring, FOUNDING, None, language, now)


def list_invitations(session: Session, keyring: Keyring, team_id: int, now: datetime) -> Sequence[Invited]:
    """The team's open invitations."""
    rows = session.scalars(select(InvitationRow).where(InvitationRow.team_id == team_id).order_by(InvitationRow.id))
    return [_invited(session, keyring, row) for row in rows if row.expires_on >= now.date()]


def join_anew(runtime: Runtime, challenge_id: bytes, newcomer: Newcomer) -> bytes:
    """Accept an invitation with a new account; returns the cookie of its session, which waits for a second factor.

    Raises `InvitationGone`, `HasAccount`, `BadName`, `BadAddress`, `WeakPassword` or `TooManyGuesses`; nothing is
    stored then.
    """
    keyring = runtime.keyring
    with runtime.reading() as session:
        invited = look_at_invitation(session, keyring, challenge_id, runtime.clock())
    address, name = parse_address(invited.address or newcomer.address), clean_account_name(newcomer.name)
    check_strength(newcomer.password, (address.deliverable, name, newcomer.team, "Undersigned"))
    pair, account_id = new_key_pair(), keyring.random_bytes(16)
    row = AccountRow(
        id=account_id,
        address_index=index_of(keyring, address),
        profile_box=lock_profile(keyring, Profile(address.deliverable, name), account_id),
        language=newcomer.language,
        public_key=pair.public,
        secret_box=wrap(runtime, pair.secret, newcomer.password, account_id),
        created_on=runtime.clock().date(),
    )

    def verb(session: Session) -> bytes:
        _add_account(session, row)
        team_id = accept_invitation(session, keyring, challenge_id, account_id, newcomer.team, runtime.clock())
        if invited.team_id is None and runtime.settings.demo:
            adopt_letters(session, team_id)
        return start_session(session, keyring, account_id, pair.secret, Stage.PASSWORD, runtime.clock())

    return runtime.settle(verb)


def accept_invitation(
    session: Session, keyring: Keyring, challenge_id: bytes, account_id: bytes, team: str, now: datetime
) -> int:
    """Make an account a member, spending the invitation; returns the team's id. Raises `InvitationGone`, `BadName`.

    Names are shared with a new member afterwards, by somebody who can open them.
    """
    invited = look_at_invitation(session, keyring, challenge_id, now)
    if spend(session, challenge_id, Outcome.CONFIRMED) is None:
        raise InvitationGone("This invitation was used already.")
    team_id = invited.team_id or _found(session, team)
    doing = Doing(team_id, account_id, now)
    if invited.team_id is None:
        record(session, doing, Act.TEAM_FOUNDED)
    known = session.get(MembershipRow, (team_id, account_id))
    if known is None:
        joined = {"role": invited.role.value, "sees_names": invited.sees_names, "joined_on": now.date()}
        session.add(MembershipRow(team_id=team_id, account_id=account_id, **joined))
    session.delete(session.get_one(InvitationRow, invited.id))
    record(session, doing, Act.JOINED)
    return team_id


def adopt_letters(session: Session, team_id: int, slugs: Sequence[str] | None = None) -> int:
    """Give the team the named letters, or all, that belong to no team; returns how many."""
    free = select(LetterRow.id).where(LetterRow.id.not_in(select(LetterTeamRow.letter_id)))
    ids = session.scalars(free.where(LetterRow.slug.in_(slugs)) if slugs is not None else free).all()
    session.add_all(LetterTeamRow(letter_id=id, team_id=team_id) for id in ids)
    session.flush()
    return len(ids)


def _add_account(session: Session, row: AccountRow) -> None:
    known = select(AccountRow.id).where(AccountRow.address_index == row.address_index)
    if session.scalar(known) is not None:
        raise HasAccount("This address has an account already. Sign in, and open the invitation once more.")
    make_transient(row)  # a transaction that ran again has seen it before
    session.add(row)
    session.flush()


def _found(session: Session, name: str) -> int:
    team = TeamRow(name=clean_account_name(name))
    session.add(team)
    session.flush()
    return team.id


def _invited(session: Session, keyring: Keyring, row: InvitationRow) -> Invited:
    box = row.address_box
    address = unpad(unlock(keyring.server("accounts"), box, row.id)) if box else None
    team = session.get_one(TeamRow, row.team_id).name if row.team_id else None
    return Invited(row.id, row.team_id, team, Role(row.role), row.sees_names, address, row.invited_by, row.expires_on)


def _lock_address(keyring: Keyring, key: str, address: Address, subject: bytes) -> bytes:
    return lock(keyring.server(key), address.padded(), subject, keyring.random_bytes(NONCE))


def sweep_invitations(session: Session, now: datetime) -> None:
    """Remove invitations whose last day has passed."""
    session.execute(delete(InvitationRow).where(InvitationRow.expires_on < now.date()))
