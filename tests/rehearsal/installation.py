"""An installation as `deploy/compose.yaml` describes it, as processes on one machine: two web machines, two workers,
PostgreSQL, Redis, nginx on the shipped configuration, and a mail server that is not ours to kill."""

from __future__ import annotations

import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from letters.settings import ROOT
from tests.faults.processes import await_that
from tests.parts.postgres import Postgres, migrated_database, running_postgres
from tests.parts.proxies import prepare_proxy
from tests.parts.redis import RedisServer, running_redis
from tests.parts.server import START_SECONDS, Undersigned, free_port, run_command
from tests.parts.smtp import MailServer, running_mail_server
from tests.rehearsal.parts import Part, answers
from verification.identity.keyring import Keyring
from verification.identity.sealing import new_key_pair

SLUG = "stop-the-violence"
MACHINES = ("web 1", "web 2", "worker 1", "worker 2")
LEASE = "3"
VISITOR = "X-Visitor"
"""The header by which visitors of a rehearsal, all of them on this machine, say which network they come from."""

FAIL = "fail_timeout=1s"
"""For how long nginx leaves a machine out that it could not reach; by itself it would be ten seconds."""

ORDINARY = {
    "every = .*": 'every = "3s", at_least = 1}',
    "threshold = .*": "threshold = 1, step = 1}",
}


@dataclass
class Installation:
    """Where everything is, and the parts that may be killed."""

    folder: Path
    postgres: Postgres
    redis: RedisServer
    mail: MailServer
    ports: dict[str, int] = field(default_factory=lambda: {"web 1": free_port(), "web 2": free_port()})
    nginx: list[str] = field(default_factory=list)
    url: str = ""
    database_url: str = ""
    running: dict[str, Undersigned] = field(default_factory=dict)
    proxy: subprocess.Popen[bytes] | None = None

    def environment(self, machine: str) -> dict[str, str]:
        """The settings of one machine; its keys are its own copy."""
        settings = {
            "DATABASE_URL": self.database_url,
            "KEYS": str(self.home(machine) / "keys"),
            "SMTP_URL": self.mail.url,
            "MAIL_FROM": "letters@undersigned.example",
            "BASE_URL": self.url,
            "TRUSTED_PROXIES": "1",
            "REDIS_URL": self.redis.url,
            "PAGES": str(self.folder / "nginx" / "pages") if machine in self.ports else "",
        }
        return {f"UNDERSIGNED_{name}": value for name, value in settings.items()}

    def home(self, machine: str) -> Path:
        """The folder of one machine: its keys and its logs."""
        return self.folder / machine.replace(" ", "-")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one `undersigned …` command on the first worker's machine."""
        return run_command(*arguments, environment=self.environment(MACHINES[2]), folder=self.home(MACHINES[2]))

    def parts(self) -> list[Part]:
        """Every part, in the order in which they are started."""
        return [
            Part("PostgreSQL", self.postgres.start, lambda: self.postgres._server),
            Part("Redis", self.redis.start, lambda: self.redis._process),
            *(self._machine(name) for name in MACHINES),
            Part("nginx", self._start_nginx, lambda: self.proxy),
        ]

    def _machine(self, name: str) -> Part:
        def start() -> None:
            arguments = ["worker", "--lease", LEASE]
            if name in self.ports:
                arguments = ["serve", "--port", str(self.ports[name]), "--no-worker"]
            machine = Undersigned(*arguments, environment=self.environment(name), folder=self.home(name))
            self.running[name] = machine
            if name in self.ports:
                ready = f"http://127.0.0.1:{self.ports[name]}/healthz"
                await_that(lambda: answers(ready), START_SECONDS, machine.log.read_text)
                assert not machine.ended, machine.log.read_text()

        return Part(name, start, lambda: self.running[name]._process if name in self.running else None)

    def _start_nginx(self) -> None:
        with (self.folder / "nginx" / "output").open("ab") as output:
            self.proxy = subprocess.Popen(self.nginx, stdout=output, stderr=output, start_new_session=True)
        await_that(lambda: answers(f"{self.url}/readyz"), START_SECONDS, lambda: "nginx does not start")


@contextmanager
def installed() -> Iterator[Installation]:
    """Yield an installation with an open letter, none of whose machines runs yet."""
    with ExitStack() as stack:
        postgres, redis = stack.enter_context(running_postgres(durable=True)), stack.enter_context(running_redis())
        mail = stack.enter_context(running_mail_server())
        folder = postgres.folder.with_name(f"{postgres.folder.name}-machines")
        folder.mkdir()
        stack.callback(shutil.rmtree, folder)
        installation = Installation(folder, postgres, redis, mail)
        _prepare(installation)
        yield installation


def _prepare(installation: Installation) -> None:
    first = installation.home(MACHINES[2])
    for machine in MACHINES:
        installation.home(machine).mkdir()
    _prepare_nginx(installation)
    installation.database_url = migrated_database(installation.postgres, first / "keys")
    Keyring(first / "keys", secrets.token_bytes).create_server_keys()
    _write_letter(first, new_key_pair().public)
    done = installation.command("letter", "load", SLUG, "--open")
    assert done.returncode == 0, done.stderr
    _copy_keys(installation)


def _prepare_nginx(installation: Installation) -> None:
    """The shipped file with two machines behind it, as `docs/running.md` has it; networks are as visitors say."""
    one, two = installation.ports.values()
    changes = {
        f"server 127.0.0.1:{one};": "".join(f"server 127.0.0.1:{port} {FAIL};" for port in (one, two)),
        "X-Forwarded-For $remote_addr;": f"X-Forwarded-For $http_{VISITOR.lower().replace('-', '_')};",
    }
    installation.nginx, ports = prepare_proxy("nginx", installation.folder / "nginx", one, changes)
    installation.url = f"http://127.0.0.1:{ports[2]}"


def _write_letter(home: Path, public_key: str) -> None:
    """An ordinary letter, an edition of which is due every few seconds."""
    shutil.copytree(ROOT / "letters" / "demo" / SLUG, home / SLUG)
    file = home / SLUG / "letter.toml"
    text = file.read_text()
    for old, new in ORDINARY.items():
        text, count = re.subn(old, new, text)
        assert count == 1, old
    file.write_text(f'public_key = "{public_key}"\n{text}')


def _copy_keys(installation: Installation) -> None:
    """Every machine has the same keys; what signs the log, and remembers what it signed, is shared by the workers."""
    first, shared = installation.home(MACHINES[2]) / "keys", installation.folder / "log"
    shared.mkdir(mode=0o700)
    (first / "log").symlink_to(shared)
    for machine in MACHINES:
        if machine != MACHINES[2]:
            shutil.copytree(first, installation.home(machine) / "keys", symlinks=True)
