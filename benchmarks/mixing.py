"""Everything at once: of a hundred requests 90 read, 8 sign and 2 confirm, against bare handlers for each."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from random import Random

from benchmarks.crowds import unconfirmed
from benchmarks.ground import PAGE, Ground
from benchmarks.installation import SLUG, Installation
from benchmarks.load import Asked, Result, get, run
from benchmarks.tables import head, line
from benchmarks.turns import in_turns, middle
from benchmarks.writing import TWO_ROWS, confirm_requests, sign_requests

ROUNDS, SECONDS, CLIENTS = 5, 2.0, 16
SHARES = {"read": 90, "sign": 8, "confirm": 2}
MOST = 40_000
"""Requests made ready for one round."""
READ = b"HTTP/1.1 200"


def measure(ground: Ground) -> None:
    """Print the rates, and the latency of each kind."""
    kinds = [cell for kind in SHARES for cell in (f"{kind} p50 ms", f"{kind} p99 ms")]
    head("90 % read, 8 % sign, 2 % confirm", "per s", "bare Flask per s", "ratio", *kinds)
    works = {name: partial(_mixed, ground.place(name), ground.product(name).port) for name in ("empty", "million")}
    seen = in_turns(ROUNDS, {**works, "bare": partial(_bare, ground.bare("empty").port)})
    bare = middle(seen["bare"], lambda result: result.rate)
    for name, title in (("empty", "0 signatures"), ("million", "1,000,000 signatures")):
        rate = middle(seen[name], lambda result: result.rate)
        line(title, f"{rate:,.0f}", f"{bare:,.0f}", f"{rate / bare:.2f}", *_latencies(seen[name]))


def mixture(seed: int, many: int) -> list[str]:
    """The kinds of so many requests, the same for the same seed."""
    return Random(seed).choices(list(SHARES), list(SHARES.values()), k=many)


def requests_of(place: Installation, number: int, many: int) -> Iterator[Asked]:
    """So many requests of that round, all of them made ready."""
    kinds = mixture(number, many)
    links = unconfirmed(place.runtime, SLUG, kinds.count("confirm"))
    ready = {
        "sign": sign_requests(place, kinds.count("sign"), "sign"),
        "confirm": confirm_requests(links, "confirm"),
    }
    read = Asked(get(PAGE), READ, "read")
    return iter([read if kind == "read" else next(ready[kind]) for kind in kinds])


def _mixed(place: Installation, port: int, number: int) -> Result:
    return run(port, requests_of(place, number, MOST), SECONDS, CLIENTS)


def _bare(port: int, number: int) -> Result:
    read = Asked(get("/"), READ, "read")
    asked = (read if kind == "read" else TWO_ROWS for kind in mixture(number, MOST))
    return run(port, asked, SECONDS, CLIENTS)


def _latencies(rounds: list[Result]) -> list[str]:
    return [
        f"{middle(rounds, partial(_percentile, kind, share)) * 1000:.1f}" for kind in SHARES for share in (0.5, 0.99)
    ]


def _percentile(kind: str, share: float, result: Result) -> float:
    return result.percentile(share, kind)
