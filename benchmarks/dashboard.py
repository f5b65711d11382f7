"""What the dashboard of a letter with a million signatures costs the server, on PostgreSQL.

Run alone as `python -m benchmarks.dashboard`. The rows are made by the database, with all columns that the dashboard
meets; sealed identities are short, because PostgreSQL leaves in a row no more than a pointer to one of their real size.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.orm import Session

from benchmarks.crowds import add
from letters.app import create_app
from letters.migrate import upgrade
from letters.organising.loading import load, open_letter
from letters.runtime import Runtime
from letters.settings import Settings
from tests.parts.campaign import demo_draft
from tests.parts.clock import Clock
from tests.parts.organiser import Organiser, found_team
from tests.parts.postgres import running_postgres
from verification.database import make_engine
from verification.identity.account_keys import CHEAPEST

ROUNDS = 20
GOAL = 300
"""Milliseconds of server time, with a million signatures."""
EDITIONS = 500
CALM = {
    "confirmed": 960_000,
    "waiting": 5_000,
    "pending": 10_000,
    "held": 5_000,
    "voided": 15_000,
    "unreleased": 3_000,
    "withdrawn": 2_000,
}
FLOOD = {"held": 100_000, "unreleased": 100_000, "pending": 50_000, "waiting": 50_000}
"""What a night of fakes adds to it."""

MAILS = """
INSERT INTO outbox (id, subject, language, address_box, state, failures, expires_on, about)
SELECT id, id, 'en', sealed, 'waiting', 0, expires_on, 'signature' FROM signatures WHERE expires_on IS NOT NULL
ON CONFLICT DO NOTHING
"""
PRINTED = """
INSERT INTO editions (letter_id, number, released_at, signatures, withdrawn, voided, figures, reasons)
SELECT :letter, n, CAST(:now AS timestamptz) - (:editions - n) * interval '6 hours', :signatures * n / :editions,
    :withdrawn * n / :editions, :voided * n / :editions, CAST(:figures AS json), '{}'
FROM generate_series(1, :editions) AS n
"""
TALLIES = """
INSERT INTO tallies (letter_id, dimension, code, count, unnamed)
SELECT letter_id, dimension, code, count(*), count(*) FROM signatures, LATERAL (VALUES ('profession',
    printed_profession), ('region', printed_region), ('standing', printed_standing)) AS cell (dimension, code)
WHERE code IS NOT NULL GROUP BY letter_id, dimension, code
"""
FIGURES = (
    '{"profession": {"shown": {"doctor": 480000}, "rest": [470000, 490000]}, "region": {"shown": {"abroad": 240000}, '
    '"rest": [710000, 720000]}, "standing": {"shown": {"mailbox": 959990}, "rest": [0, 20]}, "unread": 9}'
)


def measure() -> None:
    """Print what the page and its moving part cost, before and during a flood."""
    print(f"| dashboard on PostgreSQL | queries | first ms | p50 ms | worst of {ROUNDS} ms | processor ms | goal |")
    print("|---|---|---|---|---|---|---|")
    with crowded() as (organiser, slug):
        path = f"/workspace/letters/{slug}"
        _row("1,000,000 signatures", organiser, path)
        _row("the same, its moving part", organiser, f"{path}?part=figures")
        _add(organiser.runtime, FLOOD)
        _row("and 300,000 more in a flood", organiser, path)


@contextmanager
def crowded() -> Iterator[tuple[Organiser, str]]:
    """An organiser whose letter a million people have signed."""
    with TemporaryDirectory() as folder, running_postgres(durable=False) as postgres:
        environment = {
            "UNDERSIGNED_DATABASE_URL": postgres.database(),
            "UNDERSIGNED_KEYS": str(Path(folder) / "keys"),
            "UNDERSIGNED_THROTTLE": "off",
        }
        settings = Settings.read(environment)
        engine = make_engine(settings.database_url)
        runtime = Runtime(settings, engine, clock=Clock(datetime.now(UTC)), stretch=CHEAPEST)
        upgrade(settings.database_url, runtime.keyring)
        runtime.keyring.create_server_keys()
        organiser = found_team(runtime, create_app(runtime))
        slug = runtime.settle(lambda session: _letter(session, runtime))
        organiser.adopt(slug)
        _add(runtime, CALM)
        _print(runtime)
        yield organiser, slug
        engine.dispose()


def _letter(session: Session, runtime: Runtime) -> str:
    draft, _pair = demo_draft()
    open_letter(load(session, draft, (), runtime.clock()), runtime.keyring, runtime.clock())
    return draft.slug


def _add(runtime: Runtime, crowd: dict[str, int]) -> None:
    """Add so many rows of each kind, and a mail for everybody who is pending."""
    today = runtime.clock().date()

    def verb(session: Session) -> None:
        for kind, many in crowd.items():
            add(session, 1, kind, many, today, editions=EDITIONS)
        session.execute(text(MAILS))

    runtime.settle(verb)
    runtime.settle(lambda session: session.execute(text("ANALYZE")))


def _print(runtime: Runtime) -> None:
    figures = {"signatures": 977_000, "withdrawn": 2_000, "voided": 15_000, "figures": FIGURES}
    values = {"letter": 1, "editions": EDITIONS, "now": runtime.clock(), **figures}

    def verb(session: Session) -> None:
        session.execute(text(PRINTED), values)
        session.execute(text(TALLIES))
        session.execute(text("UPDATE letters SET edition = :editions"), {"editions": EDITIONS})

    runtime.settle(verb)


def _row(work: str, organiser: Organiser, path: str) -> None:
    """One line: the first request finds nothing ready, the others are warm."""
    asked: list[str] = []

    def count(*arguments: Any) -> None:
        asked.append(arguments[2])

    event.listen(organiser.runtime.engine, "before_cursor_execute", count)
    first = _time(organiser, path)
    queries, before = len(asked), _processor_seconds(organiser.runtime)
    times = [_time(organiser, path) for _ in range(ROUNDS)]
    spent = (_processor_seconds(organiser.runtime) - before) * 1000 / ROUNDS
    event.remove(organiser.runtime.engine, "before_cursor_execute", count)
    print(
        f"| {work} | {queries} | {first:.0f} | {median(times):.0f} | {max(times):.0f} | {spent:.0f} | {GOAL} |",
        flush=True,
    )


def _processor_seconds(runtime: Runtime) -> float:
    """What this process and the database's connections have used of a processor: the same whatever else runs."""
    with runtime.reading() as session:
        pids = session.scalars(text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")).all()
    stats = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids)
    return time.process_time() + sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")


def _time(organiser: Organiser, path: str) -> float:
    """Milliseconds from the request to the whole answer, in this process."""
    start = time.perf_counter()
    answer = organiser.get(path)
    assert answer.status_code == 200, answer.status
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    measure()
