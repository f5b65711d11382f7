"""What is drawn once and handed out as bytes: the card of an edition, the poster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from letters.models.letters import LetterRow
from verification.database import Base

Version = tuple[int, int]
"""Revision and edition: what a letter's drawings may change with while the program runs."""


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


@dataclass(frozen=True)
class Drawing:
    """Bytes, and what they were drawn from."""

    source: bytes
    data: bytes


def sources(session: Session, letter_id: int) -> Mapping[tuple[DrawingKind, str], bytes]:
    """What a letter's drawings were drawn from, by kind and language."""
    rows = select(DrawingRow.kind, DrawingRow.language, DrawingRow.source).where(DrawingRow.letter_id == letter_id)
    return {(DrawingKind(kind), language): source for kind, language, source in session.execute(rows)}


def find_drawing(session: Session, letter_id: int, kind: DrawingKind, language: str) -> Drawing | None:
    """The newest of a letter's drawings of that kind in that language."""
    row = session.get(DrawingRow, (letter_id, kind.value, language))
    return Drawing(row.source, row.data) if row else None


def keep_drawing(
    letter_id: int, version: Version, kind: DrawingKind, language: str, drawing: Drawing, session: Session
) -> bool:
    """Keep it in the place of an older one, unless its letter has another version by now: then somebody else may have
    drawn that already. Returns whether it was kept."""
    locked = select(LetterRow.revision, LetterRow.edition).where(LetterRow.id == letter_id).with_for_update(read=True)
    if session.execute(locked).one() != version:
        return False
    session.merge(
        DrawingRow(letter_id=letter_id, kind=kind.value, language=language, source=drawing.source, data=drawing.data)
    )
    return True
