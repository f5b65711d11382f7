"""The database as every room sees it: one metadata, one way to make an engine, moments in UTC."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, Table, create_engine, event
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

PATIENCE = 10.0
"""Seconds to wait for a free connection before giving up."""

_READS = {
    "sqlite": {"undersigned_begin": "BEGIN"},
    "postgresql": {"isolation_level": "REPEATABLE READ"},
}

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The one metadata; every constraint carries a name."""

    metadata = MetaData(naming_convention=_NAMES)


def table_of(row: type[Base]) -> Table:
    """The table behind a row class, for statements made once: on a busy path making one costs more than running it."""
    return cast(Table, row.__table__)


class Moment(TypeDecorator[datetime]):
    """An instant, always aware and in UTC, also on SQLite, which keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs a time zone; pass an aware datetime.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def make_engine(url: str, *, pool_size: int = 8) -> Engine:
    """An engine for `sqlite:///…` or `postgresql+psycopg://…`.

    Statement parameters never reach a log or a traceback. SQLite runs in WAL mode with foreign keys, full
    durability and secure delete, and its writers begin IMMEDIATE, so that two of them queue instead of failing.
    """
    if url.startswith("sqlite"):
        engine = create_engine(
            url, hide_parameters=True, pool_size=pool_size, max_overflow=0, connect_args={"timeout": 30}
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, hide_parameters=True, pool_size=pool_size, max_overflow=0, pool_timeout=PATIENCE)


def reading(engine: Engine) -> Engine:
    """The engine for transactions that only read: each sees one snapshot throughout and waits for no writer."""
    return engine.execution_options(**_READS[engine.dialect.name])


def sweep_traces(engine: Engine, tables: Sequence[Table]) -> None:
    """Clear away the old versions of rows that a database leaves behind when it changes or deletes them.

    SQLite copies its write-ahead log, where erased values live on, into the database and cuts it to nothing; what
    readers still need stays until the next time. PostgreSQL gives up the old versions in `tables`; its write-ahead log
    keeps them until it is recycled (docs/hosting.md).
    """
    if engine.dialect.name == "sqlite":
        outside_transactions(engine, "PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        outside_transactions(engine, f"VACUUM (SKIP_LOCKED) {', '.join(table.name for table in tables)}")


def outside_transactions(engine: Engine, *statements: str) -> None:
    """Run what no transaction may surround."""
    connection = engine.raw_connection()
    try:
        driver = cast(Any, connection.driver_connection)
        if engine.dialect.name == "postgresql":
            connection.detach()  # no other user gets a connection with this habit
            driver.autocommit = True
        for statement in statements:
            driver.execute(statement).close()
    finally:
        connection.close()


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN would be DEFERRED; `_begin_sqlite` sends ours
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    how = connection.get_execution_options().get("undersigned_begin", "BEGIN IMMEDIATE")
    connection.exec_driver_sql(how)
