"""The database as every room sees it: moments in UTC, nothing told in errors, writers that queue."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from threading import Thread

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, Table, insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from verification.database import Moment, make_engine

moments = Table("moments", MetaData(), Column("id", Integer, primary_key=True), Column("at", Moment))
MINSK = timezone(timedelta(hours=3))
NINE = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    moments.create(engine)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("written", [NINE, NINE.astimezone(MINSK)])
def test_a_moment_comes_back_in_utc_wherever_it_was_written(engine: Engine, written: datetime) -> None:
    with engine.begin() as connection:
        connection.execute(insert(moments).values(id=1, at=written))
        read = connection.scalar(select(moments.c.at))
        assert connection.scalar(select(moments.c.id).where(moments.c.at == NINE)) == 1
    assert read == NINE
    assert read.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(engine: Engine) -> None:
    with engine.begin() as connection, pytest.raises(StatementError, match="time zone"):
        connection.execute(insert(moments).values(id=1, at=datetime(2026, 12, 1)))  # noqa: DTZ001


def test_no_moment_is_no_moment(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(moments).values(id=1, at=None))
        assert connection.scalar(select(moments.c.at)) is None


def test_an_error_does_not_tell_what_was_to_be_written(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(moments).values(id=1, at=NINE))
        with pytest.raises(IntegrityError) as error:
            connection.execute(insert(moments).values(id=1, at=NINE))
    assert "parameters hidden" in str(error.value)


@pytest.mark.parametrize("database", ["sqlite"])
def test_sqlite_is_durable_strict_and_erases_what_is_deleted(engine: Engine) -> None:
    expected = {"journal_mode": "wal", "foreign_keys": 1, "secure_delete": 1, "synchronous": 2}
    with engine.connect() as connection:
        assert {name: connection.scalar(text(f"PRAGMA {name}")) for name in expected} == expected


def test_a_second_writer_waits_for_the_first_and_then_goes_on(engine: Engine) -> None:
    def write(id: int) -> None:
        with engine.begin() as connection:
            connection.execute(insert(moments).values(id=id, at=NINE))

    with engine.begin() as first:
        first.execute(insert(moments).values(id=1, at=NINE))
        second = Thread(target=write, args=(2,))
        second.start()
    second.join(timeout=10)
    with engine.connect() as connection:
        assert connection.scalars(select(moments.c.id).order_by(moments.c.id)).all() == [1, 2]
