"""A letter's signatures on their way to an organiser: sent row by row, and kept nowhere.

Nothing in clear is written to a disk, and no more than a few rows are in memory (docs/decisions/0017). If the reader
hangs up or the process ends, the connection breaks in the middle; if the house itself has to stop, what was sent ends
with a line that says so, or is no whole workbook.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from weakref import finalize

from letters.organising.handover.permit import Permit
from letters.organising.handover.way import Rhythm, Way
from letters.runtime import Runtime
from verification.errors import Refusal

AT_ONCE = 2
"""Downloads that one process serves at the same time: each holds one of its threads and connections."""


_FREE = BoundedSemaphore(AT_ONCE)


class TooManyDownloads(Refusal):
    """Others are taking tables away just now."""


class Handed:
    """A file on its way: its pieces, to be taken one by one and closed, and how many signatures are in it."""

    def __init__(self, total: int, pieces: Generator[bytes], stack: ExitStack) -> None:
        self.total, self._pieces = total, pieces
        self._let_go = finalize(self, _let_go, pieces, stack)  # a server that forgets to close is not to keep a place

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except StopIteration:
            self.close()  # not every server does so at once
            raise

    def close(self) -> None:
        """Note how far it came, and let go of the transaction."""
        self._let_go()


@dataclass(frozen=True)
class Hands:
    """Hands signatures over in one process."""

    runtime: Runtime
    free: BoundedSemaphore = _FREE
    rhythm: Rhythm = field(default_factory=Rhythm)

    def start(self, permit: Permit, unfinished: str) -> Handed:
        """Note that the download begins, and return it; `unfinished` is its last line should it have to stop.

        Raises the refusals of `Permit.check`, `TooManyRows` or `TooManyDownloads`.
        """
        with ExitStack() as stack:
            if not self.free.acquire(blocking=False):
                raise TooManyDownloads("Other tables are being handed over just now. Try again in a few minutes.")
            stack.callback(self.free.release)
            way = Way(self.runtime, self.rhythm, permit, stack.enter_context(self.runtime.reading()))
            self.runtime.settle(way.start)
            stack.callback(way.end)
            return Handed(way.head.records, way.pieces(unfinished), stack.pop_all())
        raise AssertionError("unreachable")


def _let_go(pieces: Generator[bytes], stack: ExitStack) -> None:
    pieces.close()
    stack.close()
