"""Stretching a password takes a tenth of a second and much memory: few may wait for it at a time.

Everybody else is told to come back, so that a flood of sign-ins does not take the threads that serve readers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import BoundedSemaphore

from verification.access.guesses import TooManyGuesses

AT_ONCE = 3
"""One at work and two who wait, of the eight threads of a process."""
COME_BACK = timedelta(seconds=5)

_PLACES = BoundedSemaphore(AT_ONCE)


@contextmanager
def in_turn() -> Iterator[None]:
    """Hold one of the places while a password is stretched. Raises `TooManyGuesses` when all are taken."""
    if not _PLACES.acquire(blocking=False):
        raise TooManyGuesses(COME_BACK)
    try:
        yield
    finally:
        _PLACES.release()
