"""The tables of a day with 10 million signers and 100,000 readers, from costs that the same run has measured."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from benchmarks.country.costs import Costs, measure_costs
from benchmarks.country.day import Minute, Plan, follow
from benchmarks.country.site import THREADS, Machines, Window, simulate
from benchmarks.country.validation import show, validate
from benchmarks.ground import Ground
from benchmarks.tables import head, line

SIGNERS, READERS = 10_000_000, 100_000
BUSY = 0.6
"""The share of their time for which machines are planned to work in the busiest minute."""
RELOAD, ANEW = 20.0, 0.5
"""Seconds between two pages of one reader, and the share of pages that come over a new connection."""
KEPT = 60.0
"""Seconds for which nginx keeps a connection, as the shipped configuration says."""
WORKER_CONNECTIONS = 16_384
"""Connections of one nginx process, as the shipped configuration says."""
LINKS = 2
"""Pages of their own that one who confirms is shown: the link's, and the thanks, counted as costing the same."""
SECONDS, SEED = 20.0, 20
HOURS = (4, 8, 12, 16, 20, 21)
"""Hours whose first minute is shown; 20 begins with the news, the busiest minute of all."""


@dataclass(frozen=True)
class Needed:
    """How much of everything the busiest minute asks for."""

    web: int
    database: int
    mail: int
    proxy: int
    proxy_processes: int


def measure(ground: Ground) -> None:
    """Print costs, needs, the day, and how far the simulation is to be trusted on this machine."""
    costs = measure_costs(ground, "million")
    show_costs(costs)
    simulate_day(costs)
    print()
    show(validate(ground, "million", costs))


def show_costs(costs: Costs) -> None:
    """Print what one request takes."""
    head("measured cost, ms of a processor", "nginx", "web", "database", "worker", "disk, waiting")
    for kind, cost in costs.requests.items():
        figures = cost.proxy, cost.web, cost.database, cost.worker, cost.disk
        line(kind, *(f"{figure * 1000:.2f}" if figure else "–" for figure in figures))
    line("page, laid down", f"{costs.page * 1000:.3f}", *["–"] * 4)
    line("page and a new connection with TLS", f"{costs.new_page * 1000:.2f}", *["–"] * 4)
    print()
    head("measured rate", "per s")
    line("mails of one worker", f"{costs.mails:,.0f}")
    line("signatures printed by one publisher", f"{costs.printed:,.0f}")
    print()


def simulate_day(costs: Costs) -> None:
    """Print what is needed, and the day with it."""
    peak = max(follow(Plan(SIGNERS, READERS, mails=float(SIGNERS), printed=costs.printed)), key=_work)
    needed = needs(costs, peak)
    _show_needs(costs, needed, peak)
    day = list(follow(Plan(SIGNERS, READERS, mails=needed.mail * costs.mails, printed=costs.printed)))
    _show_day(costs, needed, day)


def needs(costs: Costs, peak: Minute) -> Needed:
    """How much there has to be for the busiest minute to take `BUSY` of it."""
    rates = rates_of(peak)
    spent = {
        place: sum(getattr(costs.requests[kind], place) * rate for kind, rate in rates.items())
        for place in ("proxy", "web", "database")
    }
    pages = peak.readers / RELOAD
    spent["proxy"] += pages * ((1 - ANEW) * costs.page + ANEW * costs.new_page)
    return Needed(
        web=ceil(spent["web"] / BUSY),
        database=ceil(spent["database"] / BUSY),
        mail=ceil(peak.signs / (costs.mails * 0.8)),
        proxy=ceil(spent["proxy"] / BUSY),
        proxy_processes=ceil(peak.readers / WORKER_CONNECTIONS),
    )


def rates_of(minute: Minute) -> dict[str, float]:
    """Requests a second of each kind."""
    return {
        "sign": minute.signs,
        "link": minute.confirms * LINKS,
        "confirm": minute.confirms,
        "mail": minute.signs,
    }


def _work(minute: Minute) -> float:
    return minute.signs + minute.confirms


def _show_needs(costs: Costs, needed: Needed, peak: Minute) -> None:
    rates = rates_of(peak)
    window = _window(costs, needed, peak)
    connections = needed.web * THREADS
    pages = peak.readers / RELOAD
    head("needed for the busiest minute", "how many", "because")
    rows = {
        "web processes, each with a core": (
            needed.web,
            f"a second {rates['sign']:.0f} forms, {rates['confirm']:.0f} buttons, {rates['link']:.0f} pages of links",
        ),
        "cores of the database": (needed.database, f"{window.database_busy:.0%} busy with them in the simulation"),
        "mail workers": (
            needed.mail,
            f"{rates['mail']:.0f} mails a second; each sends {costs.mails:.0f} to a server that takes them at once",
        ),
        "cores for nginx": (needed.proxy, f"{pages:,.0f} pages a second, half of them over new connections"),
        "nginx processes of 16,384 connections": (
            needed.proxy_processes,
            f"{peak.readers:,.0f} readers, each keeping one",
        ),
        "connections to the database, most": (
            connections,
            f"{THREADS} a web process; {window.inside:.0f} requests are inside on average",
        ),
        "megabit a second": (
            ceil(pages * costs.page_bytes * 8 / 1e6),
            f"{costs.page_bytes:,} bytes a page with brotli",
        ),
    }
    for name, (many, why) in rows.items():
        line(name, f"{many:,}", why)
    print()


def _show_day(costs: Costs, needed: Needed, day: list[Minute]) -> None:
    busiest = max(day, key=_work)
    shown = sorted({hour * 60 for hour in HOURS} | {busiest.number})
    head(
        *(
            "time",
            "signs per s",
            "confirms per s",
            "readers",
            "web busy",
            "database busy",
            "sign p50 ms",
            "sign p99 ms",
        ),
        *("confirm p99 ms", "mails waiting", "last mail waits s", "edition lag s"),
    )
    for minute in (day[number] for number in shown):
        window = _window(costs, needed, minute)
        line(
            *(f"{minute.number // 60:02}:{minute.number % 60:02}", f"{minute.signs:.0f}", f"{minute.confirms:.0f}"),
            *(f"{minute.readers:,.0f}", f"{window.web_busy:.0%}", f"{window.database_busy:.0%}"),
            *(f"{window.at(share, 'sign') * 1000:.1f}" for share in (0.5, 0.99)),
            *(f"{window.at(0.99, 'confirm') * 1000:.1f}", f"{minute.mails_waiting:,.0f}"),
            *(f"{minute.mail_delay:.0f}", f"{minute.edition_lag:.0f}"),
        )


def _window(costs: Costs, needed: Needed, minute: Minute) -> Window:
    """Some seconds of that minute, request by request."""
    machines = Machines(processes=needed.web, cores=needed.database)
    return simulate(costs.requests, rates_of(minute), machines, SECONDS, SEED)
