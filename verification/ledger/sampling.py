"""Drawing signatures for a journalist to check, and what the result says. Anybody who repeats it gets the same.

A frame is the commitments of those who agreed to be asked. Its hash is public before the beacon is known that draws
from it, so neither can be chosen to fit the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from math import exp, fsum, lgamma, log, log1p

CONFIDENCE = 0.95
"""How sure `most_unreal` is: in so many of a hundred samples the true share is no higher."""

_SAMPLE = b"undersigned sample 1\0"

_HALVINGS = 60
"""Steps from 0 and 1 to neighbouring numbers."""


def frame_hash(frame: Collection[bytes]) -> bytes:
    """SHA-256 of the commitments, 32 bytes each, one after another in ascending order."""
    return hashlib.sha256(b"".join(sorted(frame))).digest()


def draw_sample(frame: Collection[bytes], beacon: str, wanted: int) -> list[bytes]:
    """The `wanted` commitments of a frame that a beacon draws, in the order in which it draws them.

    Each ranks by SHA-256 of "undersigned sample 1", a zero byte, the beacon in UTF-8, a zero byte, the frame's hash and
    the commitment; the lowest ranks are drawn.
    """
    begun = hashlib.sha256(_SAMPLE + beacon.encode() + b"\0" + frame_hash(frame))

    def rank(commitment: bytes) -> bytes:
        ranked = begun.copy()
        ranked.update(commitment)
        return ranked.digest()

    return sorted(frame, key=rank)[:wanted]


def most_unreal(drawn: int, confirmed: int) -> float:
    """The highest share of a frame that may be unreal, with 95 % confidence, when `confirmed` of `drawn` were real.

    The exact one-sided upper bound of Clopper and Pearson for the binomial distribution. Whoever was not confirmed
    counts as unreal, whatever the reason; that nobody is drawn twice could only lower the share. `drawn` is at least 1
    and `confirmed` at most as many.
    """
    if not confirmed:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _chance_of_at_most(drawn - confirmed, drawn, middle) > 1 - CONFIDENCE:
            low = middle
        else:
            high = middle
    return high


def _chance_of_at_most(count: int, tries: int, share: float) -> float:
    """The lower tail of the binomial distribution; `share` lies between 0 and 1."""
    hit, miss, all_orders = log(share), log1p(-share), lgamma(tries + 1)
    return fsum(
        exp(all_orders - lgamma(hits + 1) - lgamma(tries - hits + 1) + hits * hit + (tries - hits) * miss)
        for hits in range(count + 1)
    )
