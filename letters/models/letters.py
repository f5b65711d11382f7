"""Letters: their text in each language, their rules, their state."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, Date, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from verification.database import Base, Moment


class LetterState(StrEnum):
    """Where a letter is in its life."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    ARCHIVED = "archived"


CLOSED = (LetterState.CLOSED.value, LetterState.ARCHIVED.value)
"""The states of a letter that has closed; none leads back."""


class LetterRow(Base):
    """One letter. `revision` grows with every change that a page shows and no edition brings.

    `forgotten` says that the dedupe key is destroyed, `erased` that the sealed identities are. `organisers` are the
    public keys of those who can lift a lockdown, two of them together, and `lifts` what each of them has to answer.
    `completed` says that the last edition of all is out.
    """

    __tablename__ = "letters"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'scheduled', 'open', 'paused', 'closed', 'archived')", name="state"),
        CheckConstraint("custody IN ('team', 'offline')", name="custody"),
        CheckConstraint("state = 'draft' OR length(public_key) > 0", name="no_key_no_letter"),
        CheckConstraint("state <> 'scheduled' OR opens_at IS NOT NULL", name="scheduled_when"),
        CheckConstraint("state NOT IN ('closed', 'archived') OR closed_on IS NOT NULL", name="closed_when"),
        CheckConstraint("edition_every > 0 AND edition_at_least > 0", name="edition_rule"),
        CheckConstraint(
            "figures_threshold > 0 AND figures_step > 0 AND figures_moves_after > 0"
            " AND figures_hides_below > 0 AND figures_hides_below <= figures_threshold",
            name="figures_rule",
        ),
        CheckConstraint("(taken_down_on IS NULL) = (taken_down_for IS NULL)", name="taken_down_why"),
        CheckConstraint("burned_on IS NULL OR (forgotten AND erased)", name="burned_is_forgotten"),
        CheckConstraint("edition >= 0 AND removals >= 0 AND revision >= 0", name="counters"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    languages: Mapped[list[str]] = mapped_column(JSON)
    addressee: Mapped[dict[str, str]] = mapped_column(JSON)
    responsible: Mapped[dict[str, Any]] = mapped_column(JSON)
    countries: Mapped[list[str]] = mapped_column(JSON)
    professions: Mapped[str] = mapped_column(String(40))
    opens_at: Mapped[datetime | None] = mapped_column(Moment)
    closes_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_on: Mapped[date | None] = mapped_column(Date)
    goal: Mapped[int | None] = mapped_column(Integer)
    custody: Mapped[str] = mapped_column(String(16))
    public_key: Mapped[str] = mapped_column(Text)
    displays: Mapped[list[str]] = mapped_column(JSON)
    edition_every: Mapped[int] = mapped_column(Integer)
    edition_at_least: Mapped[int] = mapped_column(Integer)
    figures_threshold: Mapped[int] = mapped_column(Integer)
    figures_step: Mapped[int] = mapped_column(Integer)
    figures_moves_after: Mapped[int] = mapped_column(Integer)
    figures_hides_below: Mapped[int] = mapped_column(Integer)
    identities_until: Mapped[date | None] = mapped_column(Date)
    organisers: Mapped[list[str]] = mapped_column(JSON, default=list)
    text_hash: Mapped[str] = mapped_column(String(64))
    delivered_on: Mapped[date | None] = mapped_column(Date)
    answer: Mapped[dict[str, str] | None] = mapped_column(JSON)
    forgotten: Mapped[bool] = mapped_column(Boolean, default=False)
    erased: Mapped[bool] = mapped_column(Boolean, default=False)
    locked_on: Mapped[date | None] = mapped_column(Date)
    lifts: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    taken_down_on: Mapped[date | None] = mapped_column(Date)
    taken_down_for: Mapped[str | None] = mapped_column(Text)
    burned_on: Mapped[date | None] = mapped_column(Date)
    completed: Mapped[bool] = mapped_column(Boolean, default=False)
    edition: Mapped[int] = mapped_column(Integer, default=0)
    removals: Mapped[int] = mapped_column(Integer, default=0)
    revision: Mapped[int] = mapped_column(Integer, default=0)
    tended_at: Mapped[datetime | None] = mapped_column(Moment)


class LetterTextRow(Base):
    """The letter and its privacy notice in one language, as Markdown."""

    __tablename__ = "letter_texts"

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    privacy: Mapped[str] = mapped_column(Text)


class FirstSignatoryRow(Base):
    """Somebody who stands behind the letter from the start, in public, with a title."""

    __tablename__ = "first_signatories"

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[dict[str, str]] = mapped_column(JSON)
    title: Mapped[dict[str, str]] = mapped_column(JSON)


class CorrectionRow(Base):
    """A dated correction, shown under the frozen text."""

    __tablename__ = "corrections"

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    dated: Mapped[date] = mapped_column(Date)
    text: Mapped[dict[str, str]] = mapped_column(JSON)
