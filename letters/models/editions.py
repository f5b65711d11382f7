"""Editions and what they print: figures that never change, and entries that can be taken away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from verification.database import Base, Moment


class EditionRow(Base):
    """One numbered release of a letter; `figures` holds the cells exactly as printed.

    `reasons` says for each reason how many this edition voided; `log_size` how many leaves the letter's log has with
    it, None for an edition from before there were logs.
    """

    __tablename__ = "editions"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("signatures >= withdrawn + voided AND withdrawn >= 0 AND voided >= 0", name="sum"),
    )

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    released_at: Mapped[datetime] = mapped_column(Moment)
    signatures: Mapped[int] = mapped_column(Integer)
    withdrawn: Mapped[int] = mapped_column(Integer)
    voided: Mapped[int] = mapped_column(Integer)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    reasons: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    log_size: Mapped[int | None] = mapped_column(Integer)

    @property
    def total(self) -> int:
        return self.signatures - self.withdrawn - self.voided


class TallyRow(Base):
    """The exact running count of one cell, moved only by an edition; never shown as it is."""

    __tablename__ = "tallies"
    __table_args__ = (
        CheckConstraint("dimension IN ('profession', 'region', 'standing')", name="dimension"),
        CheckConstraint("unnamed >= 0 AND count >= unnamed", name="count"),
    )

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), primary_key=True)
    dimension: Mapped[str] = mapped_column(String(16), primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    unnamed: Mapped[int] = mapped_column(Integer)


class CellRow(Base):
    """What a cell prints, None while it is hidden, and how many events it has seen since it was last read."""

    __tablename__ = "cells"
    __table_args__ = (
        CheckConstraint("dimension IN ('profession', 'region', 'standing')", name="dimension"),
        CheckConstraint("events >= 0 AND (printed IS NULL OR printed > 0)", name="figures"),
    )

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), primary_key=True)
    dimension: Mapped[str] = mapped_column(String(16), primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    events: Mapped[int] = mapped_column(Integer)
    printed: Mapped[int | None] = mapped_column(Integer)


class EntryRow(Base):
    """One line of the public list, its name in a box. `leaving` ones are taken away at the next interval."""

    __tablename__ = "entries"
    __table_args__ = (
        CheckConstraint("(name_box IS NULL) <> (pseudonym IS NULL)", name="one_name"),
        ForeignKeyConstraint(["letter_id", "edition"], ["editions.letter_id", "editions.number"]),
        Index(
            "uq_entries_signature",
            "signature_id",
            unique=True,
            sqlite_where=text("leaving IS 0"),
            postgresql_where=text("leaving IS false"),
        ),
        Index(
            "ix_entries_leaving",
            "letter_id",
            "leaving",
            sqlite_where=text("leaving IS 1"),
            postgresql_where=text("leaving IS true"),
        ),
        {"sqlite_with_rowid": False},
    )

    letter_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    edition: Mapped[int] = mapped_column(Integer, primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    signature_id: Mapped[bytes] = mapped_column(LargeBinary(16))
    name_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    pseudonym: Mapped[int | None] = mapped_column(Integer)
    profession: Mapped[str | None] = mapped_column(String(60))
    region: Mapped[str | None] = mapped_column(String(12))
    leaving: Mapped[bool] = mapped_column(Boolean, default=False)
