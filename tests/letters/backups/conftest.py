"""A site with all that can be on one, its backup, and other machines to restore it on."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from letters.app import create_app
from letters.backups.contents import LEFT_OUT
from letters.backups.making import backup
from letters.backups.records import Summary
from letters.backups.restoring import Prepare, no_more, restore
from letters.runtime import Runtime
from tests.letters.publishing.crowd import Crowd, open_crowd
from tests.letters.signing.asking import everything
from tests.parts.campaign import Campaign
from tests.parts.organiser import Organiser, found_team
from tests.parts.smtp import MailServer
from verification.database import make_engine
from verification.identity.custody import KeyPart
from verification.identity.keypairs import KeyPair, new_key_pair


class Machine(Protocol):
    """Makes another machine with an empty database, without tables where that is asked for, and the same keys; what
    the folder `log/` held is lost with the first one."""

    def __call__(self, kind: str, *, bare: bool = False) -> Runtime: ...


def unwatched(_length: int) -> Callable[[int], None]:
    return lambda _done: None


@pytest.fixture(scope="session")
def pair() -> KeyPair:
    """The key of the host's backups, which is kept elsewhere."""
    return new_key_pair()


@dataclass(frozen=True)
class Safe:
    """Where a host keeps backups, and the key to them."""

    folder: Path
    pair: KeyPair

    @property
    def file(self) -> Path:
        return self.folder / "site.backup"

    def keep(self, runtime: Runtime, *, move: bool = False) -> Path:
        """Back up, once more."""
        self.file.write_bytes(b"".join(backup(runtime, self.pair.public, move=move, watch=unwatched)))
        return self.file

    def put_back(self, runtime: Runtime, prepare: Prepare = no_more, file: Path | None = None) -> Summary:
        keys = [KeyPart("backup.key", self.pair.secret)]
        return restore(runtime, file or self.file, keys, watch=unwatched, prepare=prepare)


@pytest.fixture
def safe(tmp_path: Path, pair: KeyPair) -> Safe:
    (tmp_path / "safe").mkdir()
    return Safe(tmp_path / "safe", pair)


@pytest.fixture
def machine(runtime: Runtime, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    made: list[Runtime] = []
    urls: list[str] = []
    ask = request.getfixturevalue

    def make(kind: str, *, bare: bool = False) -> Runtime:
        folder = tmp_path / f"machine{len(made)}"
        folder.mkdir()
        url = f"sqlite:///{folder}/undersigned.db"
        if kind == "postgresql":
            url = ask("postgres").database(**({} if bare else {"template": ask("migrated_template")}))
            urls.append(url)
        elif not bare:
            shutil.copyfile(ask("migrated_file"), folder / "undersigned.db")
        shutil.copytree(runtime.keyring.folder, folder / "keys", ignore=shutil.ignore_patterns("log"))
        settings = replace(runtime.settings, database_url=url, keys=folder / "keys")
        made.append(replace(runtime, settings=settings, engine=make_engine(url)))
        return made[-1]

    yield make
    for other in made:
        other.engine.dispose()
    for url in urls:
        request.getfixturevalue("postgres").drop(url)


@dataclass(frozen=True)
class Site:
    """A site on which somebody has done everything; the paths are private links."""

    campaign: Campaign
    organiser: Organiser
    named: str
    counted: str

    @property
    def runtime(self) -> Runtime:
        return self.campaign.runtime


@pytest.fixture
def site(runtime: Runtime, app: Flask, mail_server: MailServer) -> Site:
    """Two editions; one signer withdrew after each; one waits to be counted, one has not confirmed, one got no mail."""
    organiser = found_team(runtime, app)
    campaign = organiser.campaign(mail_server)
    named = campaign.join(1, display="named", updates="1")
    pseudonym = campaign.join(2, display="pseudonym", profession="surgeon")
    counted, leaving = campaign.join(3), campaign.join(4, display="named")
    campaign.release()
    campaign.client.post(pseudonym, data={"withdraw": "1"})
    campaign.join(5, profession="midwife", region="BY-HM")
    campaign.release()
    campaign.client.post(leaving, data={"withdraw": "1"})
    campaign.join(6, display="named")
    campaign.sign(email="unconfirmed@example.org")
    campaign.send_mail()
    campaign.sign(email="unsent@example.org", updates="1")
    return Site(campaign, organiser, named, counted)


@pytest.fixture
def crowd(runtime: Runtime) -> Crowd:
    """A letter with two editions, of whose signers one has withdrawn in between and one since."""
    crowd = open_crowd(runtime)
    signers = [crowd.join(number, display="named") for number in range(1, 5)]
    crowd.release()
    crowd.withdraw(signers[0])
    crowd.join(5)
    crowd.release()
    crowd.withdraw(signers[1])
    crowd.sign(6)
    return crowd


def on(runtime: Runtime, campaign: Campaign, templates: FileSystemBytecodeCache) -> Campaign:
    """The same letter and its people on another machine."""
    app = create_app(runtime)
    app.jinja_env.bytecode_cache = templates
    return Campaign(runtime, app, campaign.mail_server, campaign.slug, campaign.pair)


def kept(runtime: Runtime) -> Mapping[str, list[tuple[Any, ...]]]:
    """All that is in a database once a backup of this one was restored."""
    rows = {table: [] if table in LEFT_OUT else rows for table, rows in everything(runtime).items()}
    rows["signatures"] = [row for row in rows["signatures"] if "pending" not in row]
    ids = {row[0] for row in rows["signatures"]}
    rows["subscriptions"] = [row for row in rows["subscriptions"] if row[0] in ids]
    rows["challenges"] = [row for row in rows["challenges"] if "manage" in row]
    return rows
