"""What the fault tests stand on: a durable server, the real time, and a list of what was measured."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from letters.runtime import utc_now
from letters.settings import ROOT
from tests.faults.measured import Measure, Row, renew
from tests.faults.processes import Command, MailProcess, StartWorker, Web, running_mail_process
from tests.parts.postgres import Lending, Postgres, migrated_database, name_of, running_postgres
from tests.parts.server import free_port, run_command, running_worker

TABLE = ROOT / "docs" / "reliability.md"
ROWS = pytest.StashKey[list[Row]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ROWS] = []


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what a full run has measured into the document; a short or failed run leaves it as it is."""
    rows = session.config.stash[ROWS]
    if rows and session.config.getoption("--full") and not session.testsfailed:
        TABLE.write_text(renew(TABLE.read_text(), rows, utc_now().date()))


@pytest.fixture
def measured(pytestconfig: pytest.Config, database: str) -> Measure:
    """Return what notes down a row for `docs/reliability.md`; called at the end of a test."""
    names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

    def note(
        fault: str,
        often: str,
        lost: int | None = None,
        counted_twice: int | None = None,
        sent_twice: int | None = None,
        remark: str = "",
    ) -> None:
        row = Row(fault, often, names[database], lost, counted_twice, sent_twice, remark)
        pytestconfig.stash[ROWS].append(row)

    return note


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server that keeps what it has committed, whatever happens to it."""
    with running_postgres(durable=True) as server:
        yield server


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[Postgres]:
    """The same for tests that hurt it; they name it in a `migrated_url` of their own."""
    with running_postgres(durable=True) as server:
        yield server


@pytest.fixture(scope="session")
def migrated_template(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The template on that server."""
    return name_of(migrated_database(postgres, tmp_path_factory.mktemp("keys")))


@pytest.fixture(scope="session")
def migrated_databases(postgres: Postgres, migrated_template: str) -> Lending:
    """Databases on that server."""
    return Lending(postgres, migrated_template)


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """The time by which the processes under test live."""
    return utc_now


@pytest.fixture
def mail_process(tmp_path: Path) -> Iterator[MailProcess]:
    """A mail server that outlives whoever speaks to it; it takes a moment over each mail."""
    with running_mail_process(tmp_path / "spool", stall=0.005) as server:
        yield server


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """The settings of an installation whose links lead to the port where `web` serves it."""
    return {**environment, "UNDERSIGNED_BASE_URL": f"http://127.0.0.1:{free_port()}"}


@pytest.fixture
def command(environment: dict[str, str], tmp_path: Path) -> Command:
    """Return what runs one `undersigned …` command on the installation, to its end."""
    return lambda *arguments: run_command(*arguments, environment=environment, folder=tmp_path)


@pytest.fixture
def start_worker(environment: dict[str, str], tmp_path: Path) -> StartWorker:
    """Return what starts a worker of the installation, as a context, with these options."""
    return lambda *options: running_worker(environment, tmp_path, *options)


@pytest.fixture
def web(environment: dict[str, str], tmp_path: Path) -> Iterator[Web]:
    """The installation's web server: two processes, no worker beside them."""
    web = Web(environment, tmp_path)
    try:
        yield web
    finally:
        web.kill()
