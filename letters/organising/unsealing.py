"""Opening an export with the letter's secret key, line by line, on the organiser's own computer."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from letters.organising.exports import BadHead, Head, read_head
from letters.signing.pending import seal_context
from verification.errors import Refusal
from verification.identity.custody import KeyPart, OneKey, Opener, opener_for
from verification.identity.sealing import BadPublicKey, CannotOpen

LONGEST_LINE = 1 << 16
"""Bytes; a record under a combined key takes about 11,000. What is longer is no record and comes in pieces."""

_SEALED = ("name", "address", "workplace")
_BESIDE = ("profession", "region", "display", "state", "signature")
_NO_RECORD = "The line is not a whole record of an export."


class BadRecord(Refusal):
    """A line of an export cannot be opened."""


class EmptyExport(Refusal):
    """The file holds nothing, not even a head line."""


class HeadMissing(Refusal):
    """An export without a head line does not say whose keys open it."""


@dataclass(frozen=True)
class Opened:
    """One signature with its identity in clear."""

    name: str
    address: str
    workplace: str
    profession: str
    region: str
    display: str
    state: str
    signature: str


@dataclass(frozen=True)
class Line:
    """One line of an export as it stands in the file, counted from 1."""

    number: int
    content: bytes


@dataclass
class Export:
    """An export being read, once: its head line, unless it has the older form, and the lines after it."""

    head: Head | None
    _source: BinaryIO
    _first: list[Line]
    _seen: int = field(default=0, init=False)
    _last: str = field(default="", init=False)

    @property
    def letter(self) -> str | None:
        return self.head.letter if self.head else None

    def lines(self) -> Iterator[Line]:
        """Every line but the head line.

        One of more than `LONGEST_LINE` bytes comes in several pieces under its number, so that memory holds.
        """
        number, inside = 1, False
        for line in self._first:
            self._seen, inside = 1, not line.content.endswith(b"\n")
            yield line
        while content := self._source.readline(LONGEST_LINE):
            number, self._seen = number + (not inside), self._seen + (not inside)
            inside = not content.endswith(b"\n")
            yield Line(number, content)

    def check_place(self, signature: str) -> None:
        """Raises `BadRecord` for a record that stands twice: an export has them in the order of their ids."""
        if self.head is not None and signature <= self._last:
            raise BadRecord("The record stands twice, or not in its place: another may be missing. Export again.")
        self._last = signature

    def findings(self) -> list[str]:
        """Once all lines were read: whether there were as many records as the head line promises."""
        if self.head is None or self._seen == self.head.records:
            return []
        what = "its end is missing" if self._seen < self.head.records else "something was added"
        return [f"The export promises {self.head.records} signatures and holds {self._seen}: {what}. Export again."]


def read_export(source: BinaryIO) -> Export:
    """Begin to read an export. Raises `EmptyExport` or `BadHead`."""
    first = source.readline(LONGEST_LINE)
    if not first:
        raise EmptyExport("The export is empty; even one of nobody has a head line. Export again.")
    head = read_head(first)
    return Export(head, source, [] if head else [Line(1, first)])


def opener_of(head: Head | None, parts: Sequence[KeyPart]) -> Opener:
    """What opens an export with that head line. Raises the refusals of `opener_for`, `BadHead` or `HeadMissing`."""
    if head is None and len(parts) == 1:
        return OneKey(parts[0].secret)
    if head is None:
        raise HeadMissing("The export has no head line, which says which keys open it. Export again.")
    try:
        return opener_for(head.public_key, parts)
    except BadPublicKey:
        raise BadHead("The public key in the first line of the export is damaged. Export again.") from None


def open_record(line: bytes, opener: Opener, letter: str | None = None) -> Opened:
    """Open one line of an export, of `letter` where that is known. Raises `BadRecord` with the reason."""
    try:
        record: dict[str, Any] = json.loads(line)
        if letter not in (None, record["letter"]):
            raise BadRecord("The record belongs to another letter.")
        if record["sealed"] is None:
            raise BadRecord("The server could not read this record when it was exported: it is damaged there.")
        context = seal_context(record["letter"], bytes.fromhex(record["signature"]))
        sealed = base64.b64decode(record["sealed"], validate=True)
        identity = json.loads(opener.open(sealed, context))
        values = [*(identity[field] for field in _SEALED), *(record[field] for field in _BESIDE)]
        for value in values:
            value.encode()  # a lone surrogate is no text
    except CannotOpen as error:
        raise BadRecord(str(error)) from None
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise BadRecord(_NO_RECORD if line.endswith(b"\n") else "The line is cut off in the middle.") from None
    return Opened(*values)
