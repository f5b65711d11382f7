"""The database as every room sees it: one metadata, one way to make an engine, moments in UTC."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import (
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Table,
    create_engine,
    event,
    insert,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from verification.patient import DEAD_LINES, PatientConnection

PATIENCE = 10.0
"""Seconds to wait for a free connection before giving up."""

SOON = {"postgresql": 1.5, "sqlite": 5.0}
"""Seconds that a visitor waits for one answer of the database. On SQLite it is rather a release that holds the lock."""

_READS: Mapping[str, Mapping[str, Any]] = {
    "sqlite": {"undersigned_begin": "BEGIN"},
    "postgresql": {"isolation_level": "REPEATABLE READ"},
}

_LOCK_SECONDS = 30

PREPARED_AFTER = 5
"""Times that a statement is run before it is prepared: planning a confirmation takes longer than doing it."""

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


def insert_new(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Insert rows that an earlier run of the same transaction may have left; returns False when it did, with all.

    Only another row of the same primary key is taken for one's own, which for random keys it is.
    """
    statement = _INSERT_NEW[session.get_bind().dialect.name](table)
    return cast("CursorResult[Any]", session.execute(statement, list(rows))).rowcount > 0


def _insert_new(insert: Callable[[Table], Any]) -> Callable[[Table], Any]:
    @cache
    def made(table: Table) -> Any:
        ignoring = insert(table).on_conflict_do_nothing(index_elements=list(table.primary_key))
        return ignoring.execution_options(preserve_rowcount=True)

    return made


_INSERT_NEW = {"sqlite": _insert_new(sqlite.insert), "postgresql": _insert_new(postgresql.insert)}


def put_down(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert whole rows in their order; on PostgreSQL by COPY, in a third of the time of so many INSERTs."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        _copy(connection, table, rows)
    elif rows:
        session.execute(insert(table), list(rows))


def _copy(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    names = [column.name for column in table.c]
    binds = [column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect) for column in table.c]
    columns = list(zip(names, binds, strict=True))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    driver = cast(PatientConnection, connection.connection.driver_connection)
    try:
        with driver.cursor().copy(statement) as copy:
            for row in rows:
                copy.write_row([bind(row[name]) if bind else row[name] for name, bind in columns])
    except psycopg.Error as error:
        raise DBAPIError.instance(
            None, None, error, psycopg.Error, hide_parameters=True, connection_invalidated=driver.broken
        ) from error


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
    On PostgreSQL statements are prepared on a connection that leads to the server itself, and nothing else is left
    behind on it; on any other nothing at all, for PgBouncer may give each transaction another one. Few connections are
    kept busy rather than all in turn.
    """
    if url.startswith("sqlite"):
        engine = create_engine(
            url, hide_parameters=True, pool_size=pool_size, max_overflow=0, connect_args={"timeout": _LOCK_SECONDS}
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=PATIENCE,
        pool_use_lifo=True,
        connect_args={**DEAD_LINES, "prepare_threshold": None},
    )
    event.listen(engine, "do_connect", _connect_patiently)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def reading(engine: Engine) -> Engine:
    """The engine for transactions that only read: each sees one snapshot throughout and waits for no writer."""
    return engine.execution_options(**_READS[engine.dialect.name])


def patient(engine: Engine, seconds: float) -> Engine:
    """The engine for transactions that wait so long for each answer, on SQLite for the lock; an OperationalError then.

    On PostgreSQL the statement is called off and the connection closed.
    """
    return engine.execution_options(undersigned_patience=seconds)


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN would be DEFERRED; `_begin_sqlite` sends ours
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    seconds = options.get("undersigned_patience") or _LOCK_SECONDS
    connection.exec_driver_sql(f"PRAGMA busy_timeout={int(seconds * 1000)}")
    connection.exec_driver_sql(options.get("undersigned_begin", "BEGIN IMMEDIATE"))


def _connect_patiently(_dialect: Dialect, _record: Any, args: list[Any], parameters: dict[str, Any]) -> Any:
    connection = PatientConnection.connect(*args, **parameters)
    if _leads_to_the_server(connection):
        connection.prepare_threshold = PREPARED_AFTER
    return connection


def _leads_to_the_server(connection: PatientConnection) -> bool:
    """Whether nobody stands in between: PgBouncer, or another pooler, tells a process number of its own making."""
    (number,) = connection.execute("SELECT pg_backend_pid()").fetchone() or (None,)
    connection.rollback()
    return bool(number == connection.info.backend_pid)


def _begin_postgresql(connection: Connection) -> None:
    driver = cast(PatientConnection, connection.connection.driver_connection)
    driver.patience = connection.get_execution_options().get("undersigned_patience")
