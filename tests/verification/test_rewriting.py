"""Rewriting leaves nothing of deleted rows in the database's own files, and sweeping little."""

import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Engine, LargeBinary, MetaData, Table, delete, insert, select

from verification.database import make_engine, reading
from verification.rewriting import PATIENCE, StillRead, rewrite, sweep_traces

THINGS = Table("things that go", MetaData(), Column("content", LargeBinary))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    THINGS.metadata.create_all(engine)
    yield engine
    engine.dispose()


def write(engine: Engine) -> bytes:
    marker = secrets.token_hex(24).encode()
    with engine.begin() as connection:
        connection.execute(insert(THINGS), [{"content": marker + bytes(100)} for _ in range(1000)])
    return marker


def empty(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(delete(THINGS))


def files(engine: Engine) -> list[Path]:
    """Where the database keeps the table, its log apart."""
    if engine.dialect.name == "sqlite":
        file = Path(engine.url.database or "")
        return [path for path in file.parent.iterdir() if path.name.startswith(file.name)]
    with engine.connect() as connection:
        connection.exec_driver_sql("CHECKPOINT")
        folder = connection.exec_driver_sql("SELECT current_setting('data_directory')").scalar_one()
        heap = connection.exec_driver_sql("SELECT pg_relation_filepath('\"things that go\"')").scalar_one()
    return [Path(folder, heap)]


def holds(engine: Engine, marker: bytes) -> bool:
    return any(marker in path.read_bytes() for path in files(engine) if path.exists())


def test_what_was_deleted_is_in_no_file_of_the_table(engine: Engine) -> None:
    marker = write(engine)
    empty(engine)
    kept = write(engine)
    rewritten = rewrite(engine, [THINGS])
    assert (rewritten.database, rewritten.flushed) == (engine.dialect.name, True)
    assert not holds(engine, marker)
    assert holds(engine, kept)


def test_while_an_older_snapshot_sees_the_rows_it_refuses(engine: Engine) -> None:
    marker = write(engine)
    with reading(engine).connect() as reader:
        assert reader.execute(select(THINGS)).first()
        empty(engine)
        with pytest.raises(StillRead, match="reading the database"):
            rewrite(engine, [THINGS], patience=0.3)
    rewrite(engine, [THINGS])
    assert not holds(engine, marker)


@pytest.mark.parametrize("database", ["postgresql"])
def test_readers_who_came_later_are_not_waited_for(engine: Engine) -> None:
    write(engine)
    empty(engine)
    other = Table("other", MetaData(), Column("content", LargeBinary))
    other.metadata.create_all(engine)
    with reading(engine).connect() as reader:
        reader.execute(select(other)).first()
        rewrite(engine, [THINGS], patience=0.3)


def dead_rows(engine: Engine) -> int:
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pgstattuple")
        found: int = connection.exec_driver_sql(
            "SELECT dead_tuple_count FROM pgstattuple('\"things that go\"')"
        ).scalar_one()
        connection.rollback()
    return found


@pytest.mark.parametrize("database", ["postgresql"])
def test_sweeping_gives_up_old_versions_of_rows(engine: Engine) -> None:
    write(engine)
    empty(engine)
    before = dead_rows(engine)
    sweep_traces(engine, [THINGS])
    assert (before, dead_rows(engine)) == (1000, 0)


@pytest.mark.parametrize("database", ["sqlite"])
def test_sweeping_empties_the_write_ahead_log(engine: Engine) -> None:
    write(engine)
    log = Path(f"{engine.url.database}-wal")
    assert log.stat().st_size > 0
    sweep_traces(engine, [THINGS])
    assert log.stat().st_size == 0


def test_sweeping_does_not_wait_for_whoever_reads_for_long(engine: Engine) -> None:
    """While it waits nobody can write: an export of a large letter would stop the house for as long."""
    write(engine)
    with reading(engine).connect() as reader:
        assert reader.execute(select(THINGS)).first()
        empty(engine)
        begun = time.monotonic()
        sweep_traces(engine, [THINGS])
        assert time.monotonic() - begun < PATIENCE / 3


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_connection_comes_back_as_patient_as_it_was(engine: Engine) -> None:
    write(engine)
    sweep_traces(engine, [THINGS])
    rewrite(engine, [THINGS], patience=0.3)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 30_000
