"""How often something may happen in so much time, and where that is counted: here, or for all processes together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from limits import RateLimitItem
from limits.strategies import FixedWindowRateLimiter

from verification.access.counting import Counters, DailyKey


@dataclass(frozen=True)
class Window:
    """One limit, and what it is counted for: a network, an account, a mailbox. Whoever counts keeps only its name."""

    limit: RateLimitItem
    what: bytes

    @property
    def full_name(self) -> bytes:
        """What is named under a key of the day. The limits of one kind share a namespace with no other kind's."""
        return self.limit.namespace.encode() + b"\0" + self.what


class Counts(Protocol):
    """Counters of windows. Each runs from its first addition for as long as its limit says."""

    def add(self, *windows: Window) -> list[int]:
        """Count one more in each; returns how many each holds now, be it over its limit or not."""
        ...

    def take(self, *windows: Window) -> timedelta | None:
        """Count one more in each unless one is full; then in none, and how long until the first full one ends."""
        ...

    def full(self, *windows: Window) -> timedelta | None:
        """How long until the first full one ends; None when there is room in each."""
        ...

    def clear(self, window: Window) -> None:
        """Begin anew with one."""
        ...


class OwnCounts:
    """Counts in this process's memory, under a key of the day, each limit in a store of its own."""

    def __init__(self, clock: Callable[[], datetime], random_bytes: Callable[[int], bytes]) -> None:
        self._clock, self._key = clock, DailyKey(clock, random_bytes)
        self._limiters: dict[tuple[str, RateLimitItem], FixedWindowRateLimiter] = {}

    def add(self, *windows: Window) -> list[int]:
        """Count one more in each; returns how many each holds now."""
        return [self._add(window) for window in windows]

    def take(self, *windows: Window) -> timedelta | None:
        """Count one more in each unless one is full."""
        wait = self.full(*windows)
        if wait is None:
            self.add(*windows)
        return wait

    def full(self, *windows: Window) -> timedelta | None:
        """How long until the first full one ends."""
        for window in windows:
            limiter, name = self._limiter(window.limit), self._key.name(window.full_name)
            if not limiter.test(window.limit, name):
                ends = limiter.storage.get_expiry(window.limit.key_for(name))
                return timedelta(seconds=ends - self._clock().timestamp())
        return None

    def clear(self, window: Window) -> None:
        """Begin anew with one."""
        self._limiter(window.limit).clear(window.limit, self._key.name(window.full_name))

    def _add(self, window: Window) -> int:
        key = window.limit.key_for(self._key.name(window.full_name))
        return self._limiter(window.limit).storage.incr(key, window.limit.get_expiry())

    def _limiter(self, limit: RateLimitItem) -> FixedWindowRateLimiter:
        kind = limit.namespace, limit
        found = self._limiters.get(kind)
        return found or self._limiters.setdefault(kind, FixedWindowRateLimiter(Counters(self._clock)))
