"""Opened signatures as a table: CSV, JSON lines or XLSX, each written row by row and nowhere kept.

No cell begins like a formula (OWASP, CSV injection), whatever a signer typed; in CSV nothing after a semicolon does
either, where Excel parts cells when its language writes decimals with a comma. JSON lines are for programs: they hold
what was typed.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, astuple, fields
from typing import BinaryIO

from letters.organising.unsealing import Opened
from letters.organising.workbook import writing_rows
from verification.errors import Refusal

MOST_IN_XLSX = 1_048_575
"""Signatures in one sheet: its 1,048,576 rows less the head."""

_COLUMNS = tuple(field.name for field in fields(Opened))
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_AFTER_SEPARATOR = re.compile(r'(?<=[;\t|\r\n"])(\s*)(?=[=+\-@])')

Write = Callable[[Opened], None]


class TooManyRows(Refusal):
    """The signatures do not fit into one sheet."""


def check_fits(form: str, records: int) -> None:
    """Raises `TooManyRows` for more signatures than the form of table can hold."""
    if form == "xlsx" and records > MOST_IN_XLSX:
        raise TooManyRows(
            f"An XLSX sheet holds {MOST_IN_XLSX:,} signatures, and here are {records:,}. Use --format csv or jsonl."
        )


@contextmanager
def _csv(file: BinaryIO) -> Iterator[Write]:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    table = csv.writer(text)
    table.writerow(_COLUMNS)
    try:
        yield lambda opened: table.writerow([csv_cell(cell) for cell in astuple(opened)])
    finally:
        text.detach()


@contextmanager
def _jsonl(file: BinaryIO) -> Iterator[Write]:
    yield lambda opened: _write_object(file, opened)


@contextmanager
def _xlsx(file: BinaryIO) -> Iterator[Write]:
    with writing_rows(file, "signatures") as write_row:
        rows = 0
        write_row(_COLUMNS)

        def write(opened: Opened) -> None:
            nonlocal rows
            rows += 1
            check_fits("xlsx", rows)
            write_row(_cells(opened))

        yield write


SHEETS: Mapping[str, Callable[[BinaryIO], AbstractContextManager[Write]]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "xlsx": _xlsx,
}
"""How each form of table is begun in a file, which need not be seekable; rows are on no disk unless the file is."""


def _write_object(file: BinaryIO, opened: Opened) -> None:
    file.write(json.dumps(asdict(opened), ensure_ascii=False).encode() + b"\n")


def csv_cell(text: str) -> str:
    """Text as a cell of a CSV table: no part of it is a formula to a spreadsheet program."""
    return _AFTER_SEPARATOR.sub(r"\1'", _cell(text))


def _cells(opened: Opened) -> list[str]:
    return [_cell(text) for text in astuple(opened)]


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
