"""What migration 0006 makes of signatures that were given before there were pacts."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from letters.migrate import upgrade
from letters.models.signatures import SignatureRow
from tests.migrations.test_0002_protect_signers import GONE, SLUG, VERA, letter, people
from tests.migrations.test_0003_let_organisers_in import NEW_IN_0002
from verification.database import make_engine, table_of
from verification.identity.keyring import Keyring

NEW_SINCE = {"printed_named": False, "batch": None, "log_secret": None, "press": False}


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def before(database_url: str, engine: Engine, tmp_path: Path) -> list[dict[str, Any]]:
    """The signatures as they were; the migration has happened since."""
    keyring = Keyring(tmp_path / "keys", secrets.token_bytes)
    keyring.create_server_keys()
    keyring.create_identities(SLUG)
    upgrade(database_url, keyring, "0005")
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.begin() as connection:
        connection.execute(insert(metadata.tables["letters"]), letter() | NEW_IN_0002)
        rows = [{**row, "listed": row["pseudonym"] is not None, **NEW_SINCE} for row in people()]
        connection.execute(insert(metadata.tables["signatures"]), rows)
        kept = [dict(row) for row in connection.execute(select(metadata.tables["signatures"])).mappings()]
    upgrade(database_url, keyring)
    return kept


def test_signatures_stay_as_they_were_and_wait_for_nobody(before: list[dict[str, Any]], engine: Engine) -> None:
    with engine.connect() as connection:
        now = [dict(row) for row in connection.execute(select(table_of(SignatureRow))).mappings()]
    wanted = [{**row, "pact": False} for row in before]
    assert sorted(now, key=lambda row: row["id"]) == sorted(wanted, key=lambda row: row["id"])


@pytest.mark.parametrize(
    ("id", "values"),
    [(GONE, {"display": "named", "pact": True}), (VERA, {"display": "counted", "name_box": None, "pact": True})],
    ids=["a withdrawn one that waits", "one that is not named"],
)
def test_impossible_states_are_refused(
    before: list[dict[str, Any]], engine: Engine, id: bytes, values: dict[str, Any]
) -> None:
    with Session(engine) as session, pytest.raises(DBAPIError):
        session.execute(update(SignatureRow).where(SignatureRow.id == id).values(**values))
