"""Decisions over many signatures at once: proposed, approved by a second organiser, done in the background, undone."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from verification.database import Base


class BatchState(StrEnum):
    """Where a batch is: it waits for a second organiser, is being done or undone, is done, was undone or dropped, or
    the edition after it has made it final."""

    PROPOSED = "proposed"
    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    DROPPED = "dropped"
    FINAL = "final"


class Reason(StrEnum):
    """Why signatures are voided; readers see it in their language."""

    BURST = "burst"
    DISPOSABLE = "disposable"
    DOMAIN = "domain"
    INVENTED = "invented"
    DUPLICATE = "duplicate"
    OUTSIDE = "outside"
    REQUEST = "request"


class BatchRow(Base):
    """One voiding by rule. `rule` is a filter over what the database can see of signatures, or their ids; `count` how
    many fitted when it was proposed, and of a filter how many when it was approved; `done` how many it has voided so
    far. `cursor` is the last id looked at.

    `account_id` proposed it and `approved_by`, for many, is another organiser.
    """

    __tablename__ = "batches"
    __table_args__ = (
        CheckConstraint(
            "state IN ('proposed', 'running', 'done', 'undoing', 'undone', 'dropped', 'final')", name="state"
        ),
        CheckConstraint("count >= 0 AND done >= 0", name="counts"),
        CheckConstraint("approved_by IS NULL OR approved_by <> account_id", name="two_people"),
        Index("ix_batches_state", "state"),
    )

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    state: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(24))
    rule: Mapped[dict[str, Any]] = mapped_column(JSON)
    count: Mapped[int] = mapped_column(Integer)
    done: Mapped[int] = mapped_column(Integer, default=0)
    cursor: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    account_id: Mapped[bytes] = mapped_column(LargeBinary(16))
    approved_by: Mapped[bytes | None] = mapped_column(LargeBinary(16))


class DomainRuleRow(Base):
    """A mail domain whose signatures are held for an organiser, in one letter, from the day on which it was added."""

    __tablename__ = "domain_rules"

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), primary_key=True)
    domain: Mapped[str] = mapped_column(String(253), primary_key=True)
