"""What is drawn once and handed out as bytes: the card of an edition, the poster."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from verification.database import Base


class DrawingKind(StrEnum):
    """What is drawn: a PNG with the count for links to the letter, or an A4 sheet to be put up, as PDF."""

    CARD = "card"
    POSTER = "poster"


class DrawingRow(Base):
    """The newest drawing of its kind in one language. `source` is the SHA-256 of what it was drawn from: it is drawn
    again only when that changes."""

    __tablename__ = "drawings"
    __table_args__ = (
        CheckConstraint("kind IN ('card', 'poster')", name="kind"),
        CheckConstraint("length(source) = 32", name="source_length"),
    )

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    source: Mapped[bytes] = mapped_column(LargeBinary(32))
    data: Mapped[bytes] = mapped_column(LargeBinary)
