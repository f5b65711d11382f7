"""One thing that is kept, and how its words are marked for translators."""

from __future__ import annotations

from dataclasses import dataclass

N_ = str
"""Marks a text for translators; the page translates it."""


@dataclass(frozen=True)
class Kept:
    """One thing that is kept. `where` names columns as `table.column`, or a place outside the database."""

    what: str
    where: tuple[str, ...]
    why: str
    until: str
    ended_by: str


def columns(table: str, names: str) -> tuple[str, ...]:
    """The columns of one table, named with blanks between them."""
    return tuple(f"{table}.{name}" for name in names.split())
