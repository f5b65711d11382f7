"""Making a backup: one snapshot of every table that belongs into it, while others go on writing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice

from sqlalchemy import Connection, MetaData, Result, Select, Table, func, select

from letters.backups.contents import REVISION_TABLE, chosen
from letters.backups.records import Section, Summary, compressed
from letters.runtime import Runtime
from verification.errors import Refusal
from verification.identity.keyring import Keyring
from verification.identity.streams import seal_file

CONTEXT = b"undersigned backup 1"

BATCH = 500
"""Rows that are in memory at a time."""

Rows = Select[tuple[object, ...]]
Watch = Callable[[int], None]


class NothingThere(Refusal):
    """The database has no tables."""


def backup(runtime: Runtime, public: str, *, move: bool, watch: Callable[[int], Watch]) -> Iterator[bytes]:
    """The bytes of a backup that opens with the secret half of `public`; with `move` it holds every row.

    `watch` is told how many rows there are, and then each time how many more are done. Raises `NothingThere`,
    `BadPublicKey`, or `KeyUnusable` for a damaged seed of a log.
    """
    with runtime.reading() as session:
        connection = session.connection()
        tables = tables_of(connection)
        if REVISION_TABLE not in tables:
            raise NothingThere("The database has no tables yet, so there is nothing to back up.")
        queries = {name: query for name in tables if (query := chosen(tables, name, move=move)) is not None}
        summary = Summary(
            revision=revision_of(connection, tables),
            made_on=runtime.clock().date().isoformat(),
            move=move,
            rows={name: count_rows(connection, query) for name, query in queries.items()},
            log_seeds=_log_seeds(runtime.keyring),
        )
        parts = _parts(connection, tables, queries, summary, watch(sum(summary.rows.values())))
        yield from seal_file(public, CONTEXT, compressed(parts), runtime.chance.token)


def tables_of(connection: Connection) -> dict[str, Table]:
    """The tables as they are in the database, which may be older than this program; those referred to come first."""
    metadata = MetaData()
    metadata.reflect(connection)
    return {table.name: table for table in metadata.sorted_tables}


def revision_of(connection: Connection, tables: dict[str, Table]) -> str:
    """The migration that the tables are at."""
    return str(connection.execute(select(tables[REVISION_TABLE].c.version_num)).scalar_one())


def count_rows(connection: Connection, query: Rows) -> int:
    return connection.execute(select(func.count()).select_from(query.order_by(None).subquery())).scalar_one()


def _parts(
    connection: Connection, tables: dict[str, Table], queries: dict[str, Rows], summary: Summary, watch: Watch
) -> Iterator[bytes]:
    yield summary.encode()
    for name, query in queries.items():
        section = Section.of(tables[name], summary.rows[name])
        yield section.encode()
        found = connection.execute(query, execution_options={"yield_per": BATCH})
        yield from _rows(section, found, watch)


def _rows(section: Section, found: Result[tuple[object, ...]], watch: Watch) -> Iterator[bytes]:
    while batch := list(islice(found, BATCH)):
        yield b"".join(section.encode_row(row) for row in batch)
        watch(len(batch))


def _log_seeds(keyring: Keyring) -> dict[str, str]:
    """The only keys that a backup holds: they say nothing about anybody, and without them a log ends."""
    with suppress(FileNotFoundError):
        return {file.stem: keyring.log_seed(file.stem).hex() for file in sorted(keyring.signed_heads.glob("*.key"))}
    return {}
