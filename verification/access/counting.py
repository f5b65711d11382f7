"""Counting who does something how often, without knowing who: names under a key of the day, counters in memory.

A process forgets everything that it counted here when it ends.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable
from datetime import date, datetime
from threading import Lock

from limits.storage import Storage

MOST = 20_000
"""Counters that one store keeps, about 10 megabytes; the oldest go first."""


class DailyKey:
    """A random key that lives in memory for one day (UTC). What it named says nothing once it is replaced."""

    def __init__(self, clock: Callable[[], datetime], random_bytes: Callable[[int], bytes]) -> None:
        self._clock, self._random_bytes = clock, random_bytes
        self._lock = Lock()
        self._day: date | None = None
        self._keyed = hmac.new(b"", digestmod=hashlib.sha256)

    def name(self, what: bytes) -> str:
        """What something is called today: HMAC-SHA-256 under the key, in hexadecimal."""
        named = self._today().copy()  # `hmac.digest` would let every other thread go first
        named.update(what)
        return named.hexdigest()

    def _today(self) -> hmac.HMAC:
        day = self._clock().date()
        with self._lock:
            if day != self._day:
                self._day, self._keyed = day, hmac.new(self._random_bytes(32), digestmod=hashlib.sha256)
            return self._keyed


class Counters(Storage):
    """Counters for the strategies of `limits`, by the clock that is passed in, never more than `most`.

    The library's own MemoryStorage looks through all its keys every hundredth of a second and keeps any number of
    them. Here a flood from ever new networks pushes out the oldest counters, its own among them. All counters of one
    store run equally long.
    """

    STORAGE_SCHEME = None

    def __init__(self, clock: Callable[[], datetime], most: int = MOST) -> None:
        super().__init__()
        self._clock, self._most = clock, most
        self._lock = Lock()
        self._counters: OrderedDict[str, tuple[int, float, int]] = OrderedDict()

    @property
    def base_exceptions(self) -> type[Exception]:
        return OSError  # memory raises nothing that would have to be wrapped

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a counter that runs for `expiry` seconds from its first addition, and return it."""
        now = self._clock().timestamp()
        with self._lock:
            counter = self._counters.get(key)
            if counter is None or not _runs(counter, now):
                self._counters.pop(key, None)
                counter = (0, now, expiry)
                self._make_room(now)
            self._counters[key] = (counter[0] + amount, counter[1], counter[2])
            return counter[0] + amount

    def get(self, key: str) -> int:
        """A counter as it stands; 0 once it has run out."""
        counter = self._counters.get(key)
        return counter[0] if counter and _runs(counter, self._clock().timestamp()) else 0

    def get_expiry(self, key: str) -> float:
        """When a counter runs out, as Unix time; now for one that does not run."""
        now, counter = self._clock().timestamp(), self._counters.get(key)
        return counter[1] + counter[2] if counter and _runs(counter, now) else now

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        with self._lock:
            count = len(self._counters)
            self._counters.clear()
            return count

    def clear(self, key: str) -> None:
        with self._lock:
            self._counters.pop(key, None)

    def _make_room(self, now: float) -> None:
        """Let go of the oldest: those that ran out, and one more when the store is full."""
        while self._counters:
            oldest = next(iter(self._counters))
            if _runs(self._counters[oldest], now) and len(self._counters) < self._most:
                return
            del self._counters[oldest]


def _runs(counter: tuple[int, float, int], now: float) -> bool:
    """Whether a counter still counts. One that began in the future was begun before the clock stepped back."""
    _count, begun, seconds = counter
    return begun <= now < begun + seconds
