"""Sessions on the server: a browser keeps a random cookie, the database what only that cookie opens.

A cookie is exchanged at every step of signing in, so that one planted before is worth nothing after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Result, delete, select, update
from sqlalchemy.orm import Session

from letters.models.accounts import AccountRow, SessionRow, Stage
from letters.organising.accounts.profiles import Account, open_account
from verification.errors import Refusal
from verification.identity.account_keys import csrf_token, open_in_session, session_id, wrap_for_session
from verification.identity.keyring import Keyring

COOKIE_BYTES = 32
IDLE = timedelta(hours=2)
"""How long a session lasts unused."""
LONGEST = timedelta(hours=12)
"""How long a session lasts at most."""
FINISH = timedelta(hours=1)
"""How long a sign-in may stop between password and second factor; times are kept by the hour."""
STRONG = timedelta(minutes=10)
"""How long nobody is asked again after having given password and second factor."""


class SessionOver(Refusal):
    """There is no such session any more."""


@dataclass(frozen=True)
class Opened:
    """A session as its request sees it. `cookie` opens the account's secret key, and is kept nowhere."""

    id: bytes
    cookie: bytes
    account: Account
    stage: Stage
    strong: bool
    challenge: bytes | None
    secret_box: bytes

    @property
    def csrf(self) -> str:
        return csrf_token(self.cookie)

    def secret(self, keyring: Keyring) -> str:
        """The secret half of the account's key, opened for this moment. Raises `SessionUnusable`."""
        return open_in_session(self.secret_box, self.cookie, keyring.server("accounts"))


@dataclass(frozen=True)
class Listed:
    """A session as its owner sees it in the list; its times are hours."""

    id: bytes
    opened_at: datetime
    seen_at: datetime


def hour(now: datetime) -> datetime:
    """The hour of a moment: finer times would tell who did what when."""
    return now.replace(minute=0, second=0, microsecond=0)


def start_session(
    session: Session, keyring: Keyring, account_id: bytes, secret: str, stage: Stage, now: datetime
) -> bytes:
    """Begin a session that holds the account's secret key; returns its new cookie."""
    cookie = keyring.random_bytes(COOKIE_BYTES)
    box = wrap_for_session(secret, cookie, keyring.server("accounts"), keyring.random_bytes)
    strong_until = now + STRONG if stage is Stage.FULL else None
    session.add(
        SessionRow(
            id=session_id(cookie),
            account_id=account_id,
            stage=stage.value,
            secret_box=box,
            opened_at=hour(now),
            seen_at=hour(now),
            strong_until=strong_until,
        )
    )
    session.flush()
    return cookie


def promote(session: Session, keyring: Keyring, opened: Opened, now: datetime) -> bytes:
    """Exchange a session for a full one after the second factor was right; returns its cookie.

    Raises `SessionOver` where somebody ended or exchanged it meanwhile.
    """
    secret = opened.secret(keyring)
    if not end_session(session, opened.account.id, opened.id):
        raise SessionOver("Your session has ended. Sign in again.")
    return start_session(session, keyring, opened.account.id, secret, Stage.FULL, now)


def find_session(session: Session, keyring: Keyring, cookie: bytes, now: datetime) -> Opened:
    """The session of a cookie. Raises `SessionOver`."""
    found = session.execute(
        select(SessionRow, AccountRow)
        .join(AccountRow, AccountRow.id == SessionRow.account_id)
        .where(SessionRow.id == session_id(cookie))
    ).first()
    if found is None or is_over(found[0], now):
        raise SessionOver("Your session has ended. Sign in again.")
    row, account = found
    strong = row.strong_until is not None and row.strong_until > now
    return Opened(
        row.id, cookie, open_account(keyring, account), Stage(row.stage), strong, row.challenge, row.secret_box
    )


def is_over(row: SessionRow, now: datetime) -> bool:
    """Whether a session has lasted long enough, by the hour."""
    longest = LONGEST if row.stage == Stage.FULL.value else FINISH
    return hour(now) - row.opened_at > longest or hour(now) - row.seen_at > IDLE


def see(session: Session, opened: Opened, now: datetime) -> None:
    """Note the hour in which a session was used."""
    row = session.get(SessionRow, opened.id)
    if row is not None:
        row.seen_at = hour(now)


def is_seen(session: Session, opened: Opened, now: datetime) -> bool:
    """Whether this hour is noted already."""
    return session.scalar(select(SessionRow.seen_at).where(SessionRow.id == opened.id)) == hour(now)


def strengthen(session: Session, opened: Opened, now: datetime) -> None:
    """Note that password and second factor were given just now."""
    row = session.get(SessionRow, opened.id)
    if row is None or row.stage != Stage.FULL.value:
        raise SessionOver("Your session has ended. Sign in again.")
    row.strong_until = now + STRONG


def challenge_passkey(session: Session, opened: Opened, challenge: bytes) -> None:
    """Remember what a passkey is to sign next."""
    row = session.get(SessionRow, opened.id)
    if row is not None:
        row.challenge = challenge


def list_sessions(session: Session, account_id: bytes, now: datetime) -> Sequence[Listed]:
    """The account's sessions that are not over, the newest first."""
    rows = session.scalars(select(SessionRow).where(SessionRow.account_id == account_id))
    listed = [Listed(row.id, row.opened_at, row.seen_at) for row in rows if not is_over(row, now)]
    return sorted(listed, key=lambda one: (one.seen_at, one.id), reverse=True)


def take_challenge(session: Session, opened: Opened) -> bytes | None:
    """What this session's passkey was asked to sign; whoever takes it is the only one to get it."""
    asked = update(SessionRow).where(SessionRow.id == opened.id, SessionRow.challenge == opened.challenge)
    return opened.challenge if _touched(session.execute(asked.values(challenge=None))) else None


def end_session(session: Session, account_id: bytes, id: bytes) -> bool:
    """End one session of an account; its cookie opens nothing from then on. False where there is none."""
    gone = delete(SessionRow).where(SessionRow.id == id, SessionRow.account_id == account_id)
    return _touched(session.execute(gone))


def end_other_sessions(session: Session, account_id: bytes, keep_cookie: bytes | None = None) -> None:
    """End every session of an account but the one of this cookie."""
    others = delete(SessionRow).where(SessionRow.account_id == account_id)
    session.execute(others.where(SessionRow.id != session_id(keep_cookie)) if keep_cookie else others)


def sweep_sessions(session: Session, now: datetime) -> None:
    """Remove sessions that are over, and the minutes and challenges of those that are not."""
    for row in session.scalars(select(SessionRow)):
        if is_over(row, now):
            session.delete(row)
        elif row.strong_until is not None and row.strong_until <= now:
            row.strong_until = None


def _touched(done: Result[Any]) -> bool:
    assert isinstance(done, CursorResult)
    return done.rowcount == 1
