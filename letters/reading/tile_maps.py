"""The regions of an edition as tile maps, one for each country of the letter that has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import format_decimal

from letters.models.values import Edition, Letter
from letters.vocabularies.tiles import Tile, tiles_of
from letters.web.site import Site

LEVELS = 5
"""Shades of a map; the darkest is that of the largest figure, the others are equal parts of it."""

FITS = 7
"""Columns up to which a tile has room for its figure; wider maps show codes only, the figures stand in the table."""

LONGEST = 5
"""Characters of a figure for which a tile has room, as in 9,999."""


@dataclass(frozen=True)
class TileView:
    """One square: `level` from 1 to `LEVELS`, 0 for what is withheld or nobody; `text` is its figure, or empty."""

    code: str
    column: int
    row: int
    level: int
    text: str


@dataclass(frozen=True)
class MapView:
    """One country's map, `columns` by `rows` squares."""

    country: str
    label: str
    columns: int
    rows: int
    tiles: Sequence[TileView]


def tile_maps(site: Site, letter: Letter, edition: Edition | None, language: str) -> Sequence[MapView]:
    """The maps of an edition's printed regions; none before the first edition."""
    if edition is None:
        return ()
    shown = edition.figures["region"]["shown"]
    most = max(shown.values(), default=0)
    labels = site.labels(letter, language)
    return [
        _map(country, labels.region(country), tiles, shown, most)
        for country in letter.countries
        if (tiles := tiles_of(country))
    ]


def _map(country: str, label: str, tiles: Sequence[Tile], shown: dict[str, int], most: int) -> MapView:
    columns, rows = (1 + max(getattr(tile, side) for tile in tiles) for side in ("column", "row"))
    largest = max(shown.get(tile.code, 0) for tile in tiles)
    fits = columns <= FITS and len(format_decimal(largest)) <= LONGEST
    views = [_view(tile, shown.get(tile.code, 0), most, fits=fits) for tile in tiles]
    return MapView(country, label, columns, rows, views)


def _view(tile: Tile, count: int, most: int, *, fits: bool) -> TileView:
    level = -(-count * LEVELS // most) if most else 0
    text = format_decimal(count) if count and fits else ""
    return TileView(tile.code.partition("-")[2], tile.column, tile.row, level, text)
