"""A gate with so many places, for what hangs when the database does: who finds it full soon knows that it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

from sqlalchemy.exc import TimeoutError as PoolTimeout

MOVING = 0.5
"""Seconds without anybody being done after which a full gate is stuck."""


class Gate:
    """Lets `places` in at once. Whoever finds it full waits for as long as others are done and leave.

    Once nobody has been done for `MOVING` seconds it is stuck, and whoever comes is turned away at once, so that those
    who ask for a hanging database take up no thread that could show a page. Who leaves by one of the `failures` was not
    done.
    """

    def __init__(
        self, places: int, failures: tuple[type[Exception], ...] = (), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._free, self._failures, self._clock = places, failures, clock
        self._moves, self._moved_at = True, clock()
        self._changed = Condition()

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Stay inside for a while. Raises what a pool without a free connection raises when it is stuck."""
        self._enter()
        done = True
        try:
            yield
        except self._failures:
            done = False
            raise
        finally:
            self._leave(done=done)

    def _enter(self) -> None:
        with self._changed:
            while not self._free:
                left = self._moved_at + MOVING - self._clock()
                if left <= 0:
                    raise PoolTimeout("As many as may are at the database, and it is done with nobody.")
                self._changed.wait(left)
            self._free -= 1
            if not self._free and self._moves:
                self._moved_at = self._clock()

    def _leave(self, *, done: bool) -> None:
        with self._changed:
            self._free += 1
            self._moves = done
            if done:
                self._moved_at = self._clock()
            self._changed.notify()
