"""What a million signatures weigh on the disk: each table with its indexes, the write-ahead log, a dump."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import Any

from sqlalchemy import make_url, text

from benchmarks.crowds import newcomers, tidy
from benchmarks.ground import Ground
from benchmarks.installation import SLUG, Installation
from benchmarks.releasing import flush
from benchmarks.tables import head, line
from benchmarks.writing import CLIENTS, confirms, signs
from tests.parts.postgres import find_binaries

TABLES = """
SELECT c.relname, c.reltuples, pg_relation_size(c.oid), pg_indexes_size(c.oid),
    pg_total_relation_size(c.oid) - pg_relation_size(c.oid) - pg_indexes_size(c.oid)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname = 'public' AND pg_total_relation_size(c.oid) > :least
ORDER BY pg_total_relation_size(c.oid) DESC
"""
INDEXES = """
SELECT indexrelname, pg_relation_size(indexrelid) FROM pg_stat_user_indexes
WHERE pg_relation_size(indexrelid) > :least ORDER BY 2 DESC
"""
LEAST = 2_000_000
MEGA = 1e6
NEW = 10_000


def measure(ground: Ground) -> None:
    """Print the sizes of a letter with a million signatures as its crowd left them, and what writing one costs."""
    place = ground.place("million")
    tidy(place.runtime)
    head("table, with a million signatures", "rows", "rows MB", "indexes MB", "beside the rows MB")
    for name, rows, *sizes in _ask(place, TABLES, least=LEAST):
        line(name, f"{rows:,.0f}", *(f"{size / MEGA:,.0f}" for size in sizes))
    print()
    head("index", "MB")
    for name, size in _ask(place, INDEXES, least=LEAST * 5):
        line(name, f"{size / MEGA:,.0f}")
    print()
    head("besides", "bytes each", "MB a million")
    for name, size in {
        **_written(ground, place),
        "a dump, compressed by pg_dump": _dumped(ground.place("dumped")),
    }.items():
        line(name, f"{size:,.0f}", f"{size:,.0f}")


def _written(ground: Ground, place: Installation) -> dict[str, float]:
    """Bytes of write-ahead log for one signature on its way, each step by itself."""
    port, clients = ground.product("million").port, CLIENTS[0]
    steps = {}
    start = _position(place)
    answers = signs(place, port, clients)(0).answers
    steps["write-ahead log, a form"] = (_position(place) - start) / answers
    confirm = confirms(place, port, clients)
    start = _position(place)
    answers = confirm(0).answers
    steps["write-ahead log, a button"] = (_position(place) - start) / answers
    flush(place)
    newcomers(place.runtime, SLUG, NEW)
    tidy(place.runtime)
    start = _position(place)
    flush(place)
    return {**steps, "write-ahead log, printed": (_position(place) - start) / NEW}


def _position(place: Installation) -> int:
    return int(_ask(place, "SELECT pg_current_wal_lsn() - '0/0'")[0][0])


def _dumped(place: Installation) -> float:
    """Bytes of a dump for each signature; here every identity is sealed, as nothing else compresses as badly."""
    newcomers(place.runtime, SLUG, NEW)
    flush(place)
    url = make_url(place.environment["UNDERSIGNED_DATABASE_URL"]).set(drivername="postgresql")
    command = (
        str(find_binaries() / "pg_dump"),
        "--format=custom",
        "--compress=1",
        url.render_as_string(hide_password=False),
    )
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        output = process.stdout
        assert output is not None
        size = 0
        while piece := output.read(1 << 20):
            size += len(piece)
    return size / int(_ask(place, "SELECT count(*) FROM signatures")[0][0])


def _ask(place: Installation, question: str, **values: Any) -> Sequence[Any]:
    with place.runtime.reading() as session:
        return session.execute(text(question), values).all()
