"""Organisers' accounts: a password that opens a key pair, second factors, recovery codes, sessions.

What names an organiser, and every second factor, lies in boxes under the server key `accounts`. The secret half of an
account's key pair lies in boxes that only its password, one of its recovery codes, or a session's cookie opens.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from verification.database import Base, Moment


class FactorKind(StrEnum):
    """What a second factor is."""

    TOTP = "totp"
    PASSKEY = "passkey"


class Stage(StrEnum):
    """How far a sign-in has come: the password was right, or the second factor too."""

    PASSWORD = "password"
    FULL = "full"


class AccountRow(Base):
    """One organiser. `profile_box` holds the address and the name that colleagues see.

    `secret_box` is the secret half of `public_key`, wrapped by the password. `ready` says that a second factor is set
    up and recovery codes were shown; before that the account reaches nothing.
    """

    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("length(id) = 16", name="id_length"),)

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    address_index: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    profile_box: Mapped[bytes] = mapped_column(LargeBinary)
    language: Mapped[str] = mapped_column(String(8))
    public_key: Mapped[str] = mapped_column(Text)
    secret_box: Mapped[bytes] = mapped_column(LargeBinary)
    ready: Mapped[bool] = mapped_column(Boolean, default=False)
    created_on: Mapped[date] = mapped_column(Date)


class FactorRow(Base):
    """One second factor: its label, its secret or credential, and the step or counter that was last used, in a box."""

    __tablename__ = "factors"
    __table_args__ = (CheckConstraint("kind IN ('totp', 'passkey')", name="kind"),)

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    account_id: Mapped[bytes] = mapped_column(ForeignKey("accounts.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    box: Mapped[bytes] = mapped_column(LargeBinary)


class RecoveryCodeRow(Base):
    """The account's secret key, wrapped by one recovery code; the row goes when the code is used."""

    __tablename__ = "recovery_codes"

    account_id: Mapped[bytes] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    secret_box: Mapped[bytes] = mapped_column(LargeBinary)


class SessionRow(Base):
    """A signed-in browser. `id` is a hash of its cookie, and `secret_box` opens with that cookie alone.

    Its times are hours, but for `strong_until`: until then nobody is asked for password and second factor again.
    `challenge` is what a passkey is asked to sign.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("stage IN ('password', 'full')", name="stage"),
        CheckConstraint("stage = 'full' OR strong_until IS NULL", name="strong_is_full"),
        CheckConstraint("length(id) = 32", name="id_length"),
    )

    id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[bytes] = mapped_column(ForeignKey("accounts.id"), index=True)
    stage: Mapped[str] = mapped_column(String(8))
    secret_box: Mapped[bytes] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    strong_until: Mapped[datetime | None] = mapped_column(Moment)
    challenge: Mapped[bytes | None] = mapped_column(LargeBinary(32))
