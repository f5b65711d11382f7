"""The public list as it was printed: entries page by page, and those whose name holds some words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from letters.models.editions import EntryRow
from letters.publishing.entries import fold, public_name

PAGE = 100
"""Entries on a page."""


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


Columns = tuple[bytes, bytes | None, int | None, str | None, str | None]
"""What is read of an entry: its signature, the box of its name, pseudonym, profession and region."""

NOBODY = EntryPage((), page=1, pages=1, found=0)
"""The list while its names are hidden."""


def list_entries(session: Session, letter_id: int, page: int, names_key: bytes) -> EntryPage:
    """Entries in the order of their editions, the newest edition first; names are unlocked under `names_key`."""
    found = session.scalar(select(func.count()).select_from(EntryRow).where(EntryRow.letter_id == letter_id)) or 0
    page, pages = _within(page, found)
    rows = session.execute(_in_order(letter_id).limit(PAGE).offset((page - 1) * PAGE))
    return EntryPage([_entry(row, names_key) for row in rows], page, pages, found)


def search_entries(session: Session, letter_id: int, page: int, names_key: bytes, query: str) -> EntryPage:
    """Those of them whose name holds the words of `query`.

    Names lie in boxes, so each is unlocked and looked at: about 100,000 a second.
    """
    wanted = fold(query)
    rows = session.execute(_in_order(letter_id).where(EntryRow.name_box.is_not(None)), execution_options=_STREAMED)
    shown: list[Entry] = []
    found = 0
    for entry in (_entry(row, names_key) for row in rows):
        if wanted not in fold(entry.name or ""):
            continue
        if found < page * PAGE:
            shown = [*(shown if found % PAGE else ()), entry]
        found += 1
    page, pages = _within(page, found)
    return EntryPage(shown, page, pages, found)


def _in_order(letter_id: int) -> Select[*Columns]:
    columns = EntryRow.signature_id, EntryRow.name_box, EntryRow.pseudonym, EntryRow.profession, EntryRow.region
    chosen = select(*columns).where(EntryRow.letter_id == letter_id)
    return chosen.order_by(EntryRow.edition.desc(), EntryRow.position)


def _entry(row: Row[*Columns], names_key: bytes) -> Entry:
    name = public_name(names_key, row.name_box, row.signature_id) if row.name_box else None
    return Entry(name, row.pseudonym, row.profession, row.region)


def _within(page: int, found: int) -> tuple[int, int]:
    """The page, or the last one there is, and how many there are."""
    pages = max(1, ceil(found / PAGE))
    return min(page, pages), pages


_STREAMED = {"yield_per": 1000}
