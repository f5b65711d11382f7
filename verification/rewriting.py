"""Ridding the database's own files of what was changed or deleted: lightly with each sweep, or by writing tables anew.

What lies outside them stays: backups, replicas, PostgreSQL's write-ahead log until it is recycled (docs/hosting.md),
and blocks that a disk has set free.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Table, text
from sqlalchemy.exc import ProgrammingError

from verification.errors import Refusal

PATIENCE = 30.0
"""Seconds to wait for whoever still reads what was deleted before."""

_BRIEFLY = 1.0
"""Seconds that a sweep waits for readers: as long as a checkpoint of SQLite waits, every writer waits with it."""

_POLL = 0.2


class StillRead(Refusal):
    """Somebody has been reading since before the rows were deleted, so the database has to keep them."""


@dataclass(frozen=True)
class Rewritten:
    """Which database it was, and whether its log was written out: SQLite's always, PostgreSQL's where permitted."""

    database: str
    flushed: bool


def sweep_traces(engine: Engine, tables: Sequence[Table]) -> None:
    """Clear away the old versions of rows that a database leaves behind when it changes or deletes them.

    SQLite copies its write-ahead log, where erased values live on, into the database and cuts it to nothing; what
    readers still need stays until the next time. PostgreSQL gives up the old versions in `tables`.
    """
    if engine.dialect.name == "sqlite":
        with _asking_sqlite(engine, _BRIEFLY) as ask:
            ask("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    with _postgresql(engine) as connection:
        _vacuum(connection, "SKIP_LOCKED", tables)


def rewrite(engine: Engine, tables: Sequence[Table], patience: float = PATIENCE) -> Rewritten:
    """Write the tables anew (on SQLite the whole file), and cut or flush the log. Raises `StillRead`."""
    if engine.dialect.name == "sqlite":
        with _asking_sqlite(engine, patience) as ask:
            ask("VACUUM")
            if ask("PRAGMA wal_checkpoint(TRUNCATE)"):
                raise StillRead(_SENTENCE)
        return Rewritten("sqlite", flushed=True)
    with _postgresql(engine) as connection:
        _await_readers(connection, patience)
        _vacuum(connection, "FULL, ANALYZE", tables)
        return Rewritten("postgresql", flushed=_checkpoint(connection))


@contextmanager
def _asking_sqlite(engine: Engine, patience: float) -> Iterator[Callable[[str], int]]:
    """Ask SQLite outside transactions, and get the first number of each answer; others are waited for so long."""
    connection = engine.raw_connection()
    cursor = connection.cursor()

    def ask(statement: str) -> int:
        cursor.execute(statement)
        return int((cursor.fetchone() or (0,))[0])

    usual = ask("PRAGMA busy_timeout")
    try:
        ask(f"PRAGMA busy_timeout = {int(patience * 1000)}")
        yield ask
    finally:
        ask(f"PRAGMA busy_timeout = {usual}")
        cursor.close()
        connection.close()


def _postgresql(engine: Engine) -> Connection:
    """A connection on which no transaction surrounds a statement."""
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def _vacuum(connection: Connection, how: str, tables: Sequence[Table]) -> None:
    preparer = connection.dialect.identifier_preparer
    connection.exec_driver_sql(f"VACUUM ({how}) {', '.join(preparer.format_table(table) for table in tables)}")


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
