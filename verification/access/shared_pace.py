"""The pace of letters as all processes together see it, counted in Redis by Redis's own time.

A letter is called there by what the folder of keys alone can read; the rest is how many came in ten minutes, for a day.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from verification.access.line import Away, Line, Script
from verification.access.pace import AT_LEAST, DAY, SLOT, Pace, is_sudden
from verification.access.shared import PREFIX

LOOK_EVERY = 1.0
"""Seconds for which a process goes on with what it has learned."""

_PURPOSE = b"undersigned shared pace 1\0"

_COUNT = Script.of("""
-- KEYS: how slots are called. ARGV: a slot's seconds, how many of them a day has, the letter.
local slot = KEYS[1] .. math.floor(redis.call('TIME')[1] / ARGV[1])
if redis.call('HINCRBY', slot, ARGV[3], 1) == 1 then
  redis.call('EXPIRE', slot, ARGV[1] * ARGV[2], 'NX')
end
""")

_LOOK = Script.of("""
-- KEYS: how slots are called. ARGV: a slot's seconds, how many of them a day has, what is never a burst.
local now, found = math.floor(redis.call('TIME')[1] / ARGV[1]), {}
local arrived = redis.call('HGETALL', KEYS[1] .. now)
for i = 1, #arrived, 2 do
  if tonumber(arrived[i + 1]) >= tonumber(ARGV[3]) then
    local day = {}
    for slot = now - ARGV[2] + 1, now - 1 do
      day[#day + 1] = tonumber(redis.call('HGET', KEYS[1] .. slot, arrived[i]) or nil)
    end
    found[#found + 1] = {arrived[i], tonumber(arrived[i + 1]), day}
  end
end
return found
""")


class SharedPace(Pace):
    """Counts with the others, and for itself too: that is what it goes by while Redis is away."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        line: Line,
        secret: Callable[[], bytes],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(clock)
        self._line, self._secret, self._monotonic = line, secret, monotonic
        self._looked, self._found = float("-inf"), list[int]()

    def count(self, letter_id: int) -> None:
        """One more has arrived."""
        super().count(letter_id)
        place, cipher = self._place(), self._cipher()
        letter = cipher.encrypt(letter_id.to_bytes(8), None)
        try:
            self._line.run(_COUNT, [place], [SLOT, DAY, letter])
        except Away:
            return

    def bursting(self) -> list[int]:
        """The letters that have had more in this slot than is usual, as it was known at most `LOOK_EVERY` ago."""
        now = self._monotonic()
        if now - self._looked >= LOOK_EVERY:
            try:
                self._found = self._learn()
            except Away:
                return super().bursting()
            self._looked = now
        return self._found

    def _learn(self) -> list[int]:
        """Raises `Away`."""
        cipher = self._cipher()
        found = self._line.run(_LOOK, [self._place()], [SLOT, DAY, AT_LEAST])
        letters = [_read(cipher, letter) for letter, arrived, day in found if is_sudden(arrived, day)]
        return [letter for letter in letters if letter is not None]

    def _place(self) -> str:
        return f"{PREFIX}{_derive(self._secret(), b'slots')[:32].hex()}:"

    def _cipher(self) -> AESSIV:
        """Deterministic (RFC 5297), so that all call a letter the same, and can read what the others call it."""
        return AESSIV(_derive(self._secret(), b"letters"))


def _read(cipher: AESSIV, letter: bytes) -> int | None:
    """Which letter it is; None for what none of us has written."""
    try:
        return int.from_bytes(cipher.decrypt(letter, None))
    except (InvalidTag, ValueError):
        return None


def _derive(secret: bytes, what: bytes) -> bytes:
    return hmac.digest(secret, _PURPOSE + what, hashlib.sha512)
