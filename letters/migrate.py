"""Bringing a database to the newest tables, with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import inspect, select
from sqlalchemy.engine import make_url

from letters.models.letters import LetterRow
from letters.runtime import Runtime
from letters.settings import ROOT
from verification.errors import Refusal
from verification.identity.keyring import Keyring


class UnknownTables(Refusal):
    """The database was set up by a version that this one does not know."""


def upgrade(url: str, keyring: Keyring, revision: str = "head") -> None:
    """Bring the database at `url` up to `revision`; a missing SQLite file is made, readable by its owner alone.

    There is no way down: restore the backup of before. `keyring` locks what a migration puts into boxes. Raises
    `UnknownTables` when a newer version has been at it.
    """
    database = make_url(url).database
    if url.startswith("sqlite") and database and not Path(database).exists():
        Path(database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        Path(database).touch(mode=0o600)
    try:
        command.upgrade(_config(url, keyring), revision)
    except CommandError as error:
        raise UnknownTables(
            "The database was set up by a newer version. Install that one, or restore a backup of before."
        ) from error


def newest() -> str:
    """The revision of the newest migration that there is."""
    return str(ScriptDirectory(str(ROOT / "migrations")).get_current_head())


def set_up(runtime: Runtime) -> None:
    """Tables, and server keys where there are no letters yet.

    Beside letters a missing key is not made anew: the key folder is not mounted or lost, and the host must know.
    """
    upgrade(runtime.settings.database_url, runtime.keyring)
    with runtime.reading() as session:
        empty = session.execute(select(LetterRow.id).limit(1)).first() is None
    if empty:
        runtime.keyring.create_server_keys()


def has_tables(runtime: Runtime) -> bool:
    """Whether the database was set up."""
    return inspect(runtime.engine).has_table(LetterRow.__tablename__)


def _config(url: str, keyring: Keyring) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes.update(url=url, keyring=keyring)
    return config
