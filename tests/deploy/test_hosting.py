"""The PostgreSQL settings that `docs/hosting.md` tells a host to use."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from letters.settings import ROOT
from tests.parts.postgres import Postgres, running_postgres

MARKER = "marker-example"
MISTAKES = (
    f"INSERT INTO signers VALUES ('{MARKER}')",
    f"SELECT '{MARKER}'::integer",
    f"SELECT {MARKER}",
)
"""A name that is there already, a value of the wrong type, no SQL at all."""


@pytest.fixture(scope="module")
def documented() -> dict[str, str]:
    """The settings, by their names."""
    block = re.search(r"```ini\n(.*?)```", (ROOT / "docs" / "hosting.md").read_text(), re.DOTALL)
    assert block
    return dict(re.findall(r"^(\w+) = (\S+)$", block[1], re.MULTILINE))


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A server of its own with a table in it."""
    with running_postgres(durable=False) as server:
        server.execute(sql.SQL("CREATE TABLE signers (name text PRIMARY KEY)"))
        yield server


def configure(server: Postgres, settings: dict[str, str]) -> None:
    for name, value in settings.items():
        server.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))
    server.restart()


def connect(server: Postgres) -> psycopg.Connection:
    url = make_url(server.url("postgres"))
    return psycopg.connect(host=str(url.query["host"]), user=url.username, dbname="postgres", autocommit=True)


def test_every_documented_setting_is_one_and_takes_effect(server: Postgres, documented: dict[str, str]) -> None:
    configure(server, documented)
    with connect(server) as connection:
        shown = {name: connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in documented}
    assert shown == {name: (value,) for name, value in documented.items()}


def test_no_value_reaches_the_servers_log(server: Postgres, documented: dict[str, str]) -> None:
    _err(server)
    before = server.log()
    assert before.count(MARKER) > len(MISTAKES)
    configure(server, documented)
    began = len(server.log())
    _err(server)
    server.stop()
    assert MARKER not in server.log()[began:]


def _err(server: Postgres) -> None:
    with connect(server) as connection:
        connection.execute("INSERT INTO signers VALUES (%s) ON CONFLICT DO NOTHING", [MARKER])
        for mistake in MISTAKES:
            with pytest.raises(psycopg.Error):
                connection.execute(mistake)


def test_a_new_segment_and_a_checkpoint_leave_no_old_bytes(server: Postgres, documented: dict[str, str]) -> None:
    configure(server, documented)
    with connect(server) as connection:
        row = connection.execute("SELECT current_setting('data_directory')").fetchone()
        assert row
        log = Path(row[0]) / "pg_wal"
        connection.execute("INSERT INTO signers VALUES (%s)", [MARKER])
        assert _holds(log)
        connection.execute("DELETE FROM signers")
        connection.execute("SELECT pg_switch_wal()")
        connection.execute("CHECKPOINT")
        assert not _holds(log)


def _holds(folder: Path) -> bool:
    return any(MARKER.encode() in file.read_bytes() for file in folder.iterdir() if file.is_file())
