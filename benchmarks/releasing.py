"""Releasing 10,000 confirmed signatures on top of a million and of nobody, and signing while that goes on.

The floor of a release is what no edition can leave out: the same rows taken out and put back by PostgreSQL alone.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.synchronize import Event

from sqlalchemy import text

from benchmarks.crowds import analyse, newcomers, tidy
from benchmarks.ground import Ground
from benchmarks.installation import SLUG, Installation, open_demo
from benchmarks.load import Result, WrongAnswer
from benchmarks.tables import head, line
from benchmarks.turns import in_turns, middle
from benchmarks.writing import Round, signs
from letters.organising.releasing import release_letter
from letters.publishing.editions import NotDue
from letters.runtime import Runtime
from letters.settings import Settings
from letters.worker import MODEST

NEW, ROUNDS, GOAL = 10_000, 5, 1.2
MEANWHILE, SIGNING, SECONDS = 3, 0.8, 2.0
NEW_MEANWHILE = 20_000
"""As many as keep a publisher busy for longer than a round of signing."""

MOVED = """
WITH taken AS (DELETE FROM signatures WHERE letter_id = (SELECT id FROM letters WHERE slug = :slug) AND news IS TRUE
    RETURNING *)
INSERT INTO signatures SELECT * FROM taken
"""


def measure(ground: Ground) -> None:
    """Print the seconds of a release on both, and what signing loses meanwhile."""
    million, empty = ground.place("million"), ground.place("empty to release")
    flush(million)
    works: dict[str, Callable[[int], float]] = {
        "million": partial(_release, million, SLUG),
        "empty": partial(_release_first, empty),
        "bare": partial(_move, empty),
    }
    seen = in_turns(ROUNDS, works)
    on_million, on_empty, bare = (middle(seen[name], float) for name in ("million", "empty", "bare"))
    head(
        "work",
        "on 1,000,000 s",
        "on 0 s",
        "ratio",
        "goal at most",
        "rows moved by PostgreSQL alone s",
        "per s on 1,000,000",
    )
    ratio = f"{on_million / on_empty:.2f}", f"{GOAL}"
    line(f"release {NEW:,}", f"{on_million:.2f}", f"{on_empty:.2f}", *ratio, f"{bare:.2f}", f"{NEW / on_million:,.0f}")
    print()
    _meanwhile(ground, million)


def flush(place: Installation) -> None:
    """Release whatever waits."""
    with suppress(NotDue):
        release_letter(place.runtime, SLUG, at_once=True)


def _release(place: Installation, slug: str, _number: int) -> float:
    """Seconds from first statement to signed head. As in life, the signatures have come since the last checkpoint."""
    tidy(place.runtime)
    newcomers(place.runtime, slug, NEW)
    analyse(place.runtime)
    before = _total(place, slug)
    start = time.perf_counter()
    total = release_letter(place.runtime, slug, at_once=True).total
    seconds = time.perf_counter() - start
    if total != before + NEW:
        raise WrongAnswer(f"{before} and {NEW} new ones are {total}")
    return seconds


def _release_first(place: Installation, number: int) -> float:
    """The same for a letter that nobody signed before, in a table with nobody else."""
    with place.runtime.engine.begin() as connection:
        connection.execute(text("TRUNCATE signatures, subscriptions, challenges, entries"))
    slug = f"empty-{number}"
    place.runtime.settle(lambda session: open_demo(session, place.runtime, slug))
    return _release(place, slug, number)


def _move(place: Installation, number: int) -> float:
    slug = f"moved-{number}"
    place.runtime.settle(lambda session: open_demo(session, place.runtime, slug))
    tidy(place.runtime)
    newcomers(place.runtime, slug, NEW)
    analyse(place.runtime)
    start = time.perf_counter()
    with place.runtime.engine.begin() as connection:
        moved = connection.execute(text(MOVED), {"slug": slug}).rowcount
    seconds = time.perf_counter() - start
    if moved != NEW:
        raise WrongAnswer(f"{moved} rows were moved")
    return seconds


def _total(place: Installation, slug: str) -> int:
    newest = "SELECT signatures - withdrawn - voided FROM editions JOIN letters ON id = letter_id WHERE slug = :slug"
    with place.runtime.reading() as session:
        return session.scalar(text(f"{newest} ORDER BY number DESC LIMIT 1"), {"slug": slug}) or 0


def _meanwhile(ground: Ground, place: Installation) -> None:
    port = ground.product("million").port
    sign = signs(place, port, 16, SECONDS)
    works: dict[str, Round] = {"idle": sign, "busy": partial(_while_releasing, place, sign)}
    seen = in_turns(MEANWHILE, works)
    idle, busy = (middle(seen[name], lambda result: result.rate) for name in ("idle", "busy"))
    p99 = middle(seen["busy"], lambda result: result.percentile(0.99)) * 1000
    longest = max(max(latencies) for result in seen["busy"] for latencies in result.latencies.values()) * 1000
    head(
        "work on 1,000,000", "idle per s", "while an edition is released per s", "ratio", "goal", "p99 ms", "longest ms"
    )
    line(
        "sign POST", f"{idle:,.0f}", f"{busy:,.0f}", f"{busy / idle:.2f}", f"{SIGNING}", f"{p99:.0f}", f"{longest:.0f}"
    )


def _while_releasing(place: Installation, sign: Round, number: int) -> Result:
    newcomers(place.runtime, SLUG, NEW_MEANWHILE)
    spawn = multiprocessing.get_context("spawn")
    begun = spawn.Event()
    publisher = spawn.Process(target=_publish, args=(place.environment, begun))
    publisher.start()
    begun.wait()
    result = sign(number)
    if not publisher.is_alive():
        raise WrongAnswer("the edition was out before signing was measured")
    publisher.join()
    if publisher.exitcode:
        raise WrongAnswer("the publisher failed")
    return result


def _publish(environment: dict[str, str], begun: Event) -> None:
    os.nice(MODEST)  # as the worker is
    runtime = Runtime.start(Settings.read(environment))
    begun.set()
    release_letter(runtime, SLUG, at_once=True)
