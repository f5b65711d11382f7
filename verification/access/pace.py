"""How fast a letter is being signed, and whether that is sudden. In memory only, never finer than ten minutes.

A process counts what passes through it, and knows nothing of the time before it started; `shared_pace` knows of all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from statistics import median
from threading import Lock

SLOT = 600
"""Seconds of a slot."""
DAY = 144
"""Slots of a day."""
TIMES = 10
"""How many times the day's median is sudden."""
AT_LEAST = 50
"""What is never a burst in one slot."""
ENOUGH = 6
"""Slots that must have seen somebody before there is a median: a letter's first hour is no burst."""


class Pace:
    """Counts arrivals per letter and slot over the last 24 hours."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock, self._lock = clock, Lock()
        self._letters: dict[int, dict[int, int]] = {}

    def count(self, letter_id: int) -> None:
        """One more has arrived."""
        slot = self._slot()
        with self._lock:
            slots = self._letters.setdefault(letter_id, {})
            if slot not in slots:
                _keep_day(slots, slot)
            slots[slot] = slots.get(slot, 0) + 1

    def bursting(self) -> list[int]:
        """The letters that have had more in this slot than `TIMES` the median of the day's other slots with any."""
        slot = self._slot()
        with self._lock:
            return [id for id, slots in self._letters.items() if _bursts(slots, slot)]

    def _slot(self) -> int:
        return int(self._clock().timestamp()) // SLOT


def is_sudden(arrived: int, day: Sequence[int]) -> bool:
    """Whether so many in one slot are a burst after a day whose slots with any had so many each."""
    return arrived >= AT_LEAST and len(day) >= ENOUGH and arrived > TIMES * median(day)


def _bursts(slots: dict[int, int], now: int) -> bool:
    arrived = slots.get(now, 0)
    return arrived >= AT_LEAST and is_sudden(arrived, [n for slot, n in slots.items() if now - DAY < slot < now])


def _keep_day(slots: dict[int, int], now: int) -> None:
    """Forget what is older than a day, and what was counted before the clock stepped back by more than a day."""
    for slot in [slot for slot in slots if abs(now - slot) >= DAY]:
        del slots[slot]
