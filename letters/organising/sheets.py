"""Opened signatures as a table: CSV, JSON lines or XLSX, each written row by row.

No cell begins like a formula (OWASP, CSV injection), whatever a signer typed. JSON lines are for programs: they hold
what was typed.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, astuple, fields
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import xlsxwriter

from letters.organising.unsealing import Opened
from verification.errors import Refusal

MOST_IN_XLSX = 1_048_575
"""Signatures in one sheet: its 1,048,576 rows less the head."""

_COLUMNS = tuple(field.name for field in fields(Opened))
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_XLSX = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}

_NO_MOMENT = datetime(1980, 1, 1)  # noqa: DTZ001
"""What a workbook says of when it was made, as its archive does: a table tells nothing about its maker's evening."""

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
def _csv(file: BinaryIO, _folder: Path) -> Iterator[Write]:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    table = csv.writer(text)
    table.writerow(_COLUMNS)
    try:
        yield lambda opened: table.writerow(_cells(opened))
    finally:
        text.detach()


@contextmanager
def _jsonl(file: BinaryIO, _folder: Path) -> Iterator[Write]:
    yield lambda opened: _write_object(file, opened)


@contextmanager
def _xlsx(file: BinaryIO, folder: Path) -> Iterator[Write]:
    # The library keeps rows in files until the end: beside the table, never in a folder that everybody shares.
    with (
        TemporaryDirectory(dir=folder, prefix="undersigned.", suffix=".unfinished") as scratch,
        xlsxwriter.Workbook(file, {**_XLSX, "tmpdir": scratch}) as book,
    ):
        sheet, row = book.add_worksheet("signatures"), 0
        sheet.write_row(0, 0, _COLUMNS)
        book.set_properties({"created": _NO_MOMENT})

        def write(opened: Opened) -> None:
            nonlocal row
            row += 1
            check_fits("xlsx", row)
            sheet.write_row(row, 0, _cells(opened))

        yield write


SHEETS: Mapping[str, Callable[[BinaryIO, Path], AbstractContextManager[Write]]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "xlsx": _xlsx,
}
"""How each form of table is begun: in a file, with a folder for what is kept until its end."""


def _write_object(file: BinaryIO, opened: Opened) -> None:
    file.write(json.dumps(asdict(opened), ensure_ascii=False).encode() + b"\n")


def _cells(opened: Opened) -> list[str]:
    return [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in astuple(opened)]
