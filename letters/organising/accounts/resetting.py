"""A lost password: a mailed link, then a recovery code, which brings the names back too, or a second factor, which
brings back the account alone."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from letters.models.accounts import AccountRow
from letters.models.teams import LetterKeyRow, MembershipRow
from letters.organising.accounts.factors import (
    forget_recovery_codes,
    open_recovery_code,
    prove_by_code,
    prove_by_passkey,
    spend_recovery_code,
)
from letters.organising.accounts.profiles import Account, account_row_at, open_account
from letters.organising.accounts.sessions import end_other_sessions
from letters.organising.accounts.signing_in import Proof, wrap
from letters.organising.teams.trail import Act, Doing, record
from letters.runtime import Runtime
from verification.access.passkeys import RelyingParty
from verification.access.passwords import check_strength
from verification.errors import Refusal
from verification.identity.addresses import Address, parse_address
from verification.identity.boxes import NONCE, lock
from verification.identity.keypairs import new_key_pair
from verification.identity.keyring import Keyring
from verification.mailbox.challenges import ChallengeRow, Kind, Outcome, open_challenge, spend, spend_all_about
from verification.mailbox.outbox import About, NewMail, enqueue

RESET_FOR = timedelta(days=1)
"""How long the link works, to the end of that day."""


class ResetGone(Refusal):
    """The link was used, replaced by a newer one, or has expired."""

    def __init__(self) -> None:
        super().__init__("This link was used, replaced by a newer one, or has expired. Ask for a new one.")


class NotThisCode(Refusal):
    """None of the account's recovery codes."""

    def __init__(self) -> None:
        super().__init__("This is none of your recovery codes. Compare it with your note, group by group.")


@dataclass(frozen=True)
class NewPassword:
    """What somebody types who has lost theirs; `keeps_names` says that the proof has to be a recovery code."""

    password: str
    proof: Proof
    keeps_names: bool


@dataclass(frozen=True)
class _Fresh:
    """The key that the new password opens; `public` where it is a new one."""

    box: bytes
    public: str | None


def ask_reset(session: Session, keyring: Keyring, typed_address: str, language: str, now: datetime) -> None:
    """Queue a mail with a link for a new password, in place of an earlier one. Raises `BadAddress`.

    For an address without an account the same is stored, with a link that is spent: it is never mailed, and nothing
    that can be seen or timed tells the difference.
    """
    address = parse_address(typed_address)
    row = account_row_at(session, keyring, address)
    if row is not None:
        address = parse_address(open_account(keyring, row).profile.address)
    subject, challenge_id = row.id if row else keyring.random_bytes(16), keyring.random_bytes(16)
    expires_on = (now + RESET_FOR).date()
    spend_all_about(session, [subject], Outcome.SUPERSEDED)
    open_challenge(session, challenge_id, Kind.RESET, subject, expires_on)
    spend(session, keyring.random_bytes(16) if row else challenge_id, Outcome.SUPERSEDED)
    enqueue(
        session,
        NewMail(
            keyring.random_bytes(16), subject, row.language if row else language,
            _lock(keyring, address, subject), expires_on, About.ACCOUNT, challenge=challenge_id,
        ),
    )  # fmt: skip


def look_at_reset(session: Session, keyring: Keyring, challenge_id: bytes, now: datetime) -> Account:
    """Whose password the link renews. Raises `ResetGone`."""
    row = session.scalar(
        select(AccountRow)
        .join(ChallengeRow, ChallengeRow.subject == AccountRow.id)
        .where(
            ChallengeRow.id == challenge_id,
            ChallengeRow.kind == Kind.RESET.value,
            ChallengeRow.outcome.is_(None),
            ChallengeRow.expires_on >= now.date(),
        )
    )
    if row is None:
        raise ResetGone
    return open_account(keyring, row)


def passkey_challenge(keyring: Keyring, challenge_id: bytes) -> bytes:
    """What a passkey signs for this link. Nobody is signed in who could remember it; the link works once."""
    return hmac.digest(keyring.server("accounts"), b"undersigned reset passkey 1\0" + challenge_id, hashlib.sha256)


def reset_password(runtime: Runtime, challenge_id: bytes, given: NewPassword, party: RelyingParty) -> bool:
    """Spend the link: wrap the account's key by the new password, and end all its sessions. False if names were lost.

    A recovery code opens the account's key. Without one a second factor brings the account back with a new key, and
    whatever was wrapped to the old one is deleted. Raises `ResetGone`, `WeakPassword`, `NotThisCode`, `FactorRefused`
    or `TooManyGuesses`; nothing is changed then.
    """
    keyring = runtime.keyring
    with runtime.reading() as session:
        account = look_at_reset(session, keyring, challenge_id, runtime.clock())
        opened = open_recovery_code(session, keyring, account.id, given.proof.code)
    check_strength(given.password, (account.profile.address, account.profile.name, "Undersigned"))
    if opened is None and given.keeps_names:
        raise NotThisCode
    pair = None if opened else new_key_pair()
    secret = pair.secret if pair else opened[1] if opened else ""
    fresh = _Fresh(wrap(runtime, secret, given.password, account.id), pair.public if pair else None)
    runtime.settle(
        partial(_reset, runtime=runtime, challenge_id=challenge_id, proof=given.proof, fresh=fresh, party=party)
    )
    return pair is None


def _reset(
    session: Session, runtime: Runtime, challenge_id: bytes, proof: Proof, fresh: _Fresh, party: RelyingParty
) -> None:
    keyring, now = runtime.keyring, runtime.clock()
    account_id = spend(session, challenge_id, Outcome.CONFIRMED)
    if account_id is None:
        raise ResetGone
    row = session.scalars(select(AccountRow).where(AccountRow.id == account_id).with_for_update()).one()
    if fresh.public is None:
        if spend_recovery_code(session, keyring, account_id, proof.code) is None:
            raise NotThisCode
    else:
        _prove(session, runtime, challenge_id, account_id, proof, party)
        _lose_names(session, account_id, now)
        row.public_key = fresh.public
    row.secret_box = fresh.box
    end_other_sessions(session, account_id)


def _prove(
    session: Session, runtime: Runtime, challenge_id: bytes, account_id: bytes, proof: Proof, party: RelyingParty
) -> None:
    keyring = runtime.keyring
    if proof.passkey:
        challenge = passkey_challenge(keyring, challenge_id)
        prove_by_passkey(session, keyring, account_id, party, challenge, proof.passkey)
    else:
        prove_by_code(session, keyring, account_id, proof.code, runtime.clock())


def _lose_names(session: Session, account_id: bytes, now: datetime) -> None:
    """Delete what only the old key opens. The memberships go on saying who sees names: a colleague shares again."""
    session.execute(delete(LetterKeyRow).where(LetterKeyRow.account_id == account_id))
    forget_recovery_codes(session, account_id)
    for team_id in session.scalars(select(MembershipRow.team_id).where(MembershipRow.account_id == account_id)).all():
        record(session, Doing(team_id, account_id, now), Act.KEYS_LOST, about=account_id)


def _lock(keyring: Keyring, address: Address, subject: bytes) -> bytes:
    return lock(keyring.server("outbox"), address.padded(), subject, keyring.random_bytes(NONCE))
