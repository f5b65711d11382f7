"""Signatures given earlier or on paper: they are counted and never kept."""

from __future__ import annotations

import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import IO

from letters.organising.tables.errors import BadTable
from letters.organising.tables.reading import Column, Row, read_table

MOST_PROFESSIONS = 500

_COLUMNS = (Column("name", required=True, longest=200), Column("profession", required=False, longest=200),
            Column("region", required=False, longest=200), Column("city", required=False, longest=200))  # fmt: skip
_PART = 256


@dataclass(frozen=True)
class Tally:
    """What a table adds up to.

    A duplicate repeats an earlier row's name, profession and region, whatever its capitals. `by_profession` has the
    other rows by profession as first written, empty where none is given; its figures make up `rows - duplicates`.
    It is empty for a table that names no profession at all.
    """

    rows: int
    duplicates: int
    by_profession: Mapping[str, int]


def count_earlier(file: IO[bytes]) -> Tally:
    """Count a table of name and, where there are such columns, profession, region and city. Raises `BadTable`.

    Only hashes are in memory meanwhile, 8 bytes for each row. Two people share one in 1 of 30 million tables of
    1,000,000 rows.
    """
    seen: defaultdict[str, _Hashes] = defaultdict(_Hashes)
    written: dict[str, str] = {}
    rows = 0
    for row in read_table(file, _COLUMNS):
        profession = _fold(row.values["profession"])
        written.setdefault(profession, row.values["profession"])
        if len(written) > MOST_PROFESSIONS:
            raise BadTable("too_many_professions", values={"limit": MOST_PROFESSIONS})
        seen[profession].add(_digest(row))
        rows += 1
    counts = {written[profession]: hashes.different() for profession, hashes in seen.items()}
    return Tally(rows, rows - sum(counts.values()), counts if any(counts) else {})


class _Hashes:
    """Hashes in parts small enough that finding the repeated ones takes little memory."""

    def __init__(self) -> None:
        self._parts: defaultdict[int, array[int]] = defaultdict(lambda: array("Q"))

    def add(self, digest: int) -> None:
        self._parts[digest % _PART].append(digest)

    def different(self) -> int:
        return sum(len(set(part)) for part in self._parts.values())


def _digest(row: Row) -> int:
    person = "\0".join(_fold(row.values[name]) for name in ("name", "profession", "region"))
    return int.from_bytes(blake2b(person.encode(), digest_size=8).digest())


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
