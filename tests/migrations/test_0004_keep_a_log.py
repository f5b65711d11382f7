"""What migration 0004 makes of a letter that was counted before there were logs."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from letters.migrate import upgrade
from letters.models.editions import EditionRow
from letters.models.signatures import SignatureRow
from letters.organising.releasing import release_letter, tend_letters
from letters.runtime import Runtime
from letters.settings import Settings
from tests.migrations.test_0002_protect_signers import GONE, LATE, MUTE, NOW, SLUG, VERA, letter, people
from tests.migrations.test_0003_let_organisers_in import NEW_IN_0002
from tests.parts.clock import Clock
from verification.database import make_engine, table_of
from verification.identity.keyring import Keyring

FIGURES = {name: {"shown": {}, "rest": [0, 3]} for name in ("profession", "region", "standing")}


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    keyring = Keyring(tmp_path / "keys", secrets.token_bytes)
    keyring.create_server_keys()
    keyring.create_identities(SLUG)
    return keyring


@pytest.fixture
def before(database_url: str, engine: Engine, keyring: Keyring) -> list[dict[str, Any]]:
    """The signatures as they were; the migration has happened since."""
    upgrade(database_url, keyring, "0003")
    metadata = MetaData()
    metadata.reflect(engine)
    figures = {"released_at": NOW.replace(tzinfo=None), "withdrawn": 1, "voided": 0, "figures": FIGURES}
    new = {"printed_named": False, "batch": None}
    rows: dict[str, list[dict[str, Any]]] = {
        "letters": [letter() | NEW_IN_0002],
        "editions": [{"letter_id": 1, "number": 1, "signatures": 4, **figures}],
        "signatures": [{**row, "listed": row["pseudonym"] is not None, **new} for row in people()],
        "tallies": [
            {"letter_id": 1, "dimension": name, "code": code, "count": 3, "unnamed": 3}
            for name, code in (("profession", "nurse"), ("region", "BY-MI"), ("standing", "mailbox"))
        ],
    }
    with engine.begin() as connection:
        for name, values in rows.items():
            connection.execute(insert(metadata.tables[name]), values)
        kept = [dict(row) for row in connection.execute(select(metadata.tables["signatures"])).mappings()]
    upgrade(database_url, keyring)
    return kept


def test_signatures_stay_as_they_were(before: list[dict[str, Any]], engine: Engine) -> None:
    with engine.connect() as connection:
        now = [dict(row) for row in connection.execute(select(table_of(SignatureRow))).mappings()]
    wanted = [{**row, "log_secret": None, "press": False, "pact": False} for row in before]
    assert sorted(now, key=lambda row: row["id"]) == sorted(wanted, key=lambda row: row["id"])


def test_editions_stay_as_they_were_and_have_no_place_in_a_log(before: list[dict[str, Any]], engine: Engine) -> None:
    with Session(engine) as session:
        (row,) = session.scalars(select(EditionRow)).all()
        assert (row.number, row.total, row.figures, row.reasons, row.log_size) == (1, 3, FIGURES, {}, None)
        assert row.released_at == NOW


def test_the_worker_begins_a_log_that_names_what_was_counted_before(
    before: list[dict[str, Any]], database_url: str, engine: Engine, keyring: Keyring, clock: Clock
) -> None:
    settings = {"UNDERSIGNED_DATABASE_URL": database_url, "UNDERSIGNED_KEYS": str(keyring.folder)}
    runtime = Runtime(Settings.read(settings), engine, clock=clock, learn_every=0)
    with Session(engine) as session:
        session.execute(update(SignatureRow).where(SignatureRow.id == MUTE).values(state="voided", news=True))
        session.commit()
    assert release_letter(runtime, SLUG, at_once=True).total == 2
    tend_letters(runtime)
    with engine.connect() as connection:
        (entries,) = connection.execute(text("SELECT data FROM log_tiles WHERE level = -1")).scalars()
    assert b'"before":{"edition":1,"signatures":4,"voided":0,"withdrawn":1}' in bytes(entries)


@pytest.mark.parametrize(
    ("id", "values"),
    [(LATE, {"log_secret": bytes(32)}), (VERA, {"log_secret": bytes(31)}), (GONE, {"press": True})],
    ids=["a secret of one not counted", "a short secret", "a withdrawn one that agreed"],
)
def test_impossible_states_are_refused(
    before: list[dict[str, Any]], engine: Engine, id: bytes, values: dict[str, Any]
) -> None:
    with Session(engine) as session, pytest.raises(DBAPIError):
        session.execute(update(SignatureRow).where(SignatureRow.id == id).values(**values))


def test_what_is_allowed_is_taken(before: list[dict[str, Any]], engine: Engine) -> None:
    with Session(engine) as session:
        values = {"log_secret": bytes(32), "press": True}
        changed = session.execute(update(SignatureRow).where(SignatureRow.id == VERA).values(**values))
        assert changed.rowcount == 1  # type: ignore[attr-defined]
