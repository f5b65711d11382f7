"""The lines of an uploaded text file, decoded and counted as a text editor does."""

from __future__ import annotations

import codecs
import io
import os
import unicodedata
from collections.abc import Iterator
from typing import IO

from letters.organising.tables.errors import BadTable

LARGEST = 256
"""Megabytes (of 1,000,000 bytes) of a file."""
MOST_LINES = 3_000_000
"""Lines of a file, empty ones included."""
LONGEST_ROW = 50_000
"""Characters of a row, on however many lines."""

# How ZIP (XLSX, ODS), the older XLS, gzip, bzip2, xz, Zstandard, 7z, RAR, PDF, RTF, and XML or HTML tables begin.
_OTHER_FORMATS = (
    b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd",
    b"7z\xbc\xaf", b"Rar!", b"%PDF", b"{\\rtf", b"<",
)  # fmt: skip
_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
_BROKEN = "\N{REPLACEMENT CHARACTER}"


class Lines(Iterator[str]):
    """The lines of a seekable binary file from its start, with their ends; `number` is that of the line last given.

    Reads UTF-8, and UTF-16 where a byte order mark says so. Raises `BadTable` for another format or encoding, for
    characters that cannot be seen, and as soon as a file, or a row (see `begin_row`), is too long.
    """

    def __init__(self, file: IO[bytes]) -> None:
        _check_size(file)
        self._text = io.TextIOWrapper(file, encoding=_encoding(file), errors="replace", newline="")
        self.number = 0
        self.begin_row()

    def begin_row(self) -> None:
        """The next line begins a row."""
        self._left, self._row = LONGEST_ROW, self.number + 1

    def __next__(self) -> str:
        line = self._text.readline(self._left + 1)
        if not line:
            raise StopIteration
        self._left -= len(line)
        self.number += 1
        if self._left < 0:
            raise BadTable("row_too_long", line=self._row)
        if self.number > MOST_LINES:
            raise BadTable("too_many_lines", values={"limit": MOST_LINES})
        _check(line, self.number)
        return line

    def release(self) -> None:
        """Leave the file open for its owner."""
        self._text.detach()


def _check_size(file: IO[bytes]) -> None:
    if file.seek(0, os.SEEK_END) > LARGEST * 1_000_000:
        raise BadTable("file_too_large", values={"limit": LARGEST})


def _encoding(file: IO[bytes]) -> str:
    """The encoding by the byte order mark; leaves the file at its start.

    Windows-1251 has no mark, and any file could be a text in it, so it is not guessed: it fails as UTF-8.
    """
    file.seek(0)
    head = file.read(8)
    file.seek(0)
    if head.removeprefix(codecs.BOM_UTF8).startswith(_OTHER_FORMATS):
        raise BadTable("not_csv")
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise BadTable("wrong_encoding", line=1)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in head:
        raise BadTable("wrong_encoding", line=1)
    return "utf-8-sig"


def _check(line: str, number: int) -> None:
    text = line.rstrip("\r\n")
    if _BROKEN in text:
        raise BadTable("wrong_encoding", line=number)
    if not text.isprintable() and any(_is_hidden(character) for character in text):
        raise BadTable("control_character", line=number)


def _is_hidden(character: str) -> bool:
    return character != "\t" and unicodedata.category(character) in _HIDDEN
