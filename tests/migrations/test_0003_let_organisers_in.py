"""What migration 0003 makes of a database in which people have signed."""

import secrets
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from letters.migrate import upgrade
from letters.models.signatures import SignatureRow, SubscriptionRow
from letters.models.teams import TeamRow, TrailRow
from tests.migrations.test_0002_protect_signers import LATE, NOW, VERA, letter, people
from verification.database import make_engine, table_of
from verification.identity.keyring import Keyring
from verification.mailbox.challenges import ChallengeRow, Kind
from verification.mailbox.outbox import About, NewMail, OutboxRow, enqueue, lease_due

NEW_IN_0002 = {
    "figures_moves_after": 2, "figures_hides_below": 1, "organisers": [], "erased": False, "lifts": [],
    "completed": False,
}  # fmt: skip


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    """The keys of an installation that knows nothing of organisers."""
    keyring = Keyring(tmp_path / "keys", secrets.token_bytes)
    for name in ("tokens", "outbox", "names", "subscriptions"):
        keyring.create_server(name)
    return keyring


@pytest.fixture
def before(database_url: str, engine: Engine, keyring: Keyring) -> list[dict[str, Any]]:
    """The signatures as they were; the migration has happened since."""
    upgrade(database_url, keyring, "0002")
    metadata = MetaData()
    metadata.reflect(engine)
    challenge = {"kind": "confirm", "subject": LATE, "expires_on": date(2026, 12, 8)}
    mail = {"subject": LATE, "language": "en", "address_box": b"box", "failures": 0, "expires_on": date(2026, 12, 8)}
    box = {"language": "en", "address_box": b"box"}
    rows: dict[str, list[dict[str, Any]]] = {
        "letters": [letter() | NEW_IN_0002],
        "signatures": [{**row, "listed": row["pseudonym"] is not None, "printed_named": None} for row in people()],
        "subscriptions": [{"signature_id": VERA, **box}, {"signature_id": LATE, **box}],
        "challenges": [{"id": bytes([9]) * 16, **challenge}],
        "outbox": [{"id": bytes([8]) * 16, "state": "waiting", **mail}],
    }
    with engine.begin() as connection:
        for name, values in rows.items():
            connection.execute(insert(metadata.tables[name]), values)
        kept = [dict(row) for row in connection.execute(select(metadata.tables["signatures"])).mappings()]
    upgrade(database_url, keyring)
    return kept


def test_signatures_stay_as_they_were(before: list[dict[str, Any]], engine: Engine) -> None:
    with engine.connect() as connection:
        now = [dict(row) for row in connection.execute(select(table_of(SignatureRow))).mappings()]
    assert sorted(now, key=lambda row: row["id"]) == sorted(
        ({**row, "batch": None, "log_secret": None, "press": False, "pact": False} for row in before),
        key=lambda row: row["id"],
    )


def test_each_subscription_gets_a_handle_of_its_own(before: list[dict[str, Any]], engine: Engine) -> None:
    with engine.connect() as connection:
        handles = connection.execute(select(table_of(SubscriptionRow).c.handle)).scalars().all()
    assert (len(set(handles)), {len(handle) for handle in handles}) == (2, {16})


def test_mail_that_waits_is_still_sent_as_what_it_is(before: list[dict[str, Any]], engine: Engine) -> None:
    with Session(engine) as session:
        (mail,) = lease_due(session, b"l" * 16, NOW, 60, 10)
    assert (mail.about, mail.subject, mail.number) == (About.SIGNATURE, LATE, None)


def test_the_tables_take_what_is_new(before: list[dict[str, Any]], engine: Engine) -> None:
    with Session(engine) as session:
        session.execute(update(SignatureRow).where(SignatureRow.id == VERA).values(state="voided", batch=1))
        session.add(ChallengeRow(id=b"i" * 16, kind=Kind.INVITE.value, subject=b"s" * 16, expires_on=NOW.date()))
        enqueue(session, NewMail(b"m" * 16, b"s" * 16, "en", b"box", NOW.date(), About.ACCOUNT))
        session.flush()
        assert session.get_one(OutboxRow, b"m" * 16).about == "account"


def test_only_a_voided_signature_is_in_a_batch(before: list[dict[str, Any]], engine: Engine) -> None:
    with Session(engine) as session, pytest.raises(DBAPIError):
        session.execute(update(SignatureRow).where(SignatureRow.id == VERA).values(batch=1))


def test_the_key_for_organisers_is_made(before: list[dict[str, Any]], keyring: Keyring) -> None:
    assert len(keyring.server("accounts")) == 32


@pytest.mark.parametrize("statement", ["UPDATE trail SET act = 'nothing'", "DELETE FROM trail"])
def test_the_trail_refuses_to_be_changed(before: list[dict[str, Any]], engine: Engine, statement: str) -> None:
    with Session(engine) as session:
        session.add(TeamRow(id=1, name="Team Example"))
        session.flush()
        session.add(TrailRow(team_id=1, done_at=NOW, act="joined"))
        session.commit()
        with pytest.raises(DBAPIError, match="append-only"):
            session.execute(text(statement))
        session.rollback()
        assert session.scalars(select(TrailRow.act)).all() == ["joined"]


def test_references_still_hold(before: list[dict[str, Any]], engine: Engine) -> None:
    nobodys = SubscriptionRow(signature_id=b"nobody" + bytes(10), language="en", address_box=b"x", handle=b"h" * 16)
    with Session(engine) as session:
        session.add(nobodys)
        with pytest.raises(DBAPIError):
            session.commit()
