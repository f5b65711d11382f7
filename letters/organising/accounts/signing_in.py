"""Signing in: the password opens the account's key; the second factor makes the session a full one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from letters.models.accounts import AccountRow, Stage
from letters.organising.accounts.factors import prove_by_code, prove_by_passkey
from letters.organising.accounts.profiles import account_row_at
from letters.organising.accounts.sessions import Opened, SessionOver, start_session, strengthen
from verification.access.passkeys import RelyingParty
from verification.errors import Refusal
from verification.identity.account_keys import (
    Stretch,
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


@dataclass(frozen=True)
class Proof:
    """A second factor as it was given: a typed code, or a passkey's answer."""

    code: str = ""
    passkey: str = ""


def sign_in(
    session: Session, keyring: Keyring, typed_address: str, password: str, stretch: Stretch, now: datetime
) -> bytes:
    """Begin a session that waits for the second factor; returns its cookie.

    Takes as long for an address that has no account. Raises `SignInRefused`.
    """
    row = _row_at(session, keyring, typed_address)
    if row is None:
        waste_time(password, stretch)
        raise SignInRefused("Address and password do not belong together. Check both and try again.")
    secret = _open(keyring, row, password)
    if is_outdated(row.secret_box, stretch):
        row.secret_box = wrap(keyring, secret, password, row.id, stretch)
    return start_session(session, keyring, row.id, secret, Stage.PASSWORD, now)


def prove(
    session: Session, keyring: Keyring, account_id: bytes, proof: Proof, party: RelyingParty, challenge: bytes | None,
    now: datetime,
) -> None:  # fmt: skip
    """Spend a second factor. Raises `FactorRefused`."""
    if proof.passkey:
        prove_by_passkey(session, keyring, account_id, party, challenge, proof.passkey)
    else:
        prove_by_code(session, keyring, account_id, proof.code, now)


def confirm_again(
    session: Session, keyring: Keyring, opened: Opened, password: str, proof: Proof, party: RelyingParty, now: datetime
) -> None:
    """Password and second factor once more, before something is revealed or destroyed.

    Raises `SignInRefused`, `FactorRefused` or `SessionOver`.
    """
    row = session.get(AccountRow, opened.account.id)
    if row is None:
        raise SessionOver("Your session has ended. Sign in again.")
    _open(keyring, row, password)
    prove(session, keyring, row.id, proof, party, opened.challenge, now)
    strengthen(session, opened, now)


def wrap(keyring: Keyring, secret: str, password: str, account_id: bytes, stretch: Stretch) -> bytes:
    """An account's secret key, wrapped by its password."""
    return wrap_with_password(secret, password, keyring.server("accounts"), account_id, stretch, keyring.random_bytes)


def _row_at(session: Session, keyring: Keyring, typed: str) -> AccountRow | None:
    try:
        return account_row_at(session, keyring, parse_address(typed))
    except BadAddress:
        return None


def _open(keyring: Keyring, row: AccountRow, password: str) -> str:
    try:
        return open_with_password(row.secret_box, password, keyring.server("accounts"), row.id)
    except WrongPassword as error:
        raise SignInRefused("Address and password do not belong together. Check both and try again.") from error
