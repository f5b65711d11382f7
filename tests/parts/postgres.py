"""A PostgreSQL server of one's own: made by initdb, started, hurt, and thrown away."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from letters.migrate import upgrade
from verification.identity.keyring import Keyring

OWNER = "undersigned"
OLDEST = 15
START_SECONDS = 30
QUICK = ("fsync=off", "full_page_writes=off", "autovacuum=off")
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
TABLES = "SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
SHAPE = f"""
    SELECT version_num::text FROM alembic_version
    UNION ALL SELECT concat(attrelid, attname, atttypid, attnotnull) FROM pg_attribute WHERE attrelid IN ({TABLES})
    UNION ALL SELECT concat(tgrelid, tgname, tgenabled) FROM pg_trigger WHERE tgrelid IN ({TABLES})
    UNION ALL SELECT concat(indrelid, indexrelid, indisvalid) FROM pg_index WHERE indrelid IN ({TABLES})
    UNION ALL SELECT concat(conrelid, conname, convalidated) FROM pg_constraint WHERE conrelid IN ({TABLES})
"""
LARGEST = f"SELECT max(pg_relation_size(oid)) FROM ({TABLES}) AS tables"
USED = f"SELECT oid::regclass::text FROM ({TABLES}) AS tables WHERE pg_relation_size(oid) > 0"
ROOMY = 2**20
SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"


class NoPostgres(Exception):
    """No server of a supported version is installed."""


class Postgres:
    """One cluster in a folder of its own, reached by a Unix socket in that folder."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._binaries = find_binaries()
        own = ("listen_addresses=", f"unix_socket_directories={folder}", "max_connections=200")
        self._settings = own if durable else own + QUICK
        self._names = (f"database_{number}" for number in count(1))
        self._server: subprocess.Popen[bytes] | None = None

    def create(self, wal_segment: int = 16) -> None:
        """Make an empty cluster that trusts whoever can open its folder; `wal_segment` is in megabytes."""
        names = [f"--username={OWNER}", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        done = self._popen("initdb", "--pgdata", str(self._data), *names, f"--wal-segsize={wal_segment}")
        if done.wait():
            raise NoPostgres(self.log())

    def start(self) -> None:
        """Start the server and return once it answers."""
        until = time.monotonic() + START_SECONDS
        while True:
            if self._server is None or self._server.poll() is not None:
                self._launch()
            try:
                self.execute(sql.SQL("SELECT 1"))
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT is what PostgreSQL calls fast, SIGQUIT immediate; SIGKILL is a crash."""
        if self._server is not None:
            self._server.send_signal(how)
            self._server.wait(START_SECONDS)
            self._server = None

    def restart(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server in the way named, then start it again on the same data."""
        self.stop(how)
        self.start()

    def kill(self) -> None:
        """End the server as a power cut would, as far as one process can tell."""
        self.stop(signal.SIGKILL)

    def database(self, template: str = "template1") -> str:
        """Copy the template to a fresh database and return its SQLAlchemy URL; files are copied sooner than logged."""
        name = next(self._names)
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop the database of that URL, whoever is still connected."""
        self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name_of(url))))

    def url(self, name: str) -> str:
        """Return the SQLAlchemy URL of the database of that name."""
        return f"postgresql+psycopg://{OWNER}@/{name}?host={self._folder}"

    def execute(self, statement: sql.SQL | sql.Composed) -> None:
        """Run one statement outside any transaction."""
        with self.connect("postgres") as connection:
            connection.execute(statement)

    def connect(self, name: str) -> psycopg.Connection:
        """A connection to the database of that name, outside any transaction."""
        return psycopg.connect(host=str(self._folder), user=OWNER, dbname=name, autocommit=True)

    @property
    def folder(self) -> Path:
        """Where its Unix socket is."""
        return self._folder

    def log(self) -> str:
        """Return everything the server has said."""
        return (self._folder / "log").read_text()

    def _launch(self) -> None:
        settings = [part for setting in self._settings for part in ("-c", setting)]
        self._server = self._popen("postgres", "-D", str(self._data), *settings)

    def _popen(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                [self._binaries / program, *arguments],
                cwd=self._folder,
                stdout=log,
                stderr=log,
                user=unprivileged_user(),
                extra_groups=[] if os.geteuid() == 0 else None,
                env={"PATH": os.defpath, "LC_ALL": "C"},
            )


class Lending:
    """Copies of a migrated database, which are emptied and lent again: that is far cheaper than a new copy."""

    def __init__(self, server: Postgres, template: str) -> None:
        self._server = server
        self._template = template
        self._free: list[str] = []
        with server.connect(template) as connection:
            self._shape = _read(connection, SHAPE)

    def lend(self) -> str:
        """The URL of a database as the migrations leave it, for one test alone."""
        return self._free.pop() if self._free else self._server.database(self._template)

    def take_back(self, url: str) -> None:
        """Empty it; drop one that is still in use, that a test has changed, or that holds many dead rows by now."""
        name = name_of(url)
        with self._server.connect(name) as connection:
            fit = _read(connection, OTHERS) == {0} and max(_read(connection, LARGEST)) < ROOMY
            fit = fit and _read(connection, SHAPE) == self._shape
            if fit:
                _empty(connection)
        if fit:
            self._free.append(url)
        else:
            self._server.drop(url)


def _empty(connection: psycopg.Connection) -> None:
    connection.execute("SET session_replication_role = replica")
    for table in _read(connection, USED) - {"alembic_version"}:
        connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
    for sequence in _read(connection, SEQUENCES):
        connection.execute(sql.SQL("ALTER SEQUENCE {} RESTART").format(sql.Identifier(sequence)))


def _read(connection: psycopg.Connection, query: LiteralString) -> set[Any]:
    return {value for (value,) in connection.execute(query)}


@contextmanager
def running_postgres(*, durable: bool = True, parent: Path | None = None, wal_segment: int = 16) -> Iterator[Postgres]:
    """Yield a started server; not `durable` is quicker and loses data in a crash of the machine.

    Its folder lies in `parent`, which anybody may enter, or where temporary files are.
    """
    folder = Path(tempfile.mkdtemp(prefix="undersigned-", dir=parent))
    if user := unprivileged_user():
        shutil.chown(folder, user)
    server = Postgres(folder, durable=durable)
    try:
        server.create(wal_segment)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def migrated_database(server: Postgres, keys: Path) -> str:
    """The URL of a new database with every migration done; `keys` is the folder for what a migration locks."""
    url = server.database()
    upgrade(url, Keyring(keys, secrets.token_bytes))
    return url


def find_binaries() -> Path:
    """Return the folder of the newest installed server; raise NoPostgres when there is none to use."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parts[-2]))
    if folders and int(folders[-1].parts[-2]) >= OLDEST:
        return folders[-1]
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise NoPostgres("install PostgreSQL 15 or newer: deploy/install-test-tools")


def unprivileged_user() -> str | None:
    """Return who must own the server, as PostgreSQL refuses to run as root; None when we are not root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def name_of(url: str) -> str:
    """Return the database's name from its URL."""
    return make_url(url).database or ""
