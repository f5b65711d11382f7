"""PgBouncer on the shipped file, in front of a test's PostgreSQL: only addresses, sizes and folders are the test's."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from letters.settings import ROOT
from tests.parts.postgres import OWNER, Postgres, name_of, unprivileged_user
from tests.parts.proxies import Changes, replaced
from tests.parts.server import START_SECONDS, await_port, free_port

FILE = ROOT / "deploy" / "pgbouncer.ini"
PASSWORD = "quiet-example"
CONNECTIONS = 3
"""Connections that it opens to PostgreSQL: so few that the transactions of one visitor run on all of them."""


@dataclass(frozen=True)
class PgBouncer:
    """One running PgBouncer, its port, and the folder that holds what it says."""

    port: int
    folder: Path

    def url(self, direct: str) -> str:
        """The URL of the same database through PgBouncer."""
        return f"postgresql+psycopg://{OWNER}:{PASSWORD}@127.0.0.1:{self.port}/{name_of(direct)}"

    def log(self) -> str:
        """Everything it has said."""
        return (self.folder / "output").read_text()


@contextmanager
def running_pgbouncer(server: Postgres, connections: int = CONNECTIONS) -> Iterator[PgBouncer]:
    """Yield a started PgBouncer in front of every database of the server."""
    folder = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
    port = free_port()
    (folder / "userlist.txt").write_text(f'"{OWNER}" "{PASSWORD}"\n')
    (folder / "pgbouncer.ini").write_text(replaced(FILE.read_text(), _changes(server, folder, port, connections)))
    _hand_over(folder)
    try:
        process = _launch(folder)
        try:
            await_port(port, process, folder / "output")
            yield PgBouncer(port, folder)
        finally:
            process.terminate()
            process.wait(START_SECONDS)
    finally:
        shutil.rmtree(folder)


def _changes(server: Postgres, folder: Path, port: int, connections: int) -> Changes:
    return {
        "undersigned = host=127.0.0.1 port=5432 dbname=undersigned": f"* = host={server.folder} user={OWNER}",
        "listen_port = 6432": f"listen_port = {port}",
        "/etc/pgbouncer/": f"{folder}/",
        "default_pool_size = 20": f"default_pool_size = {connections}",
    }


def _hand_over(folder: Path) -> None:
    """PgBouncer refuses to run as root too."""
    if user := unprivileged_user():
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, user)


def _launch(folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "output").open("wb") as output:
        return subprocess.Popen(
            ["pgbouncer", folder / "pgbouncer.ini"],
            cwd=folder,
            stdout=output,
            stderr=output,
            user=unprivileged_user(),
            extra_groups=[] if os.geteuid() == 0 else None,
            env={"PATH": f"{os.defpath}:/usr/sbin:/usr/local/sbin"},
        )
