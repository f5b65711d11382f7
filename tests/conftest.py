"""What every test may ask for. The servers and the browser are real; `tests/parts` makes them."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from jinja2 import FileSystemBytecodeCache

from letters.app import create_app
from letters.migrate import upgrade
from letters.runtime import Runtime
from letters.settings import Settings
from tests.parts.campaign import Campaign, open_campaign
from tests.parts.clock import Clock
from tests.parts.organiser import Organiser, found_team
from tests.parts.postgres import Lending, Postgres, migrated_database, name_of, running_postgres
from tests.parts.smtp import MailServer, running_mail_server
from verification.database import make_engine
from verification.identity.account_keys import CHEAPEST
from verification.identity.keyring import Keyring

pytest_plugins = [
    "tests.parts.browser",
    "tests.parts.garbage",
    "tests.parts.routes",
    "tests.parts.routing",
    "tests.journeys.covered",  # after the parts, or pytest could not rewrite the asserts of those that it imports
]

hypothesis_settings.register_profile("quick", deadline=None, max_examples=50, derandomize="CI" in os.environ)
hypothesis_settings.register_profile("full", deadline=None, max_examples=500)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="the full repetitions, languages and page states")


def pytest_configure(config: pytest.Config) -> None:
    hypothesis_settings.load_profile("full" if config.getoption("--full") else "quick")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes longest begin first, or the other processes wait for it at the end."""
    items.sort(key=lambda item: "rehearsal" not in item.path.parts)


@pytest.fixture
def repetitions(pytestconfig: pytest.Config) -> Callable[[int, int], int]:
    """Return what says how often to repeat: `repetitions(short, full)`."""
    return lambda short, full: full if pytestconfig.getoption("--full") else short


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server for the whole run. Tests that hurt their server start one with `running_postgres`."""
    with running_postgres(durable=False) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Each database in turn; a test that can do with one is marked `parametrize("database", ["sqlite"])`."""
    chosen: str = request.param
    return chosen


@pytest.fixture
def database_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh and empty database."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path / 'undersigned.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.database()
    yield url
    server.drop(url)


@pytest.fixture
def migrated_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database with every migration done."""
    if database == "sqlite":
        copy = tmp_path / "undersigned.db"
        shutil.copyfile(request.getfixturevalue("migrated_file"), copy)
        yield f"sqlite:///{copy}"
        return
    lending: Lending = request.getfixturevalue("migrated_databases")
    url = lending.lend()
    yield url
    lending.take_back(url)


@pytest.fixture(scope="session")
def migrated_databases(postgres: Postgres, migrated_template: str) -> Lending:
    """PostgreSQL databases with every migration done."""
    return Lending(postgres, migrated_template)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file to copy; the migrations run once."""
    file = tmp_path_factory.mktemp("migrated") / "undersigned.db"
    upgrade(f"sqlite:///{file}", Keyring(file.parent, secrets.token_bytes))
    return file


@pytest.fixture(scope="session")
def migrated_template(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a PostgreSQL database to copy; the migrations run once."""
    return name_of(migrated_database(postgres, tmp_path_factory.mktemp("keys")))


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server in a good mood."""
    with running_mail_server() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    """The clock of the runtime under test."""
    return Clock()


@pytest.fixture
def environment(migrated_url: str, mail_server: MailServer, tmp_path: Path) -> dict[str, str]:
    """The settings of an installation with its own database, keys and mail server, for processes too."""
    return {
        "UNDERSIGNED_DATABASE_URL": migrated_url,
        "UNDERSIGNED_KEYS": str(tmp_path / "keys"),
        "UNDERSIGNED_SMTP_URL": mail_server.url,
        "UNDERSIGNED_MAIL_FROM": "letters@undersigned.example",
        "UNDERSIGNED_BASE_URL": "https://undersigned.example",
        "UNDERSIGNED_THROTTLE": "off",
    }


@pytest.fixture
def runtime(environment: dict[str, str], clock: Clock) -> Iterator[Runtime]:
    """The installation of `environment`, running in this process by `clock`."""
    settings = Settings.read(environment)
    engine = make_engine(settings.database_url)
    runtime = Runtime(settings, engine, clock=clock, learn_every=0, stretch=CHEAPEST)
    runtime.keyring.create_server_keys()
    yield runtime
    runtime.engine.dispose()


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates compiled once for all the applications of a run: that is most of what a test would wait for."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(runtime: Runtime, compiled_templates: FileSystemBytecodeCache) -> Flask:
    """The pages of that installation; every guard is on."""
    app = create_app(runtime)
    app.jinja_env.bytecode_cache = compiled_templates
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A reader without a browser."""
    return app.test_client()


@pytest.fixture(scope="session")
def base_url() -> None:
    """None: visitors are given whole addresses. (The plugin's own fixture uses what pytest 9 warns of.)"""


@pytest.fixture
def campaign(runtime: Runtime, app: Flask, mail_server: MailServer) -> Campaign:
    """An open letter that shows every cell, and its people."""
    return open_campaign(runtime, app, mail_server)


@pytest.fixture
def organiser(runtime: Runtime, app: Flask) -> Organiser:
    """An owner who has just founded a team, signed in with a fresh second factor."""
    return found_team(runtime, app)
