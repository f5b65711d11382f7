"""What organisers decided about signatures, in public: when, what, why, and over how many."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from verification.database import Base


class DecisionRow(Base):
    """One decision; it names no signature. `reason` is a `Reason`, or a line of text from the command line."""

    __tablename__ = "decisions"
    __table_args__ = (
        CheckConstraint("act IN ('accepted', 'voided')", name="act"),
        CheckConstraint("act = 'accepted' OR reason IS NOT NULL", name="void_has_reason"),
        CheckConstraint("count > 0", name="count"),
    )

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    decided_on: Mapped[date] = mapped_column(Date)
    act: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)
    count: Mapped[int] = mapped_column(Integer)
