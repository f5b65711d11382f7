"""The records of a CSV file (RFC 4180), its cells separated by commas, semicolons or tabs."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import chain

from letters.organising.tables.errors import BadTable
from letters.organising.tables.lines import Lines

_SEPARATORS = ",;\t"
# The line by which Excel tells Excel what separates the cells.
_TOLD = re.compile(r'"?sep=([,;\t|])"?\s*', re.IGNORECASE)


def records_of(lines: Lines) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that is not an empty line, with the line on which it begins; the head is the first.

    Raises `BadTable` for quotation marks that do not match.
    """
    head = _first(lines)
    told = _TOLD.fullmatch(head)
    if told:
        head = _first(lines)
    line = lines.number
    reader = csv.reader(chain([head], lines), delimiter=told[1] if told else _separator(head), strict=True)
    while (cells := _next(reader, line)) is not None:
        if cells:
            yield line, cells
        lines.begin_row()
        line = lines.number + 1


def _first(lines: Lines) -> str:
    """The next line that is not empty; an empty text when none is left."""
    for line in lines:
        if line.strip():
            return line
        lines.begin_row()
    return ""


def _next(reader: Iterator[list[str]], line: int) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error:
        raise BadTable("bad_quotes", line=line) from None


def _separator(head: str) -> str:
    """What separates the most cells outside quotation marks; a comma where there is one column."""
    bare = re.sub(r'"[^"]*"', "", head)
    return max(_SEPARATORS, key=bare.count)
