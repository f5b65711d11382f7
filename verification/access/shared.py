"""Counting together: all processes of all machines in one Redis or Valkey, which forgets everything within a day.

What is counted is named under a key that needs both a random salt, which Redis holds for a day, and the folder of keys:
neither a copy of Redis nor the folder alone tells whether somebody was counted, and after the day nothing does. When a
day ends is Redis's to say, as are all the ends of windows: no machine's own clock is asked.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from verification.access.line import Away, Line, Script
from verification.access.windows import Counts, Window

PREFIX = "undersigned:"
"""How all keys begin, so that a Redis user can be held to them."""
DAY = 86_400
"""Seconds that a salt lives, and with it all that it names."""
SALT_BYTES = 32
ATTEMPTS = 3
"""How often a question is asked when the salt changes meanwhile."""

ADD, TAKE, LOOK = "add", "take", "look"

_PURPOSE = b"undersigned shared counts 1\0"

_TALLY = Script.of("""
-- KEYS: the salt, then counters. ARGV: the salt that named them, what to do, then each counter's seconds and its most.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
for i = 2, #KEYS do
  if ARGV[2] ~= 'add' and tonumber(redis.call('GET', KEYS[i]) or 0) >= tonumber(ARGV[2 * i]) then
    return {-1, redis.call('PTTL', KEYS[i])}
  end
end
local counts = {0}
for i = 2, #KEYS do
  if ARGV[2] == 'look' then break end
  counts[i] = redis.call('INCR', KEYS[i])
  if counts[i] == 1 then
    local left = redis.call('PTTL', KEYS[1])
    redis.call('PEXPIRE', KEYS[i], math.min(ARGV[2 * i - 1] * 1000, left))
  end
end
return counts
""")


@dataclass(frozen=True)
class _Today:
    """A salt, where it lies, and what names under it."""

    place: str
    salt: bytes
    keyed: hmac.HMAC

    @classmethod
    def under(cls, secret: bytes, salt: bytes) -> _Today:
        return cls(salt_place(secret), salt, hmac.new(secret, _PURPOSE + b"day\0" + salt, hashlib.sha256))

    def name(self, window: Window) -> str:
        named = self.keyed.copy()
        named.update(window.full_name)
        return PREFIX + named.hexdigest()


def salt_place(secret: bytes) -> str:
    """Under which key of Redis those who have this secret find the salt of the day."""
    return PREFIX + hmac.new(secret, _PURPOSE + b"salt\0", hashlib.sha256).hexdigest()


class SharedCounts:
    """Counts that all share who have the same secret and the same Redis; `own` ones while it is away.

    One question is one round trip, but for the first of a day.
    """

    def __init__(
        self, line: Line, secret: Callable[[], bytes], random_bytes: Callable[[int], bytes], own: Counts
    ) -> None:
        self._line, self._secret, self._random_bytes, self._own = line, secret, random_bytes, own
        self._today: _Today | None = None

    def add(self, *windows: Window) -> list[int]:
        """Count one more in each; returns how many each holds now."""
        try:
            return self._tally(ADD, windows)[1:]
        except Away:
            return self._own.add(*windows)

    def take(self, *windows: Window) -> timedelta | None:
        """Count one more in each unless one is full, which is one step for all who share."""
        try:
            return _wait(self._tally(TAKE, windows))
        except Away:
            return self._own.take(*windows)

    def full(self, *windows: Window) -> timedelta | None:
        """How long until the first full one ends."""
        try:
            return _wait(self._tally(LOOK, windows))
        except Away:
            return self._own.full(*windows)

    def clear(self, window: Window) -> None:
        """Begin anew with one, here too."""
        self._own.clear(window)
        today = self._today
        if today is not None:
            try:
                self._line.ask("DEL", today.name(window))
            except Away:
                return

    def _tally(self, do: str, windows: Sequence[Window]) -> list[int]:
        bounds = [number for window in windows for number in (window.limit.get_expiry(), window.limit.amount)]
        for _ in range(ATTEMPTS):
            today = self._today or self._begin()
            keys = [today.place, *(today.name(window) for window in windows)]
            answer: list[int] | None = self._line.run(_TALLY, keys, [today.salt, do, *bounds])
            if answer is not None:
                return answer
            self._today = None
        raise Away("no salt")

    def _begin(self) -> _Today:
        """Take the salt of whoever came first today, or put down one."""
        secret, fresh = self._secret(), self._random_bytes(SALT_BYTES)
        found: bytes | None = self._line.ask("SET", salt_place(secret), fresh, "NX", "GET", "EX", DAY)
        self._today = today = _Today.under(secret, found or fresh)
        return today


def _wait(answer: list[int]) -> timedelta | None:
    return timedelta(milliseconds=max(0, answer[1])) if answer[0] < 0 else None
