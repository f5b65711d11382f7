"""Reading a table row by row: which columns it has, and what a cell may hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from letters.organising.tables.errors import BadTable
from letters.organising.tables.lines import Lines
from letters.organising.tables.records import records_of

MOST_ROWS = 1_000_000

# How a cell begins that a spreadsheet would calculate (OWASP, CSV injection); full-width signs count as well.
_FORMULA = tuple("=+-@＝＋－＠")
_LONGEST_NAME_SHOWN = 40


@dataclass(frozen=True)
class Column:
    """A column that a table may have. `name` is lower case; `longest` counts the characters of a cell.

    A required one is in the table and none of its cells is empty.
    """

    name: str
    required: bool
    longest: int


@dataclass(frozen=True)
class Row:
    """A row that holds anything: the line on which it begins, and a text for each known column, empty where none is.

    A text is NFC and one line; its spaces are tidied.
    """

    line: int
    values: Mapping[str, str]


def read_table(file: IO[bytes], columns: Sequence[Column], *, most_rows: int = MOST_ROWS) -> Iterator[Row]:
    """Yield the rows of a seekable CSV file (RFC 4180; also with semicolons or tabs), leaving it open.

    Rows are read as they are asked for: keep nothing before the last has come. Raises `BadTable`.
    """
    lines = Lines(file)
    try:
        records = records_of(lines)
        places = _places(next(records, (1, []))[1], columns)
        rows = 0
        for line, cells in records:
            values = _values(line, cells, places)
            if not any(values.values()):
                continue
            _check_values(line, values, columns)
            rows += 1
            if rows > most_rows:
                raise BadTable("too_many_rows", values={"limit": most_rows})
            yield Row(line, {column.name: values.get(column.name, "") for column in columns})
    finally:
        lines.release()


def _places(head: Sequence[str], columns: Sequence[Column]) -> tuple[str, ...]:
    """The name of each column of the file, in its order."""
    known = {"columns": ", ".join(column.name for column in columns)}
    names = [_tidy(cell).casefold() for cell in head]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise BadTable("empty_file", values=known)
    for place in range(len(names)):
        _check_name(place, names, columns, known)
    for column in columns:
        if column.required and column.name not in names:
            raise BadTable("missing_header", values={"name": column.name, **known})
    return tuple(names)


def _check_name(place: int, names: Sequence[str], columns: Sequence[Column], known: Mapping[str, str]) -> None:
    name, first = names[place], names.index(names[place])
    if not name:
        raise BadTable("unnamed_column", values={"column": place + 1})
    if name not in {column.name for column in columns}:
        raise BadTable("unknown_header", values={"name": name[:_LONGEST_NAME_SHOWN], **known})
    if first < place:
        raise BadTable("duplicate_header", values={"name": name, "first": first + 1, "second": place + 1})


def _values(line: int, cells: Sequence[str], places: Sequence[str]) -> dict[str, str]:
    if any(cell.strip() for cell in cells[len(places) :]):
        raise BadTable("too_many_cells", line=line)
    values = {}
    for name, cell in zip(places, cells, strict=False):
        text = _tidy(cell)
        if cell.startswith(("\t", "\r", "\n")) or text.startswith(_FORMULA):
            raise BadTable("formula", line=line, values={"column": name})
        values[name] = text
    return values


def _check_values(line: int, values: Mapping[str, str], columns: Sequence[Column]) -> None:
    for column in columns:
        text = values.get(column.name, "")
        if column.required and not text:
            raise BadTable("empty_cell", line=line, values={"column": column.name})
        if len(text) > column.longest:
            raise BadTable("cell_too_long", line=line, values={"column": column.name, "limit": column.longest})


def _tidy(cell: str) -> str:
    return " ".join(unicodedata.normalize("NFC", cell).split())
