"""What stands in a backup, compressed and then sealed: a line that describes it, and every table's rows.

A row is a line of JSON, a list of its values in the order of the table's columns, with the length in place of each
value of bytes; those bytes follow the line. It is the same whichever database the rows come from or go to.
"""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, BinaryIO

from sqlalchemy import Column, Date, DateTime, LargeBinary, Table

from verification.errors import Refusal

FORMAT = 1
_LEVEL = 1
_MOST = 1 << 20
"""Bytes that are made of a compressed piece at a time."""
_LONGEST_LINE, _LONGEST_VALUE = 1 << 26, 1 << 30
"""Bytes of a line and of a value of bytes, far beyond what any table holds: anybody can make a file that opens."""


class NotABackup(Refusal):
    """What was opened is no backup, or one that this version cannot read."""


class Kind(StrEnum):
    """How a column's values stand in a row."""

    BYTES = "bytes"
    DATE = "date"
    MOMENT = "moment"
    PLAIN = "plain"


@dataclass(frozen=True)
class Summary:
    """A backup in short: the tables' `revision`, the day, whether it was made for moving (and so holds every row),
    how many rows of each table, in the order in which they come, and the seeds that sign logs, by letter."""

    revision: str
    made_on: str
    move: bool
    rows: Mapping[str, int]
    log_seeds: Mapping[str, str]

    def encode(self) -> bytes:
        return _line({"format": FORMAT, **asdict(self)})

    @classmethod
    def read(cls, source: BinaryIO) -> Summary:
        """Raises `NotABackup`."""
        with suppress(*_UNREADABLE):
            found = json.loads(source.readline(_LONGEST_LINE))
            if found["format"] == FORMAT:
                rows = {str(name): int(count) for name, count in found["rows"].items()}
                seeds = {str(slug): str(seed) for slug, seed in found["log_seeds"].items()}
                return cls(str(found["revision"]), str(found["made_on"]), bool(found["move"]), rows, seeds)
        raise NotABackup("The file is no backup that this version can read. Use the version that made it, or a newer.")


@dataclass(frozen=True)
class Section:
    """How a table's rows begin."""

    table: str
    columns: Sequence[tuple[str, Kind]]
    rows: int

    @classmethod
    def of(cls, table: Table, rows: int) -> Section:
        return cls(table.name, [(column.name, _kind_of(column)) for column in table.columns], rows)

    def encode(self) -> bytes:
        return _line(asdict(self))

    @classmethod
    def read(cls, source: BinaryIO) -> Section:
        """Raises `NotABackup`."""
        with suppress(*_UNREADABLE):
            found = json.loads(source.readline(_LONGEST_LINE))
            return cls(str(found["table"]), [(str(name), Kind(kind)) for name, kind in found["columns"]], found["rows"])
        raise NotABackup(_UNREAD)

    def encode_row(self, values: Sequence[Any]) -> bytes:
        blobs, plain = [], []
        for (_name, kind), value in zip(self.columns, values, strict=True):
            if kind is Kind.BYTES and value is not None:
                blobs.append(bytes(value))
            plain.append(None if value is None else _TO_PLAIN[kind](value))
        return b"".join((_line(plain), *blobs))

    def read_rows(self, source: BinaryIO) -> Iterator[dict[str, Any]]:
        """Raises `NotABackup`."""
        try:
            for _ in range(self.rows):
                yield self._read_row(source)
        except _UNREADABLE:
            raise NotABackup(_UNREAD) from None

    def _read_row(self, source: BinaryIO) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for (name, kind), value in zip(self.columns, json.loads(source.readline(_LONGEST_LINE)), strict=True):
            if value is None or kind is Kind.PLAIN:
                row[name] = value
            elif kind is Kind.BYTES:
                row[name] = _read_value(source, value)
            else:
                row[name] = date.fromisoformat(value) if kind is Kind.DATE else datetime.fromisoformat(value)
        return row


def _read_value(source: BinaryIO, length: int) -> bytes:
    if not 0 <= length <= _LONGEST_VALUE:
        raise NotABackup(_UNREAD)
    return source.read(length)


def compressed(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The parts as one zlib stream (RFC 1950)."""
    packer = zlib.compressobj(_LEVEL)
    for part in parts:
        yield packer.compress(part)
    yield packer.flush()


def expanded(parts: Iterable[bytes]) -> BinaryIO:
    """What `compressed` was given, to be read as a file. Raises `NotABackup` while it is read."""
    return io.BufferedReader(_Pieces(_expand(parts)), _MOST)


def check_end(source: BinaryIO) -> None:
    """Read on to the end, where the seal says that nothing is missing. Raises `NotABackup` for anything but the end."""
    if source.read(1):
        raise NotABackup("The file holds more than it says. Use another copy.")


def _expand(parts: Iterable[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj()
    for part in parts:
        waiting = part
        while waiting:
            try:
                yield unpacker.decompress(waiting, _MOST)
            except zlib.error:
                raise NotABackup(_UNREAD) from None
            waiting = unpacker.unconsumed_tail
    yield unpacker.flush()


class _Pieces(io.RawIOBase):
    """Pieces of any length as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        count = min(len(view), len(self._rest))
        view[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


def _kind_of(column: Column[Any]) -> Kind:
    for kind, type_ in ((Kind.BYTES, LargeBinary), (Kind.MOMENT, DateTime), (Kind.DATE, Date)):
        if isinstance(column.type, type_):
            return kind
    return Kind.PLAIN


def _as_utc(moment: datetime) -> str:
    """SQLite keeps no zone: its moments are UTC."""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return aware.astimezone(UTC).isoformat()


def _as_it_is(value: Any) -> Any:
    return value


_TO_PLAIN: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.BYTES: len,
    Kind.MOMENT: _as_utc,
    Kind.DATE: date.isoformat,
    Kind.PLAIN: _as_it_is,
}


def _line(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
_UNREAD = "What the file holds cannot be read. Use another copy."
