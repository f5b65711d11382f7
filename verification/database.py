"""The database as every room sees it: one metadata, one way to make an engine, moments in UTC."""

from __future__ import annotations

import sqlite3
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


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN would be DEFERRED; `_begin_sqlite` sends ours
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    how = connection.get_execution_options().get("undersigned_begin", "BEGIN IMMEDIATE")
    connection.exec_driver_sql(how)
