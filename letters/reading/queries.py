"""What the public pages read: entries page by page, editions. Nothing newer than the last edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from letters.models.editions import EditionRow, EntryRow
from letters.models.values import Edition
from letters.publishing.entries import fold

PAGE = 100
"""Entries on a page."""

POINTS = 60
"""Editions that a growth chart shows at most."""


@dataclass(frozen=True)
class Entry:
    """One line of the public list: a name or a pseudonym's number, and what may be shown beside it."""

    name: str | None
    pseudonym: int | None
    profession: str | None
    region: str | None


@dataclass(frozen=True)
class EntryPage:
    """A page of the list; `page` is within 1 to `pages`."""

    entries: Sequence[Entry]
    page: int
    pages: int
    found: int


def list_entries(session: Session, letter_id: int, page: int, query: str) -> EntryPage:
    """Entries in the order of their editions, the newest edition first; `query` searches names."""
    chosen: list[ColumnElement[bool]] = [EntryRow.letter_id == letter_id]
    if query:
        chosen.append(EntryRow.folded.contains(fold(query), autoescape=True))
    found = session.scalar(select(func.count()).select_from(EntryRow).where(*chosen)) or 0
    pages = max(1, ceil(found / PAGE))
    page = min(page, pages)
    rows = session.execute(
        select(EntryRow.name, EntryRow.pseudonym, EntryRow.profession, EntryRow.region)
        .where(*chosen)
        .order_by(EntryRow.edition.desc(), EntryRow.position)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return EntryPage([Entry(*row) for row in rows], page, pages, found)


def find_edition(session: Session, letter_id: int, number: int) -> Edition | None:
    row = session.get(EditionRow, (letter_id, number))
    return Edition.of(row) if row else None


def history(session: Session, letter_id: int, last: int) -> list[Edition]:
    """At most `POINTS` editions up to number `last`, evenly spread, the first and the last among them."""
    wanted = sorted({1 + round(step * (last - 1) / (POINTS - 1)) for step in range(POINTS)}) if last else []
    rows = session.scalars(
        select(EditionRow)
        .where(EditionRow.letter_id == letter_id, EditionRow.number.in_(wanted))
        .order_by(EditionRow.number)
    )
    return [Edition.of(row) for row in rows]
