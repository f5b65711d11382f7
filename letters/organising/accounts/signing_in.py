"""Signing in: the password opens the account's key; the second factor makes the session a full one.

Passwords are stretched outside every transaction: on SQLite one that writes holds up whoever signs a letter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.accounts import AccountRow, Stage
from letters.organising.accounts.factors import prove_by_code, prove_by_passkey
from letters.organising.accounts.profiles import account_row_at
from letters.organising.accounts.sessions import (
    Opened,
    SessionOver,
    end_other_sessions,
    promote,
    start_session,
    strengthen,
    take_challenge,
)
from letters.organising.accounts.turns import in_turn
from letters.runtime import Runtime
from verification.access.passkeys import RelyingParty
from verification.access.passwords import check_strength
from verification.errors import Refusal
from verification.identity.account_keys import (
    WrongPassword,
    is_outdated,
    open_with_password,
    waste_time,
    wrap_with_password,
)
from verification.identity.addresses import BadAddress, parse_address
from verification.identity.keyring import Keyring


class SignInRefused(Refusal):
    """Address and password do not belong together; which of them is wrong is not said."""

    def __init__(self) -> None:
        super().__init__("Address and password do not belong together. Check both and try again.")


@dataclass(frozen=True)
class Proof:
    """A second factor as it was given: a typed code, or a passkey's answer."""

    code: str = ""
    passkey: str = ""


@dataclass(frozen=True)
class Locked:
    """An account's secret key, as its password has wrapped it."""

    account_id: bytes
    box: bytes


def sign_in(runtime: Runtime, typed_address: str, password: str) -> bytes:
    """Begin a session that waits for the second factor; returns its cookie.

    Takes as long for an address that has no account. Raises `SignInRefused` or `TooManyGuesses`.
    """
    keyring = runtime.keyring
    with runtime.reading() as session:
        locked = _locked_at(session, keyring, typed_address)
    secret = _unlock(runtime, locked, password)
    if locked is None or secret is None:
        raise SignInRefused
    box = locked.box
    if is_outdated(box, runtime.stretch):
        box = wrap(runtime, secret, password, locked.account_id)
    return runtime.settle(lambda session: _begin(session, keyring, locked, box, secret, runtime.clock()))


def prove(session: Session, keyring: Keyring, opened: Opened, proof: Proof, party: RelyingParty, now: datetime) -> None:
    """Spend a second factor. Raises `FactorRefused`."""
    if proof.passkey:
        challenge = take_challenge(session, opened)
        prove_by_passkey(session, keyring, opened.account.id, party, challenge, proof.passkey)
    else:
        prove_by_code(session, keyring, opened.account.id, proof.code, now)


def confirm_again(runtime: Runtime, opened: Opened, password: str, proof: Proof, party: RelyingParty) -> None:
    """Password and second factor once more, before something is revealed or destroyed.

    Raises `SignInRefused`, `FactorRefused`, `TooManyGuesses` or `SessionOver`.
    """
    with runtime.reading() as session:
        locked = _locked(session, opened.account.id)
    if _unlock(runtime, locked, password) is None:
        raise SignInRefused

    def verb(session: Session) -> None:
        prove(session, runtime.keyring, opened, proof, party, runtime.clock())
        strengthen(session, opened, runtime.clock())

    runtime.settle(verb)


def change_password(runtime: Runtime, opened: Opened, password: str) -> bytes:
    """Wrap the account's key by another password and end its sessions; returns the cookie that replaces this one's.

    Raises `WeakPassword`, `TooManyGuesses` or `SessionOver`.
    """
    account, keyring = opened.account, runtime.keyring
    check_strength(password, (account.profile.address, account.profile.name, "Undersigned"))
    box = wrap(runtime, opened.secret(keyring), password, account.id)

    def verb(session: Session) -> bytes:
        cookie = promote(session, keyring, opened, runtime.clock())
        end_other_sessions(session, account.id, keep_cookie=cookie)
        session.get_one(AccountRow, account.id).secret_box = box
        return cookie

    return runtime.settle(verb)


def wrap(runtime: Runtime, secret: str, password: str, account_id: bytes) -> bytes:
    """An account's secret key, wrapped by its password. Raises `TooManyGuesses`."""
    keyring = runtime.keyring
    with in_turn():
        return wrap_with_password(
            secret, password, keyring.server("accounts"), account_id, runtime.stretch, keyring.random_bytes
        )


def _begin(
    session: Session, keyring: Keyring, locked: Locked, box: bytes, secret: str, now: datetime
) -> bytes:  # fmt: skip
    """Start the session, unless the password was changed since the box was opened."""
    row = session.scalar(select(AccountRow).where(AccountRow.id == locked.account_id).with_for_update())
    if row is None or row.secret_box != locked.box:
        raise SignInRefused
    row.secret_box = box
    return start_session(session, keyring, row.id, secret, Stage.PASSWORD, now)


def _locked_at(session: Session, keyring: Keyring, typed: str) -> Locked | None:
    try:
        row = account_row_at(session, keyring, parse_address(typed))
    except BadAddress:
        return None
    return Locked(row.id, row.secret_box) if row else None


def _locked(session: Session, account_id: bytes) -> Locked:
    row = session.get(AccountRow, account_id)
    if row is None:
        raise SessionOver("Your session has ended. Sign in again.")
    return Locked(row.id, row.secret_box)


def _unlock(runtime: Runtime, locked: Locked | None, password: str) -> str | None:
    """The secret key; None for a wrong password, and after as long for no account. Raises `TooManyGuesses`."""
    with in_turn():
        if locked is None:
            waste_time(password, runtime.stretch)
            return None
        try:
            return open_with_password(locked.box, password, runtime.keyring.server("accounts"), locked.account_id)
        except WrongPassword:
            return None
