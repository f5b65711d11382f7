"""A second PostgreSQL that repeats the first one's write-ahead log, and takes over when told."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg import sql

from tests.parts.postgres import OWNER, NoPostgres, Postgres, name_of, unprivileged_user


class Standby(Postgres):
    """A cluster copied from a running one, at home in a folder of its own."""

    def copy(self, primary: Postgres) -> None:
        """Copy the primary, and be told to follow it. Raises `NoPostgres` with what went wrong."""
        source = ["--host", str(primary.folder), "--username", OWNER]
        how = ["--pgdata", str(self._data), "--write-recovery-conf", "--checkpoint=fast", "--no-sync"]
        if self._popen("pg_basebackup", *source, *how).wait():
            raise NoPostgres(self.log())

    def promote(self) -> None:
        """Stop following, and return once it takes writes."""
        self.execute(sql.SQL("SELECT pg_promote()"))


@contextmanager
def running_standby(primary: Postgres) -> Iterator[Standby]:
    """Yield a started standby of a running primary."""
    folder = Path(tempfile.mkdtemp(prefix="undersigned-"))
    if user := unprivileged_user():
        shutil.chown(folder, user)
    standby = Standby(folder, durable=True)
    try:
        standby.copy(primary)
        standby.start()
        yield standby
    finally:
        standby.stop()
        shutil.rmtree(folder)


def url_of_both(direct: str, *servers: Postgres) -> str:
    """The URL that finds whichever of them takes writes, as `docs/running.md` has it."""
    hosts = "&".join(f"host={server.folder}" for server in servers)
    return f"postgresql+psycopg://{OWNER}@/{name_of(direct)}?{hosts}&target_session_attrs=read-write"
