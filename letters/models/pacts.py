"""Pacts: "show my name only once so many colleagues have agreed to"."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from verification.database import Base


class PactRow(Base):
    """A letter's pact: how many have to be `named` before those who wait for one another are shown.

    `kept_in` is the edition that counted so many; `lapsed` says that the letter closed before one had, and that the
    names that waited are erased. A letter without a row has no pact.
    """

    __tablename__ = "pacts"
    __table_args__ = (
        CheckConstraint("needed >= 2", name="needed"),
        CheckConstraint("NOT lapsed OR kept_in IS NULL", name="one_end"),
    )

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), primary_key=True)
    needed: Mapped[int] = mapped_column(Integer)
    kept_in: Mapped[int | None] = mapped_column(Integer)
    lapsed: Mapped[bool] = mapped_column(Boolean, default=False)
