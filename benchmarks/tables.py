"""The tables of `docs/benchmarks.md`: nothing stands between their marks that a run has not printed."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date
from typing import TextIO


class NoSuchMark(Exception):
    """A document has no place for what was measured."""


@dataclass(frozen=True)
class Measured:
    """What one part of a run has printed in Markdown, and the day and circumstances of that run."""

    part: str
    printed: str
    day: date
    circumstances: str

    @property
    def text(self) -> str:
        said = f"Measured on {self.day.day} {self.day:%B %Y}: {self.circumstances}."
        return f"{self.printed.strip()}\n\n{said}\n"


def renew(document: str, measured: Measured) -> str:
    """The document with this between the marks of its part. Raises `NoSuchMark`."""
    begin, end = marks(measured.part)
    before, found, rest = document.partition(begin)
    _old, ended, after = rest.partition(end)
    if not found or not ended:
        raise NoSuchMark(f"The document has no lines {begin.strip()} and {end.strip()}; write them where it belongs.")
    return before + begin + measured.text + end + after


def marks(part: str) -> tuple[str, str]:
    """The lines between which what a part has measured stands."""
    return f"<!-- measured {part}: begin -->\n", f"<!-- measured {part}: end -->\n"


def head(*cells: str) -> None:
    """Print the head of a table."""
    line(*cells)
    line(*["---"] * len(cells))


def line(*cells: str) -> None:
    """Print one row of a table."""
    print(_joined(cells), flush=True)


def overheard(work: Callable[[], None]) -> str:
    """Do the work, let it print, and return what it has printed."""
    heard = _Both(sys.stdout)
    with redirect_stdout(heard):
        work()
    return heard.getvalue()


class _Both(io.StringIO):
    """Keeps what is written, and passes it on."""

    def __init__(self, other: TextIO) -> None:
        super().__init__()
        self._other = other

    def write(self, text: str) -> int:
        self._other.write(text)
        self._other.flush()
        return super().write(text)


def _joined(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
