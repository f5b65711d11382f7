"""One installation to measure: a durable PostgreSQL, keys, an open letter, forms to send and links to press."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks import floors
from letters.migrate import upgrade
from letters.models.values import find_letter
from letters.organising.loading import load, open_letter
from letters.runtime import Runtime
from letters.settings import Settings
from letters.signing.form_token import form_token
from letters.signing.mailing import address_mail
from tests.parts.campaign import FORM, demo_draft
from tests.parts.postgres import running_postgres
from verification.mailbox.outbox import About, OutboxRow, Waiting, settle
from verification.mailbox.tokens import Purpose

SLUG = "stop-the-violence"


@dataclass(frozen=True)
class Installation:
    """The product's settings for its processes, and its runtime for this one."""

    environment: dict[str, str]
    runtime: Runtime

    def forms(self, first: int, count: int, clan: str = "") -> list[bytes]:
        """Bodies of the sign form, each of another person of this clan."""
        with self.runtime.reading() as session:
            token = form_token(self.runtime.tokens, find_letter(session, SLUG))
        people = (
            {"name": f"Signer Example {n}", "email": f"{clan}signer{n}@example.org"}
            for n in range(first, first + count)
        )
        return [urlencode({**FORM, "form_token": token, **person}).encode() for person in people]

    def links(self) -> list[str]:
        """The path of every confirmation that waits to be mailed; the mails themselves are dropped."""
        return [f"/confirm/{token}" for token in map(self._address, self._waiting()) if token]

    def _waiting(self) -> list[bytes]:
        with self.runtime.reading() as session:
            return list(session.scalars(select(OutboxRow.id)))

    def _address(self, mail_id: bytes) -> str:
        def verb(session: Session) -> str:
            row = session.get_one(OutboxRow, mail_id)
            row.lease, row.leased_until = b"0" * 16, datetime.now(UTC)
            mail = Waiting(
                row.id,
                About.SIGNATURE,
                row.subject,
                None,
                row.challenge,
                row.language,
                row.address_box,
                row.failures,
            )
            session.flush()
            head = address_mail(session, mail, datetime.now(UTC), self.runtime.chance.token)
            settle(session, mail_id, b"0" * 16)
            return self.runtime.tokens.mint(Purpose.CONFIRM, head.challenge) if head else ""

        return self.runtime.settle(verb)


@contextmanager
def installation() -> Iterator[Installation]:
    """A fresh installation on a PostgreSQL with its default durability, gone at the end."""
    with TemporaryDirectory() as folder, running_postgres(durable=True) as postgres:
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
        draft, _pair = demo_draft(SLUG)

        def verb(session: Session) -> None:
            open_letter(load(session, draft, (), runtime.clock()), runtime.keyring, runtime.clock())

        runtime.settle(verb)
        yield Installation(environment, runtime)
        runtime.engine.dispose()
