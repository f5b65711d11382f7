"""The simulation against the machine itself: what it says of the load that this machine takes, and what happens then.

Everything runs on the cores of one machine, the generator of the load too: nginx, one web process, PostgreSQL, a worker
that sends mail. Readers are answered by nginx; forms, links and buttons go through it to the application.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from itertools import chain
from random import Random

from benchmarks.country.costs import Costs, database_process, family, mail_settings, watched
from benchmarks.country.site import Cost, Machines, Window, simulate
from benchmarks.crowds import tidy, unconfirmed
from benchmarks.ground import PAGE, Ground
from benchmarks.installation import SLUG, Installation
from benchmarks.laid import process, shipped
from benchmarks.load import Asked, Result, WrongAnswer, get, run_paced
from benchmarks.mixing import READ
from benchmarks.tables import head, line
from benchmarks.writing import confirm_requests, sign_requests

SECONDS, SEED = 60.0, 6
BUSY = 0.6
"""The share of the machine that the load is to take."""
PAGES = 20
"""Pages that readers fetch for each one who signs."""
GENERATED = 0.00012
"""Processor seconds of the generator for a request, to begin with; what it really took is measured."""


@dataclass(frozen=True)
class Validation:
    """Rates a second by kind, what really happened, and what the simulation says with the generator's real cost."""

    rates: dict[str, float]
    real: Result
    machine_busy: float
    predicted: Window


def sustainable(costs: Costs, client: float, cores: int, busy: float) -> dict[str, float]:
    """How many of each kind a second take so much of the machine: for each who signs one link, one button, one mail."""
    each = {"sign": 1, "link": 1, "confirm": 1, "mail": 1, "read": PAGES}
    spent = sum(many * _processor(cost) for kind, cost in _all(costs, client).items() for many in (each[kind],))
    return {kind: many * busy * cores / spent for kind, many in each.items()}


def validate(ground: Ground, name: str, costs: Costs) -> Validation:
    """Measure for `SECONDS`, then simulate the same load."""
    place, cores = ground.place(name), os.cpu_count() or 1
    rates = sustainable(costs, GENERATED, cores, BUSY)
    schedule = _schedule(place, rates)
    tidy(place.runtime)
    worker = (sys.executable, "-m", "letters.cli", "worker")
    web, server = ground.product(name), database_process(place)
    with (
        mail_settings(place) as settings,
        shipped(settings, web.port) as proxy,
        process(worker, settings) as sender,
        watched(
            lambda: [os.getpid()], lambda: [web.worker, sender], lambda: family(server), lambda: family(proxy.pid)
        ) as spent,
    ):
        real = run_paced(proxy.onion, schedule)
    client, busy = spent[0] / real.answers, sum(spent) / (real.seconds * cores)
    if real.answers != len(schedule):
        raise WrongAnswer(f"{len(schedule)} were sent, {real.answers} answered")
    machines = Machines(processes=1, cores=cores, shared=True)
    return Validation(rates, real, busy, simulate(_all(costs, client), rates, machines, SECONDS, SEED))


def show(done: Validation) -> None:
    """Print both side by side."""
    head("on this machine", "per s", "p50 ms simulated", "p50 ms measured", "p99 ms simulated", "p99 ms measured")
    for kind, title in {"read": "page", "sign": "sign", "link": "link", "confirm": "confirm"}.items():
        pairs = [
            (done.predicted.at(share, kind) * 1000, done.real.percentile(share, kind) * 1000) for share in (0.5, 0.99)
        ]
        line(title, f"{done.rates[kind]:.0f}", *(f"{value:.1f}" for pair in pairs for value in pair))
    print()
    head("on this machine", "simulated", "measured")
    line("share of the processor's time", f"{done.predicted.database_busy:.2f}", f"{done.machine_busy:.2f}")
    answers = sum(len(found) for kind, found in done.predicted.latencies.items() if kind != "mail")
    line("answers per s", f"{answers / done.predicted.seconds:,.0f}", f"{done.real.rate:,.0f}")


def _all(costs: Costs, client: float) -> dict[str, Cost]:
    """What a request of each kind takes where its sender is on the same machine."""
    asked = {kind: replace(cost, client=client if kind != "mail" else 0.0) for kind, cost in costs.requests.items()}
    return {**asked, "read": Cost(proxy=costs.page, client=client)}


def _processor(cost: Cost) -> float:
    return cost.proxy + cost.web + cost.database + cost.worker + cost.client


def _schedule(place: Installation, rates: dict[str, float]) -> list[tuple[float, Asked]]:
    """Everybody's moment, evenly at random; mails come of themselves."""
    random = Random(SEED)
    moments = {kind: _moments(random, rate) for kind, rate in rates.items() if kind != "mail"}
    links, buttons = (unconfirmed(place.runtime, SLUG, len(moments[kind])) for kind in ("link", "confirm"))
    asked = {
        "read": (Asked(get(PAGE), READ, "read") for _ in moments["read"]),
        "sign": sign_requests(place, len(moments["sign"]), "sign"),
        "link": (Asked(get(link), READ, "link") for link in links),
        "confirm": confirm_requests(buttons, "confirm"),
    }
    planned = chain.from_iterable(zip(moments[kind], asked[kind], strict=True) for kind in moments)
    return sorted(planned, key=lambda each: each[0])


def _moments(random: Random, rate: float) -> list[float]:
    moments, moment = [], random.expovariate(rate)
    while moment < SECONDS:
        moments.append(moment)
        moment += random.expovariate(rate)
    return moments
