"""What a host is told of visits: sums of slots of ten minutes, rounded by lot, so that one visit is not to be seen.

At the end of each slot each count is rounded to a multiple of `GRAIN`, up or down by a fresh draw: of 1 it makes 50
once in 50 times, otherwise 0. On average sums are right, and whoever knows all visits of a slot but one learns next to
nothing of that one. Only what is rounded leaves the process, and only by the clock: never because somebody came.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from letters.web.meter import KEYS, Counts, Key

GRAIN = 50
"""Counts of people, requests and rows are multiples of this wherever they are shown."""
SLOT = 600
"""Seconds of a slot; slots begin at whole multiples of it."""


def slot_of(now: datetime) -> int:
    """The number of the slot that it is."""
    return math.floor(now.timestamp() / SLOT)


def round_by_lot(count: int, draw: int) -> int:
    """`count` to a multiple of `GRAIN`, right on average for a `draw` that is uniform below `GRAIN`."""
    return (count + draw) // GRAIN * GRAIN


def in_halves(part: float) -> float:
    """A share as 0, 0.5 or 1, rounded down."""
    return min(1.0, math.floor(part * 2) / 2)


@dataclass(frozen=True)
class Own:
    """What one process tells at the beginning of a slot: its rounded sums since it began, by the names of `KEYS`, and
    how much of its room was in use at once in the last slot, in halves."""

    slot: int
    busy: float
    totals: Mapping[str, int]


@dataclass(frozen=True)
class Told:
    """What is told of all web processes of this machine: their sums, how many told the last slot, and the busiest."""

    totals: Mapping[Key, int]
    processes: int
    busy: float


@dataclass
class Slots:
    """One process's rounded sums. With a `folder` each process leaves its own there, and any of them tells all.

    `take` ends a slot's counting; `below` draws; `room` is how many requests find a connection at once.
    """

    take: Callable[[], Counts]
    below: Callable[[int], int]
    name: str
    room: int
    folder: Path | None = None
    _own: Own | None = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def turn(self, now: datetime) -> None:
        """Tell what the last slot counted, if another one has begun since; the first time tell nothing yet."""
        with self._lock:
            slot = slot_of(now)
            if self._own is None:
                self._tell(Own(slot, 0.0, dict.fromkeys(map(_spelt, KEYS), 0)))
            elif self._own.slot != slot:
                self._tell(self._rounded(self._own, slot))

    def told(self) -> Told:
        """What all processes have told until now; the sums of those that ended stay."""
        mine = self._own
        if mine is None:
            return Told(dict.fromkeys(KEYS, 0), 0, 0.0)
        all_ = [mine] if self.folder is None else [mine, *_others(self.folder, self.name)]
        last = [own for own in all_ if own.slot == mine.slot]
        sums = {key: sum(own.totals.get(_spelt(key), 0) for own in all_) for key in KEYS}
        return Told(sums, len(last), max(own.busy for own in last))

    def _rounded(self, before: Own, slot: int) -> Own:
        counts = self.take()
        more = {_spelt(key): round_by_lot(counts.of[key], self.below(GRAIN)) for key in KEYS}
        totals = {spelt: before.totals[spelt] + count for spelt, count in more.items()}
        return Own(slot, in_halves(counts.most_at_once / self.room), totals)

    def _tell(self, own: Own) -> None:
        """A file is written whole or not at all; without room on the disk its figures are older."""
        self._own = own
        if self.folder is not None:
            fresh = self.folder / f"{self.name}.new"
            with suppress(OSError):
                fresh.write_text(json.dumps(asdict(own)))
                fresh.replace(fresh.with_suffix(".json"))


def keep_turning(turn: Callable[[], object], clock: Callable[[], datetime]) -> None:
    """Call `turn` now and at the beginning of each slot, in a thread that ends with the process."""

    def run() -> None:
        while True:
            turn()
            time.sleep(SLOT - clock().timestamp() % SLOT)

    threading.Thread(target=run, daemon=True, name="slots").start()


def _spelt(key: Key) -> str:
    return " ".join(map(str, key))


def _others(folder: Path, name: str) -> list[Own]:
    """What the other processes left; whatever cannot be read is left out."""
    found: list[Own] = []
    for file in folder.glob("*.json"):
        with suppress(OSError, ValueError, TypeError):
            if file.stem != name:
                found.append(Own(**json.loads(file.read_text())))
    return found
