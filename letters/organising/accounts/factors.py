"""Second factors: time codes, passkeys, and recovery codes in their place. Each proof works once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from letters.models.accounts import AccountRow, FactorKind, FactorRow, RecoveryCodeRow
from verification.access.passkeys import Passkey, PasskeyRefused, RelyingParty, check_used, used_credential
from verification.access.totp import SECRET_BYTES, CodeUsed, WrongCode, check_code
from verification.errors import Refusal
from verification.identity.account_keys import WrongCode as WrongRecoveryCode
from verification.identity.account_keys import new_recovery_code, open_with_code, wrap_with_code
from verification.identity.boxes import NONCE, lock, unlock
from verification.identity.keyring import Keyring

RECOVERY_CODES = 8
"""How many an account has; each works once."""

LONGEST_LABEL = 60


class FactorRefused(Refusal):
    """The second factor does not prove anything, or was used before."""


class LastFactor(Refusal):
    """An account keeps at least one second factor."""


class NoSuchFactor(Refusal):
    """The account has no such second factor."""


@dataclass(frozen=True)
class Totp:
    """A time code's secret as hexadecimal, and the 30-second step that was last used."""

    label: str
    secret: str
    last_step: int | None = None


@dataclass(frozen=True)
class Credential:
    """A passkey; bytes as hexadecimal."""

    label: str
    credential_id: str
    public_key: str
    sign_count: int

    def passkey(self) -> Passkey:
        return Passkey(bytes.fromhex(self.credential_id), bytes.fromhex(self.public_key), self.sign_count)


@dataclass(frozen=True)
class Factor:
    """One second factor, out of its box."""

    id: bytes
    kind: FactorKind
    content: Totp | Credential

    @property
    def label(self) -> str:
        return self.content.label


def new_totp_secret(keyring: Keyring) -> bytes:
    return keyring.random_bytes(SECRET_BYTES)


def factors_of(session: Session, keyring: Keyring, account_id: bytes) -> Sequence[Factor]:
    """The account's second factors."""
    rows = session.scalars(select(FactorRow).where(FactorRow.account_id == account_id).order_by(FactorRow.id))
    return [_open(keyring, row) for row in rows]


def add_totp(
    session: Session, keyring: Keyring, account_id: bytes, label: str, secret: bytes, code: str, now: datetime
) -> None:
    """Set up a time code, proven by one. Raises `FactorRefused`."""
    try:
        step = check_code(secret, code, now, None)
    except WrongCode as error:
        raise FactorRefused(str(error)) from error
    _add(session, keyring, account_id, FactorKind.TOTP, Totp(_clean(label), secret.hex(), step))


def add_passkey(session: Session, keyring: Keyring, account_id: bytes, label: str, passkey: Passkey) -> None:
    """Set up a passkey that `passkeys.check_created` has accepted."""
    content = Credential(_clean(label), passkey.credential_id.hex(), passkey.public_key.hex(), passkey.sign_count)
    _add(session, keyring, account_id, FactorKind.PASSKEY, content)


def remove_factor(session: Session, account_id: bytes, factor_id: bytes) -> None:
    """Remove one, if it is the account's. Raises `NoSuchFactor` or `LastFactor`."""
    session.execute(select(AccountRow.id).where(AccountRow.id == account_id).with_for_update())
    ids = session.scalars(select(FactorRow.id).where(FactorRow.account_id == account_id)).all()
    if factor_id not in ids:
        raise NoSuchFactor("This second factor is not there any more.")
    if len(ids) < 2:
        raise LastFactor("This is your only second factor. Set up another one first.")
    session.execute(delete(FactorRow).where(FactorRow.id == factor_id))


def forget_factors(session: Session, account_id: bytes) -> None:
    """Remove every second factor of an account that is being set up anew."""
    session.execute(delete(FactorRow).where(FactorRow.account_id == account_id))


def prove_by_code(session: Session, keyring: Keyring, account_id: bytes, typed: str, now: datetime) -> bool:
    """Spend a time code, or a recovery code in its place; True for the latter. Raises `FactorRefused`."""
    refusal = "The code is not right. Wait for the next one, and check that the phone's clock is right."
    for row in session.scalars(_rows(account_id, FactorKind.TOTP)).all():
        totp = _open(keyring, row).content
        assert isinstance(totp, Totp)
        try:
            step = check_code(bytes.fromhex(totp.secret), typed, now, totp.last_step)
        except CodeUsed as error:
            raise FactorRefused(str(error)) from error
        except WrongCode:
            continue
        if _store(session, keyring, row, replace(totp, last_step=step)):
            return False
        refusal = "This code was used already. Wait for the next one."
    if spend_recovery_code(session, keyring, account_id, typed) is not None:
        return True
    raise FactorRefused(refusal)


def prove_by_passkey(
    session: Session, keyring: Keyring, account_id: bytes, party: RelyingParty, challenge: bytes | None, response: str
) -> None:
    """Spend a passkey's answer to this session's challenge. Raises `FactorRefused`."""
    if challenge is None:
        raise FactorRefused("The passkey was asked too long ago. Try again.")
    try:
        wanted = used_credential(response)
        for row in session.scalars(_rows(account_id, FactorKind.PASSKEY)).all():
            content = _open(keyring, row).content
            assert isinstance(content, Credential)
            if bytes.fromhex(content.credential_id) == wanted:
                count = check_used(party, challenge, response, content.passkey())
                if _store(session, keyring, row, replace(content, sign_count=count)):
                    return
    except PasskeyRefused as error:
        raise FactorRefused(str(error)) from error
    raise FactorRefused("This passkey does not belong to your account. Use another one, or a code.")


def make_recovery_codes(session: Session, keyring: Keyring, account_id: bytes, secret: str) -> list[str]:
    """Fresh recovery codes in place of all earlier ones; each wraps the account's secret key. They are shown once."""
    forget_recovery_codes(session, account_id)
    codes = [new_recovery_code(keyring.random_bytes) for _ in range(RECOVERY_CODES)]
    pepper = keyring.server("accounts")
    for position, code in enumerate(codes, start=1):
        box = wrap_with_code(secret, code, pepper, account_id, keyring.random_bytes)
        session.add(RecoveryCodeRow(account_id=account_id, position=position, secret_box=box))
    session.flush()
    return codes


def count_recovery_codes(session: Session, account_id: bytes) -> int:
    query = select(func.count()).select_from(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id)
    return session.scalar(query) or 0


def open_recovery_code(session: Session, keyring: Keyring, account_id: bytes, typed: str) -> tuple[int, str] | None:
    """The position of the recovery code that was typed, and the account's secret key out of its box; None if none is.

    The code is not spent.
    """
    pepper = keyring.server("accounts")
    for row in session.scalars(select(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id)).all():
        with suppress(WrongRecoveryCode):
            return row.position, open_with_code(row.secret_box, typed, pepper, account_id)
    return None


def spend_recovery_code(session: Session, keyring: Keyring, account_id: bytes, typed: str) -> str | None:
    """The account's secret key out of the code's box, which is gone then; None where no box opens."""
    opened = open_recovery_code(session, keyring, account_id, typed)
    if opened is None:
        return None
    position, secret = opened
    gone = delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id, RecoveryCodeRow.position == position)
    return secret if session.execute(gone.returning(RecoveryCodeRow.position)).first() else None


def forget_recovery_codes(session: Session, account_id: bytes) -> None:
    """Remove every recovery code of an account; none of them opens anything then."""
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id))


def _rows(account_id: bytes, kind: FactorKind) -> Any:
    return select(FactorRow).where(FactorRow.account_id == account_id, FactorRow.kind == kind.value)


def _add(session: Session, keyring: Keyring, account_id: bytes, kind: FactorKind, content: Totp | Credential) -> None:
    factor_id = keyring.random_bytes(16)
    box = _lock(keyring, content, factor_id)
    session.add(FactorRow(id=factor_id, account_id=account_id, kind=kind.value, box=box))
    session.flush()


def _store(session: Session, keyring: Keyring, row: FactorRow, content: Totp | Credential) -> bool:
    """Exchange a factor's box if nobody else did meanwhile: of two uses of one code only one gets through."""
    exchange = update(FactorRow).where(FactorRow.id == row.id, FactorRow.box == row.box)
    done = session.execute(
        exchange.values(box=_lock(keyring, content, row.id)), execution_options={"synchronize_session": False}
    )
    assert isinstance(done, CursorResult)
    return done.rowcount == 1


def _lock(keyring: Keyring, content: Totp | Credential, factor_id: bytes) -> bytes:
    plain = json.dumps(asdict(content), ensure_ascii=False).encode()
    return lock(keyring.server("accounts"), plain, factor_id, keyring.random_bytes(NONCE))


def _open(keyring: Keyring, row: FactorRow) -> Factor:
    kind, fields = FactorKind(row.kind), json.loads(unlock(keyring.server("accounts"), row.box, row.id))
    return Factor(row.id, kind, Totp(**fields) if kind is FactorKind.TOTP else Credential(**fields))


def _clean(label: str) -> str:
    return "".join(letter for letter in " ".join(label.split()) if letter.isprintable())[:LONGEST_LABEL]
