"""A discrete-event simulation in small: jobs that take stations, hold them for a time, and give them back. Pure.

A job is a generator. It yields a `Station` to wait for its turn there (first come, first served), and a number of
seconds to let them pass; it gives a station back by calling `give`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import count


class Station:
    """So many servers behind one queue."""

    def __init__(self, clock: Clockwork, capacity: int) -> None:
        self.capacity = capacity
        self.waiting: deque[Job] = deque()
        self._clock, self._free = clock, capacity
        self._busy_seconds, self._since = 0.0, 0.0

    def take(self, job: Job) -> bool:
        """Whether the job may go on at once; otherwise it waits."""
        if not self._free:
            self.waiting.append(job)
            return False
        self._count()
        self._free -= 1
        return True

    def give(self) -> None:
        """One server is free again, for who waits longest."""
        if self.waiting:
            self._clock.start(self.waiting.popleft(), self._clock.now)
        else:
            self._count()
            self._free += 1

    @property
    def busy(self) -> float:
        """The share of its servers' time that was used so far."""
        self._count()
        return self._busy_seconds / (self.capacity * self._clock.now) if self._clock.now else 0.0

    def _count(self) -> None:
        self._busy_seconds += (self.capacity - self._free) * (self._clock.now - self._since)
        self._since = self._clock.now


Job = Iterator[Station | float]


class Clockwork:
    """Simulated time, and who goes on when."""

    def __init__(self) -> None:
        self.now = 0.0
        self._events: list[tuple[float, int, Job]] = []
        self._numbers = count()

    def start(self, job: Job, at: float) -> None:
        """Let the job go on at that moment; those of one moment go in the order in which they were told."""
        heappush(self._events, (at, next(self._numbers), job))

    def run(self) -> None:
        """Go on until no job is left that can."""
        while self._events:
            self.now, _number, job = heappop(self._events)
            self._go_on(job)

    def _go_on(self, job: Job) -> None:
        for step in job:
            if isinstance(step, Station):
                if not step.take(job):
                    return
            else:
                self.start(job, self.now + step)
                return
