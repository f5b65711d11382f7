"""Migrations lead up and down, with data, to exactly what the models say."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from letters.app import create_app
from letters.migrate import UnknownTables, has_tables, set_up, upgrade
from letters.runtime import Runtime
from letters.settings import ROOT, Settings
from tests.letters.publishing.crowd import Crowd, open_crowd
from verification.database import Base, make_engine
from verification.identity.keyring import Keyring

ALEMBIC = "alembic_version"

CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype <> 'n' AND conrelid <> 0
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable, column_default, character_maximum_length
FROM information_schema.columns WHERE table_schema = 'public'
"""


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty database."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    """The keys of that installation."""
    return Keyring(tmp_path / "keys", secrets.token_bytes)


@pytest.fixture
def installation(database_url: str, tmp_path: Path, engine: Engine) -> Runtime:
    """An installation that nobody has set up."""
    settings = {"UNDERSIGNED_DATABASE_URL": database_url, "UNDERSIGNED_KEYS": str(tmp_path / "keys")}
    return Runtime(Settings.read(settings), engine, learn_every=0)


def revisions() -> list[str]:
    """The numbers of all migrations, the first one first."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {ALEMBIC}


def schema(connection: Connection) -> set[tuple[object, ...]]:
    """Everything that the database knows of its tables, but for the order of columns and constraints."""
    if connection.dialect.name == "postgresql":
        found = [tuple(row) for query in (CONSTRAINTS, INDEXES, COLUMNS) for row in connection.execute(text(query))]
        return {row for row in found if row[0] != ALEMBIC}
    statements = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    return {
        (name, re.sub(r"\s+", " ", part).strip(" ,)("))
        for name, statement in statements
        if name != ALEMBIC
        for part in statement.splitlines()
    }


def people(runtime: Runtime) -> Crowd:
    """A letter with an edition, and something in every table."""
    crowd = open_crowd(runtime)
    gone = crowd.join(1, display="named")
    crowd.join(2, display="pseudonym")
    crowd.release()
    crowd.withdraw(gone)
    crowd.sign(3)
    return crowd


def test_migrations_lead_to_what_the_models_say(database_url: str, engine: Engine, keyring: Keyring) -> None:
    upgrade(database_url, keyring)
    with engine.connect() as connection:
        assert (
            compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata) == []
        )


def test_constraints_and_indexes_are_the_models_own_too(database_url: str, engine: Engine, keyring: Keyring) -> None:
    """Alembic compares neither the conditions of checks nor those of partial indexes."""
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        wanted = schema(connection)
    assert len(wanted) > 100
    Base.metadata.drop_all(engine)
    upgrade(database_url, keyring)
    with engine.connect() as connection:
        assert schema(connection) == wanted


def test_every_constraint_has_a_name_that_says_whose_it_is(database_url: str, engine: Engine, keyring: Keyring) -> None:
    upgrade(database_url, keyring)
    inspector = inspect(engine)
    kinds = (
        lambda table: [inspector.get_pk_constraint(table)],
        inspector.get_check_constraints,
        inspector.get_foreign_keys,
        inspector.get_unique_constraints,
        inspector.get_indexes,
    )
    names = [(table, found["name"]) for table in tables(engine) for kind in kinds for found in kind(table)]
    assert len(names) > 50
    assert [pair for pair in names if not re.fullmatch(rf"(pk|ck|fk|uq|ix)_{pair[0]}(_\w+)?", str(pair[1]))] == []


def test_a_migration_that_fails_half_way_leaves_nothing_behind(
    database_url: str, engine: Engine, keyring: Keyring
) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE tallies (there INTEGER)"))
    with pytest.raises(DBAPIError):
        upgrade(database_url, keyring)
    assert tables(engine) == {"tallies"}


def test_each_migration_leads_up_one_by_one(database_url: str, installation: Runtime) -> None:
    for revision in revisions():
        upgrade(database_url, installation.keyring, revision)
    installation.keyring.create_server_keys()
    crowd = people(installation)
    assert (crowd.release().total, crowd.recount()) == (1, [])


def test_setting_up_again_changes_nothing(installation: Runtime) -> None:
    set_up(installation)
    crowd = people(installation)
    set_up(installation)
    assert (crowd.letter.total, crowd.recount()) == (2, [])
    assert create_app(installation).test_client().get(f"/en/letters/{crowd.slug}").status_code == 200


def test_tables_are_there_once_they_were_made(database_url: str, installation: Runtime, keyring: Keyring) -> None:
    assert not has_tables(installation)
    upgrade(database_url, keyring)
    assert has_tables(installation)


def test_tables_of_a_newer_version_are_left_alone(database_url: str, engine: Engine, keyring: Keyring) -> None:
    upgrade(database_url, keyring)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {ALEMBIC} SET version_num = '9999'"))
    with pytest.raises(UnknownTables):
        upgrade(database_url, keyring)
    assert tables(engine) == set(Base.metadata.tables)
