"""Signatures: one person's support for one letter, with the identity sealed and no time finer than a day."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    case,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from verification.database import Base


class SignatureState(StrEnum):
    """Where a signature is in its life; `held` waits for an organiser and is counted nowhere."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    HELD = "held"
    WITHDRAWN = "withdrawn"
    VOIDED = "voided"


class Display(StrEnum):
    """How a signer appears, most private first."""

    COUNTED = "counted"
    PSEUDONYM = "pseudonym"
    NAMED = "named"


class Suspicion(StrEnum):
    """Why a signature is held for an organiser: its address's domain hands out throw-away mailboxes, a burst, a domain
    that the letter's organisers watch, or an organiser's own look."""

    DISPOSABLE = "disposable"
    BURST = "burst"
    DOMAIN = "domain"
    ORGANISER = "organiser"


class Standing(StrEnum):
    """How well a signature is proven."""

    MAILBOX = "mailbox"
    INSTITUTION = "institution"
    VOUCHED = "vouched"


STANDS = "state IN ('confirmed', 'held', 'voided')"
ASIDE = "state IN ('held', 'voided')"


class SignatureRow(Base):
    """One signature.

    `profession`, `region`, `standing` are what holds now; `printed_*` what the last edition that knew of the row
    counted, and `edition` the first that did. `news` says that the two differ or a public entry has to be
    printed, so an edition touches only such rows. The public name is locked under the server key `names`; printing
    hands its box on to the entry. `listed` says that an entry under a pseudonym was printed once: a later one shows
    neither profession nor region. `batch` is the voiding by which it was thrown out, until an edition makes that final.
    `sealed` and its `address_index` are erased on the day that the letter announces.

    `log_secret` is what its leaf in the letter's log is made of, drawn by the edition that counts it first and erased
    by the one that counts it out. `press` says that a named journalist may ask its signer. `pact` says that a name is
    not to be shown before the letter's pact is kept (`pacts`): until then its box stays here, and to everybody but its
    signer the row is like a `counted` one.

    What a signer sealed lies in a box of its own under the letter's key `identities`, which is in no backup.

    `letter_id` is no foreign key: checking one locks the letter's row for every new signature, and all that sign one
    letter would wait for each other there. Letters are never deleted.

    A partial index serves only queries that say its condition in the same words, on SQLite without parameters:
    `news.is_(True)` does, `news` does not.
    """

    __tablename__ = "signatures"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'confirmed', 'held', 'withdrawn', 'voided')", name="state"),
        CheckConstraint("display IN ('counted', 'pseudonym', 'named')", name="display"),
        CheckConstraint("standing IN ('mailbox', 'institution', 'vouched')", name="standing"),
        CheckConstraint("length(id) = 16", name="id_length"),
        CheckConstraint(
            "state IN ('withdrawn', 'voided') OR (profession IS NOT NULL AND region IS NOT NULL)",
            name="whole",
        ),
        CheckConstraint("(sealed IS NULL) = (address_index IS NULL)", name="erased_whole"),
        CheckConstraint("state <> 'pending' OR sealed IS NOT NULL", name="pending_is_sealed"),
        CheckConstraint(
            "(held_for IS NOT NULL AND held_for IN ('disposable', 'burst', 'domain', 'organiser')"
            " AND state IN ('pending', 'held', 'voided')) OR (held_for IS NULL AND state <> 'held')",
            name="held_for",
        ),
        CheckConstraint(
            "state <> 'withdrawn' OR (sealed IS NULL AND address_index IS NULL AND name_box IS NULL"
            " AND profession IS NULL AND region IS NULL AND pseudonym IS NULL AND NOT listed AND NOT press AND NOT pact"
            " AND edition IS NOT NULL)",
            name="withdrawn_is_erased",
        ),
        CheckConstraint(
            "(state = 'pending') = (expires_on IS NOT NULL)"
            " AND (state = 'pending' OR (fingerprint IS NULL AND earlier_fingerprint IS NULL))",
            name="pending_expires",
        ),
        CheckConstraint("state NOT IN ('pending', 'held') OR edition IS NULL", name="released_were_confirmed"),
        CheckConstraint("name_box IS NULL OR display = 'named'", name="name_only_when_named"),
        CheckConstraint("NOT pact OR display = 'named'", name="pact_of_named"),
        CheckConstraint("removed_in IS NULL OR removed_in >= edition", name="removed_after"),
        CheckConstraint("batch IS NULL OR state = 'voided'", name="batch_is_voided"),
        CheckConstraint(
            "log_secret IS NULL OR (length(log_secret) = 32 AND edition IS NOT NULL)", name="log_secret_of_counted"
        ),
        Index(
            "uq_signatures_one_each",
            "letter_id",
            "address_index",
            unique=True,
            sqlite_where=text(STANDS),
            postgresql_where=text(STANDS),
        ),
        Index(
            "uq_signatures_one_mail",
            "letter_id",
            "fingerprint",
            unique=True,
            sqlite_where=text("mailed IS 1"),
            postgresql_where=text("mailed IS true"),
        ),
        Index(
            "uq_signatures_pseudonym",
            "letter_id",
            "pseudonym",
            unique=True,
            sqlite_where=text("pseudonym IS NOT NULL"),
            postgresql_where=text("pseudonym IS NOT NULL"),
        ),
        Index("ix_signatures_address", "letter_id", "address_index"),
        Index(
            "ix_signatures_news",
            "letter_id",
            "news",
            sqlite_where=text("news IS 1"),
            postgresql_where=text("news IS true"),
        ),
        Index(
            "ix_signatures_expiring",
            "expires_on",
            sqlite_where=text("expires_on IS NOT NULL"),
            postgresql_where=text("expires_on IS NOT NULL"),
        ),
        Index(
            "ix_signatures_aside",
            "letter_id",
            "state",
            "batch",
            sqlite_where=text(ASIDE),
            postgresql_where=text(ASIDE),
        ),
        Index(
            "ix_signatures_pact",
            "letter_id",
            "state",
            "edition",
            sqlite_where=text("pact IS 1"),
            postgresql_where=text("pact IS true"),
        ),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    letter_id: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16))
    display: Mapped[str] = mapped_column(String(16))
    standing: Mapped[str] = mapped_column(String(16))
    profession: Mapped[str | None] = mapped_column(String(60))
    region: Mapped[str | None] = mapped_column(String(12))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    address_index: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    name_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    pseudonym: Mapped[int | None] = mapped_column(Integer)
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    earlier_fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    mailed: Mapped[bool] = mapped_column(Boolean, default=False)
    held_for: Mapped[str | None] = mapped_column(String(16))
    listed: Mapped[bool] = mapped_column(Boolean, default=False)
    expires_on: Mapped[date | None] = mapped_column(Date)
    news: Mapped[bool] = mapped_column(Boolean, default=False)
    edition: Mapped[int | None] = mapped_column(Integer)
    removed_in: Mapped[int | None] = mapped_column(Integer)
    printed_profession: Mapped[str | None] = mapped_column(String(60))
    printed_region: Mapped[str | None] = mapped_column(String(12))
    printed_standing: Mapped[str | None] = mapped_column(String(16))
    printed_named: Mapped[bool | None] = mapped_column(Boolean)
    batch: Mapped[int | None] = mapped_column(Integer)
    log_secret: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    press: Mapped[bool] = mapped_column(Boolean, default=False)
    pact: Mapped[bool] = mapped_column(Boolean, default=False)

    @property
    def seen_as(self) -> Display:
        """The display as everybody but its signer sees it."""
        return Display.COUNTED if self.pact else Display(self.display)


SEEN_AS: ColumnElement[str] = case((SignatureRow.pact.is_(True), Display.COUNTED.value), else_=SignatureRow.display)
"""The same in a query."""


class SubscriptionRow(Base):
    """The address of a signer who asked for updates, locked under the server key `subscriptions`.

    `handle` is what its mails and its link to unsubscribe carry.
    """

    __tablename__ = "subscriptions"
    __table_args__ = ({"sqlite_with_rowid": False},)

    signature_id: Mapped[bytes] = mapped_column(
        ForeignKey("signatures.id", deferrable=True, initially="DEFERRED"), primary_key=True
    )
    language: Mapped[str] = mapped_column(String(8))
    address_box: Mapped[bytes] = mapped_column(LargeBinary)
    handle: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
