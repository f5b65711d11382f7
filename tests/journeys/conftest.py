"""The installation whose pages are looked at; made once, as nothing that visitors do there is kept for others."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from letters.app import create_app
from letters.runtime import Runtime
from letters.settings import Settings
from tests.journeys.office import Office, furnish, settle_in
from tests.journeys.office_letters import write_letters
from tests.journeys.showcase import FULL, START, Showcase, build, catch, crowd_in, serving
from tests.journeys.views import View
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from tests.parts.smtp import running_mail_server
from verification.database import make_engine
from verification.identity.account_keys import CHEAPEST


def install(folder: Path, migrated_file: Path, clock: Clock, **settings: str) -> Runtime:
    """A fresh installation in that folder."""
    shutil.copyfile(migrated_file, folder / "undersigned.db")
    environment = {"DATABASE_URL": f"sqlite:///{folder / 'undersigned.db'}", "KEYS": str(folder / "keys"), **settings}
    read = Settings.read({f"UNDERSIGNED_{name}": value for name, value in environment.items()})
    runtime = Runtime(
        replace(read, mail_folder=folder / "mail"),
        make_engine(read.database_url),
        clock=clock,
        learn_every=0,
        stretch=CHEAPEST,
    )
    runtime.keyring.create_server_keys()
    return runtime


@pytest.fixture(scope="session")
def showcase(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Showcase]:
    """Every page in every state, in an application of this process."""
    clock = Clock(START)
    with running_mail_server() as server:
        runtime = install(tmp_path_factory.mktemp("full"), migrated_file, clock, SMTP_URL=server.url, THROTTLE="off")
        show = Showcase(runtime, create_app(runtime), server, clock)
        build(show)
        yield show
        runtime.engine.dispose()


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Flask]:
    """A demo that has no letter and has caught one mail."""
    runtime = install(tmp_path_factory.mktemp("empty"), migrated_file, Clock())
    catch(runtime)
    yield create_app(runtime)
    runtime.engine.dispose()


@dataclass(frozen=True)
class Crowded:
    """An installation whose visitors' network is over its limit, and stays so while its clock stands."""

    url: str
    campaign: Campaign
    clock: Clock


@pytest.fixture(scope="session")
def crowded(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Crowded]:
    """It takes precautions; its letter is the one of the showcase."""
    clock = Clock(START)
    with running_mail_server() as server:
        runtime = install(tmp_path_factory.mktemp("crowded"), migrated_file, clock, SMTP_URL=server.url)
        campaign = Showcase(runtime, create_app(runtime), server, clock).letter(FULL)
        crowd_in(campaign)
        with serving(campaign.app) as url:
            yield Crowded(url, campaign, clock)
        runtime.engine.dispose()


@pytest.fixture(scope="session")
def office(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path, compiled_templates: FileSystemBytecodeCache
) -> Iterator[Office]:
    """The workspace in every state, in an application of this process."""
    clock = Clock(START)
    with running_mail_server() as server:
        settings = {"SMTP_URL": server.url, "THROTTLE": "off", "BASE_URL": "http://localhost:8000"}
        runtime = install(tmp_path_factory.mktemp("office"), migrated_file, clock, **settings)
        app = create_app(runtime)
        app.jinja_env.bytecode_cache = compiled_templates
        office = Office(runtime, app, server, clock)
        furnish(office)
        write_letters(office)
        settle_in(office)
        yield office
        runtime.engine.dispose()


@pytest.fixture(scope="session")
def address(showcase: Showcase, empty: Flask, crowded: Crowded) -> Iterator[Callable[[View, str], str]]:
    """Return what says where a view is served: `address(view, language)`."""
    with serving(showcase.app) as full_url, serving(empty) as empty_url:
        yield (
            lambda view, language: (
                (empty_url if view.empty else crowded.url if view.crowded else full_url)
                + view.address.format_map({**showcase.links, "language": language})
            )
        )
