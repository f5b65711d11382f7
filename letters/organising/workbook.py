"""An XLSX workbook whose rows leave as they come (ECMA-376, SpreadsheetML): no row is kept, in memory or on a disk.

The library makes the workbook, of one empty sheet; its rows are written here, all of them text. The library itself
would keep them in clear in temporary files until the last (docs/decisions/0017).
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING, BinaryIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from verification.late import Late

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter import utility
else:
    xlsxwriter, utility = map(Late, ("xlsxwriter", "xlsxwriter.utility"))

WriteRow = Callable[[Iterable[str]], None]

_NO_MOMENT = datetime(1980, 1, 1)  # noqa: DTZ001
"""What a workbook says of when it was made, as its archive does: a table tells nothing about its maker's evening."""

_SHEET = "xl/worksheets/sheet1.xml"
_ROWS = b"<sheetData/>"
_EXTENT = b'<dimension ref="A1"/>'

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no place for, and the carriage return, which it would make a line feed."""
_LIKE_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


@contextmanager
def writing_rows(file: BinaryIO, sheet: str) -> Iterator[WriteRow]:
    """Write a workbook of one sheet into a file, which need not be seekable. If the block fails it is no workbook."""
    archive = ZipFile(file, "w", ZIP_DEFLATED)
    try:
        before, after = _write_frame(archive, sheet)
        with archive.open(_entry(_SHEET), "w") as out:
            rows = count(1)
            out.write(before)
            yield lambda cells: _write_row(out.write, next(rows), cells)
            out.write(after)
    except BaseException:
        archive.fp = None  # or it would be closed as if it were whole
        raise
    archive.close()


def _write_frame(archive: ZipFile, sheet: str) -> tuple[bytes, bytes]:
    """Write all parts of a workbook but its sheet; returns what stands before and after that one's rows."""
    with ZipFile(_empty_workbook(sheet)) as empty:
        for part in empty.infolist():
            if part.filename != _SHEET:
                archive.writestr(_entry(part.filename), empty.read(part))
        before, rows, after = empty.read(_SHEET).replace(_EXTENT, b"").partition(_ROWS)
    assert rows, "the library writes an empty sheet in another way"
    return before + b"<sheetData>", b"</sheetData>" + after


def _write_row(write: Callable[[bytes], object], number: int, cells: Iterable[str]) -> None:
    column_name = utility.xl_col_to_name
    inside = "".join(
        f'<c r="{column_name(column)}{number}" t="inlineStr"><is><t xml:space="preserve">{_text(cell)}</t></is></c>'
        for column, cell in enumerate(cells)
    )
    write(f'<row r="{number}">{inside}</row>'.encode())


def _text(cell: str) -> str:
    """A cell as ST_Xstring (ECMA-376, 22.9.2.19)."""
    plain = _LIKE_ESCAPED.sub("_x005F_", cell)
    return escape(_UNPRINTABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", plain))


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name)  # of 1980
    entry.compress_type = ZIP_DEFLATED
    return entry


def _empty_workbook(sheet: str) -> io.BytesIO:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.add_worksheet(sheet)
        book.set_properties({"created": _NO_MOMENT})
    return file
