"""Writing tables anew, so that the database's own files keep nothing of rows that were deleted.

What lies outside them stays: backups, replicas, PostgreSQL's write-ahead log until it is recycled, and blocks that a
disk has set free.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Table, text
from sqlalchemy.exc import ProgrammingError

from verification.errors import Refusal

PATIENCE = 30.0
"""Seconds to wait for whoever still reads what was deleted before."""

_POLL = 0.2


class StillRead(Refusal):
    """Somebody has been reading since before the rows were deleted, so the database has to keep them."""


@dataclass(frozen=True)
class Rewritten:
    """Which database it was, and whether its log was written out: SQLite's always, PostgreSQL's where permitted."""

    database: str
    flushed: bool


def rewrite(engine: Engine, tables: Sequence[Table], patience: float = PATIENCE) -> Rewritten:
    """Write the tables anew (on SQLite the whole file), and cut or flush the log. Raises `StillRead`."""
    if engine.dialect.name == "sqlite":
        _rewrite_sqlite(engine, patience)
        return Rewritten("sqlite", flushed=True)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        _await_readers(connection, patience)
        preparer = engine.dialect.identifier_preparer
        names = ", ".join(preparer.format_table(table) for table in tables)
        connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {names}")
        return Rewritten("postgresql", flushed=_checkpoint(connection))


def _rewrite_sqlite(engine: Engine, patience: float) -> None:
    connection = engine.raw_connection()
    cursor = connection.cursor()

    def ask(pragma: str) -> int:
        cursor.execute(f"PRAGMA {pragma}")
        return int((cursor.fetchone() or (0,))[0])

    try:
        usual = ask("busy_timeout")
        ask(f"busy_timeout = {int(patience * 1000)}")
        cursor.execute("VACUUM")
        busy = ask("wal_checkpoint(TRUNCATE)")
        ask(f"busy_timeout = {usual}")
    finally:
        cursor.close()
        connection.close()
    if busy:
        raise StillRead(_SENTENCE)


def _await_readers(connection: Connection, patience: float) -> None:
    """VACUUM keeps row versions that an older snapshot sees, such as that of a running dump."""
    begun, until = connection.execute(_NOW).scalar_one(), time.monotonic() + patience
    while connection.execute(_OLDER, {"begun": begun}).scalar_one():
        if time.monotonic() > until:
            raise StillRead(_SENTENCE)
        time.sleep(_POLL)


def _checkpoint(connection: Connection) -> bool:
    try:
        connection.exec_driver_sql("CHECKPOINT")
    except ProgrammingError:  # only a superuser or a member of pg_checkpoint may
        return False
    return True


_SENTENCE = (
    "Somebody has been reading the database since before, such as an export or a dump, so it still holds what was "
    "deleted. Let that end, then run the same command again."
)
_NOW = text("SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS xid) AS text)")
_OLDER = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND age(backend_xmin) > age(CAST(:begun AS xid))"
)
