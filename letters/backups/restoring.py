"""Restoring a backup: into a database that holds nothing, in one transaction, whatever database it was made from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from sqlalchemy import JSON, Connection, Integer, Table, func, insert, select
from sqlalchemy.exc import CompileError, OperationalError, StatementError
from sqlalchemy.orm import Session

from letters.backups.contents import REVISION_TABLE, chosen
from letters.backups.making import BATCH, CONTEXT, Watch, count_rows, revision_of, tables_of
from letters.backups.records import NotABackup, Section, Summary, check_end, expanded
from letters.migrate import UnknownTables, newest, upgrade
from letters.models.pacts import PactRow
from letters.publishing.pacts import lapse_overdue
from letters.runtime import Runtime
from verification.errors import Refusal
from verification.identity.custody import ForeignKey, KeyPart, KeysMissing, KeyTooMany, opener_for
from verification.identity.keypairs import BadPublicKey, fingerprint
from verification.identity.keyring import Keyring, write_private
from verification.identity.sealing import CannotOpen, members_of
from verification.identity.streams import NotSealed, SealedHead, open_file, read_head

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SEED = re.compile(r"[0-9a-f]{64}")


class WrongKey(Refusal):
    """The keys that were given do not open the backup."""


class DatabaseInUse(Refusal):
    """The database holds something already."""


class OtherTables(Refusal):
    """The database's tables are not those of the backup."""


class BackupIncomplete(Refusal):
    """A table has other rows than the backup says."""


Prepare = Callable[[Session], None]
"""What is done to the restored rows before anybody can see them."""


def no_more(_session: Session) -> None:
    """Nothing is done to them."""


def restore(
    runtime: Runtime,
    file: Path,
    keys: Sequence[KeyPart],
    *,
    watch: Callable[[int], Watch],
    prepare: Prepare = no_more,
) -> Summary:
    """Put the backup in `file` into the runtime's database, whole or not at all; returns what it holds in short.

    Where there are no tables they are made as they were when the backup was made, and then brought up to date; only
    tables that are up to date already can be prepared. The seeds of logs go into the key folder, each unless there is
    one. Names that waited for the pact of a letter that has closed since are erased again, in the same transaction.

    Raises `NotSealed`, `NotABackup`, `WrongKey`, `StreamDamaged`, `DatabaseInUse`, `OtherTables` or `BackupIncomplete`,
    and then has left nothing behind but tables.
    """
    with _opened(file, keys) as source:
        summary = Summary.read(source)
    if prepare is not no_more and summary.revision != newest():
        raise OtherTables(
            "The backup is older than this version. Restore it without --since into a database for that alone, back "
            "that one up, and restore the new backup."
        )
    _make_tables(runtime, summary)
    try:
        runtime.settle(partial(_load, runtime=runtime, file=file, keys=keys, watch=watch, prepare=prepare))
    except (CompileError, StatementError) as error:
        if isinstance(error, OperationalError):
            raise
        raise NotABackup("The tables do not take what the file holds. Use another copy.") from error
    upgrade(runtime.settings.database_url, runtime.keyring)
    return summary


def _load(
    session: Session,
    runtime: Runtime,
    file: Path,
    keys: Sequence[KeyPart],
    watch: Callable[[int], Watch],
    prepare: Prepare,
) -> None:
    connection = session.connection()
    tables = tables_of(connection)
    with _opened(file, keys) as source:
        summary = Summary.read(source)
        _check_fits(connection, tables, summary)
        done = watch(sum(summary.rows.values()))
        for name, rows in summary.rows.items():
            _load_table(connection, tables[name], _section(source, tables[name], rows), source, done)
        check_end(source)
    _check_counts(connection, tables, summary)
    _go_on_counting(connection, tables)
    prepare(session)
    if not summary.move and PactRow.__tablename__ in tables:
        lapse_overdue(session, runtime.clock())
    _put_back_seeds(runtime.keyring, summary)


def _make_tables(runtime: Runtime, summary: Summary) -> None:
    if _has_tables(runtime):
        return
    try:
        with TemporaryDirectory() as folder:  # a migration makes keys that are missing: the host has to know of those
            upgrade(runtime.settings.database_url, Keyring(Path(folder), runtime.chance.token), summary.revision)
    except UnknownTables as error:
        raise OtherTables(
            f"A newer version made this backup (its tables are at {summary.revision}). Install that one, or a newer."
        ) from error


def _has_tables(runtime: Runtime) -> bool:
    """A SQLite file that is missing is not made here: that is for the migrations, which keep it from others."""
    file = runtime.engine.url.database if runtime.engine.dialect.name == "sqlite" else None
    if file and not Path(file).exists():
        return False
    with runtime.reading() as session:
        return REVISION_TABLE in tables_of(session.connection())


def _check_fits(connection: Connection, tables: dict[str, Table], summary: Summary) -> None:
    revision = revision_of(connection, tables)
    if revision != summary.revision:
        raise OtherTables(
            f"The tables of the database are at {revision}, those of the backup at {summary.revision}. Name a database "
            "without tables in UNDERSIGNED_DATABASE_URL: they are made as they were, and then brought up to date."
        )
    for name in summary.rows:
        query = chosen(tables, name, move=summary.move) if name in tables else None
        if query is None:
            raise NotABackup(f"The backup has rows of {name[:80]!r}, for which there is no place.")
        if connection.execute(query.limit(1)).first() is not None:
            raise DatabaseInUse(
                f"The database holds something already (in {name}), and nothing is ever restored over it. "
                "Name an empty one in UNDERSIGNED_DATABASE_URL."
            )


def _section(source: BinaryIO, table: Table, rows: int) -> Section:
    section = Section.read(source)
    columns = {name for name, _kind in section.columns}
    if (section.table, section.rows, columns) != (table.name, rows, set(table.columns.keys())):
        raise NotABackup(f"The backup does not hold what it says of {table.name}. Use another copy.")
    return section


def _load_table(connection: Connection, table: Table, section: Section, source: BinaryIO, done: Watch) -> None:
    for column in table.columns:
        if isinstance(column.type, JSON):
            column.type.none_as_null = True
    rows = section.read_rows(source)
    while batch := list(islice(rows, BATCH)):
        connection.execute(insert(table), batch)
        done(len(batch))


def _check_counts(connection: Connection, tables: dict[str, Table], summary: Summary) -> None:
    for name, rows in summary.rows.items():
        found = count_rows(connection, select(tables[name]))
        if found != rows:
            raise BackupIncomplete(f"The table {name} has {found} rows now, the backup says {rows}. Nothing was kept.")


def _go_on_counting(connection: Connection, tables: dict[str, Table]) -> None:
    """Let PostgreSQL number new rows from the highest number on; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables.values():
        for column in table.primary_key.columns:
            highest = connection.execute(select(func.max(column))).scalar() if _is_number(table) else None
            sequence = select(func.pg_get_serial_sequence(table.name, column.name))
            if highest and (name := connection.execute(sequence).scalar()):
                connection.execute(select(func.setval(name, highest)))


def _is_number(table: Table) -> bool:
    key = list(table.primary_key.columns)
    return len(key) == 1 and isinstance(key[0].type, Integer)


def _put_back_seeds(keyring: Keyring, summary: Summary) -> None:
    for slug, seed in summary.log_seeds.items():
        file = keyring.signed_heads / f"{slug}.key"
        if _SLUG.fullmatch(slug) and _SEED.fullmatch(seed) and not file.exists():
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(file, seed + "\n")


@contextmanager
def _opened(file: Path, keys: Sequence[KeyPart]) -> Iterator[BinaryIO]:
    with file.open("rb") as sealed:
        try:
            head = read_head(sealed.read)
        except NotSealed as error:
            raise NotSealed(
                f"{file} is no backup, or a newer version made it. `undersigned backup` makes one."
            ) from error
        parts = _opened_parts(head, keys, sealed)
        yield expanded(parts)


def _opened_parts(head: SealedHead, keys: Sequence[KeyPart], sealed: BinaryIO) -> Iterator[bytes]:
    try:
        return open_file(head, opener_for(head.public, keys), CONTEXT, sealed.read)
    except (ForeignKey, KeysMissing, KeyTooMany) as error:
        raise WrongKey(_sentence(head)) from error
    except (BadPublicKey, CannotOpen) as error:
        raise NotSealed("The beginning of the backup is damaged, so no key opens it. Use another copy.") from error


def _sentence(head: SealedHead) -> str:
    prints = [f'"{fingerprint(member)}"' for member in members_of(head.public)]
    if len(prints) == 1:
        return f"This backup opens with another key: the one whose fingerprint is {prints[0]}."
    return f"This backup opens with any two of three keys, each given by --key: {', '.join(prints)}."
