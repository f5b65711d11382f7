"""Tile maps: the subdivisions of a country as squares of one size, each about where it lies.

Every region is as large as every other, so that a map shows figures and not acres. The files are drawn by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from letters.vocabularies.files import BUILT_IN

TILES = BUILT_IN / "regions" / "tiles"
"""`<country>.txt`: rows from north to south, in them codes without their country from west to east, `.` for nothing."""


@dataclass(frozen=True)
class Tile:
    """One region (ISO 3166-2) and its place: columns from the west, rows from the north, both from 0."""

    code: str
    column: int
    row: int


@lru_cache(maxsize=32)
def tiles_of(country: str) -> Sequence[Tile]:
    """The tiles of a country by its ISO 3166-1 code; none where nobody has drawn its map yet."""
    file = TILES / f"{country}.txt"
    if not file.is_file():
        return ()
    rows = [line.split() for line in file.read_text(encoding="utf-8").splitlines()]
    return tuple(
        Tile(f"{country}-{code}", column, row)
        for row, codes in enumerate(rows)
        for column, code in enumerate(codes)
        if code != "."
    )
