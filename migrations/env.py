"""How Alembic reaches the database; `letters.migrate` passes the address."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, text

from letters.models import (  # noqa: F401 - each adds its tables to the metadata
    accounts,
    addresses,
    batches,
    decisions,
    downloads,
    drafts,
    drawings,
    editions,
    letters,
    log,
    pacts,
    samples,
    signatures,
    standing,
    teams,
    updates,
    workers,
)
from verification.access import spent  # noqa: F401
from verification.database import Base, make_engine
from verification.mailbox import challenges, outbox  # noqa: F401

_OPTIONS = {"target_metadata": Base.metadata, "compare_type": True, "transactional_ddl": True}


def run() -> None:
    """Run the migrations in one transaction."""
    engine = make_engine(context.config.attributes["url"])
    try:
        with engine.connect() as connection:
            _let_tables_be_made_anew(connection)
            context.configure(connection=connection, **_OPTIONS)
            with context.begin_transaction():
                context.run_migrations()
                _check_references(connection)
    finally:
        engine.dispose()


def _let_tables_be_made_anew(connection: Connection) -> None:
    """With its foreign keys on, SQLite would empty the tables that refer to one that is dropped.

    The switch does nothing inside a transaction, so it goes past SQLAlchemy, which would begin one.
    """
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        assert not broken, f"the migration breaks references in {broken[0][0]}"


run()
