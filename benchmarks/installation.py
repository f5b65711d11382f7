"""One installation to measure: a durable PostgreSQL, keys, an open letter, and forms to send."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from benchmarks import floors
from letters.migrate import upgrade
from letters.models.finding import find_letter
from letters.organising.loading import load, open_letter
from letters.runtime import Runtime
from letters.settings import Settings
from letters.signing.form_token import form_token
from tests.parts.campaign import FORM, demo_draft
from tests.parts.postgres import Postgres, running_postgres

SLUG = "stop-the-violence"


@dataclass(frozen=True)
class Installation:
    """The product's settings for its processes, and its runtime for this one."""

    environment: dict[str, str]
    runtime: Runtime
    _people: Iterator[int] = field(default_factory=count)

    def people(self, many: int) -> int:
        """The first of so many numbers of people who have not signed here yet."""
        first = next(self._people)
        next(islice(self._people, many - 1, many - 1), None)
        return first

    def forms(self, first: int, count: int, clan: str = "") -> list[bytes]:
        """Bodies of the sign form, each of another person of this clan."""
        with self.runtime.reading() as session:
            token = form_token(self.runtime.tokens, find_letter(session, SLUG))
        people = (
            {"name": f"Signer Example {n}", "email": f"{clan}signer{n}@example.org"}
            for n in range(first, first + count)
        )
        return [urlencode({**FORM, "form_token": token, **person}).encode() for person in people]


@contextmanager
def installation() -> Iterator[Installation]:
    """A fresh installation on a PostgreSQL with its default durability, gone at the end."""
    with running_postgres(durable=True) as postgres, installed(postgres) as place:
        yield place


@contextmanager
def installed(postgres: Postgres) -> Iterator[Installation]:
    """One in a database of its own on that server."""
    with TemporaryDirectory() as folder:
        environment = {
            "UNDERSIGNED_DATABASE_URL": postgres.database(),
            "UNDERSIGNED_KEYS": str(Path(folder) / "keys"),
            "UNDERSIGNED_THROTTLE": "off",
            "UNDERSIGNED_TRUSTED_PROXIES": "1",
        }
        runtime = Runtime.start(Settings.read(environment))
        upgrade(environment["UNDERSIGNED_DATABASE_URL"], runtime.keyring)
        floors.metadata.create_all(runtime.engine)
        runtime.keyring.create_server_keys()
        runtime.settle(lambda session: open_demo(session, runtime, SLUG))
        yield Installation(environment, runtime)
        runtime.engine.dispose()


def open_demo(session: Session, runtime: Runtime, slug: str) -> None:
    """Open the protected demo letter under this name."""
    draft, _pair = demo_draft(SLUG)
    open_letter(load(session, replace(draft, slug=slug), (), runtime.clock()), runtime.keyring, runtime.clock())
