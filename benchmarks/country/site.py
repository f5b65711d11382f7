"""The site as stations, and some seconds of it at given rates. Pure: the same seed gives the same figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import cycle
from random import Random

from benchmarks.country.clockwork import Clockwork, Job, Station
from benchmarks.load import percentile

THREADS = 8
"""Requests that a web process works on at once; each may hold one connection to the database."""


@dataclass(frozen=True)
class Cost:
    """What one request of a kind takes: processor seconds of the proxy, of a web process, of the database and of a
    worker, seconds of waiting for the disk, and, where the load comes from the same machine, of who sends it."""

    proxy: float = 0.0
    web: float = 0.0
    database: float = 0.0
    disk: float = 0.0
    worker: float = 0.0
    client: float = 0.0


@dataclass(frozen=True)
class Machines:
    """What there is. `shared`: all of it runs on the `cores` of one machine; otherwise each web process has a core of
    its own, the database `cores`, and proxy and workers are sized by themselves. `queue` is how many requests wait at a
    web process before it refuses."""

    processes: int
    cores: int
    shared: bool = False
    queue: int = 64


@dataclass(frozen=True)
class Window:
    """What some seconds gave: for each kind the seconds that answers took, how many were refused, the share of time
    that web processes and database were busy, the mean number of requests inside, and those that began and ended."""

    seconds: float
    latencies: Mapping[str, list[float]] = field(repr=False)
    refused: int
    web_busy: float
    database_busy: float
    inside: float
    begun: int
    ended: int

    def at(self, share: float, kind: str) -> float:
        """Seconds that this share of the answers of a kind took at most."""
        return percentile(self.latencies[kind], share)


def simulate(
    costs: Mapping[str, Cost], rates: Mapping[str, float], machines: Machines, seconds: float, seed: int
) -> Window:
    """Let requests of each kind come for so many seconds, evenly at random (Poisson), `rates` of them a second.

    Each cost is drawn anew around its mean (exponentially, which is more scattered than what was measured).
    """
    run = _Run(machines, Random(seed))
    begun = 0
    for kind, rate in rates.items():
        moment = run.random.expovariate(rate) if rate else seconds
        while moment < seconds:
            run.clock.start(run.request(kind, costs[kind]), moment)
            begun += 1
            moment += run.random.expovariate(rate)
    run.clock.start(iter(()), seconds)  # the time is over when it is over, also if nobody comes
    run.clock.run()
    latencies = {kind: run.latencies.get(kind, []) for kind in rates}
    ended = sum(map(len, latencies.values()))
    web = sum(station.busy for station in run.interpreters) / len(run.interpreters)
    busy = run.database.busy
    return Window(run.clock.now, latencies, run.refused, web, busy, run.inside_seconds / run.clock.now, begun, ended)


class _Run:
    def __init__(self, machines: Machines, random: Random) -> None:
        self.clock, self.random, self._machines = Clockwork(), random, machines
        self.interpreters = [Station(self.clock, 1) for _ in range(machines.processes)]
        self._threads = [Station(self.clock, THREADS) for _ in self.interpreters]
        self._next = cycle(range(machines.processes))
        self.database = Station(self.clock, machines.cores)
        self._cores = self.database if machines.shared else None
        self.latencies: dict[str, list[float]] = {}
        self.refused = 0
        self.inside_seconds = 0.0
        self._inside, self._since = 0, 0.0

    def request(self, kind: str, cost: Cost) -> Job:
        born = self.clock.now
        self._count(1)
        for seconds in (cost.client, cost.proxy, cost.worker):
            yield from self._beside(seconds)
        number = next(self._next) if cost.web else 0
        if cost.web and len(self._threads[number].waiting) >= self._machines.queue:
            self.refused += 1
        else:
            yield from self._in_web(number, cost)
            self.latencies.setdefault(kind, []).append(self.clock.now - born)
        self._count(-1)

    def _in_web(self, number: int, cost: Cost) -> Job:
        """Through one web process, a thread of which it holds throughout: the interpreter, the database, the disk."""
        if cost.web:
            yield self._threads[number]
            yield self.interpreters[number]
            yield from self._core(cost.web)
            self.interpreters[number].give()
        if cost.database:
            yield self.database
            yield self._drawn(cost.database)
            self.database.give()
        if cost.disk:
            yield cost.disk
        if cost.web:
            self._threads[number].give()

    def _beside(self, seconds: float) -> Job:
        """Processor time outside web processes: waited for where the cores are shared; elsewhere sized by itself."""
        if seconds and self._cores is not None:
            yield from self._core(seconds)

    def _core(self, seconds: float) -> Job:
        if self._cores is not None:
            yield self._cores
        yield self._drawn(seconds)
        if self._cores is not None:
            self._cores.give()

    def _drawn(self, mean: float) -> float:
        return self.random.expovariate(1 / mean)

    def _count(self, step: int) -> None:
        self.inside_seconds += self._inside * (self.clock.now - self._since)
        self._since = self.clock.now
        self._inside += step
