"""What migration 0002 makes of a database in which people have signed."""

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, insert, select, text

from letters.migrate import upgrade
from letters.models.editions import CellRow, EntryRow, TallyRow
from letters.models.letters import LetterRow
from letters.models.signatures import SignatureRow, SubscriptionRow
from letters.organising.releasing import scheme_of
from letters.publishing.entries import public_name
from letters.publishing.recount import recount
from letters.runtime import Runtime
from letters.settings import Settings
from verification.database import make_engine
from verification.identity.boxes import unlock
from verification.identity.keyring import Keyring
from verification.identity.sealing import new_key_pair, seal, unseal
from verification.mailbox.outbox import OutboxRow

PAIR = new_key_pair()
SLUG = "old-letter"
NOW = datetime(2026, 12, 1, tzinfo=UTC)
VERA, ANON, MUTE, GONE, LATE = (bytes([number]) * 16 for number in range(1, 6))
COUNTED = {"printed_profession": "nurse", "printed_region": "BY-MI", "printed_standing": "mailbox"}


def letter() -> dict[str, Any]:
    return {
        "id": 1, "slug": SLUG, "state": "open", "languages": ["en"], "addressee": {"en": "Somebody"},
        "responsible": {"name": {"en": "Example"}, "contact": "a@example.org"}, "countries": ["BY"],
        "professions": "health", "custody": "offline", "public_key": PAIR.public,
        "displays": ["counted", "pseudonym", "named"], "edition_every": 60, "edition_at_least": 1,
        "figures_threshold": 2, "figures_step": 2, "text_hash": "0" * 64, "answer": None, "forgotten": False,
        "edition": 1, "removals": 0, "revision": 3, "tended_at": NOW,
    }  # fmt: skip


def signature(id: bytes, display: str, **changes: Any) -> dict[str, Any]:
    whole = {
        "id": id, "letter_id": 1, "state": "confirmed", "display": display, "standing": "mailbox",
        "profession": "nurse", "region": "BY-MI", "sealed": seal(PAIR.public, b"Vera Example", id),
        "address_index": id * 2, "name_box": None, "pseudonym": None, "fingerprint": None,
        "earlier_fingerprint": None, "mailed": False, "expires_on": None, "news": False, "edition": 1,
        "removed_in": None, **COUNTED,
    }  # fmt: skip
    return {**whole, **changes}


def people() -> list[dict[str, Any]]:
    erased = dict.fromkeys(("sealed", "address_index", "profession", "region", *COUNTED))
    pending = {"expires_on": date(2026, 12, 8), "edition": None, **dict.fromkeys(COUNTED)}
    return [
        signature(VERA, "named"),
        signature(ANON, "pseudonym", pseudonym=417),
        signature(MUTE, "counted"),
        signature(GONE, "counted", state="withdrawn", removed_in=1, **erased),
        signature(LATE, "counted", state="pending", **pending),
    ]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    keyring = Keyring(tmp_path / "keys", secrets.token_bytes)
    keyring.create_server_keys()
    return keyring


@pytest.fixture
def migrated(database_url: str, engine: Engine, keyring: Keyring) -> Runtime:
    """The installation after the migration; before it, somebody was in every table."""
    upgrade(database_url, keyring, "0001")
    metadata = MetaData()
    metadata.reflect(engine)
    shown = {"shown": {"nurse": 2}, "rest": [0, 1]}
    figures = {"profession": shown, "region": {"shown": {"BY-MI": 2}, "rest": [0, 1]}, "standing": shown}
    entry = {"letter_id": 1, "edition": 1, "leaving": False, "pseudonym": None, "name": None, "folded": None}
    mail = {"subject": LATE, "language": "en", "address_box": b"box", "failures": 0, "expires_on": date(2026, 12, 8)}
    rows: dict[str, list[dict[str, Any]]] = {
        "letters": [letter()],
        "editions": [
            {
                "letter_id": 1, "number": 1, "released_at": NOW, "signatures": 4, "withdrawn": 1, "voided": 0,
                "figures": figures,
            }
        ],
        "tallies": [
            {"letter_id": 1, "dimension": name, "code": code, "count": 3}
            for name, code in (("profession", "nurse"), ("region", "BY-MI"), ("standing", "mailbox"))
        ],
        "signatures": people(),
        "entries": [
            {**entry, "position": 1, "signature_id": VERA, "name": "Vera Example", "folded": "vera example"},
            {**entry, "position": 2, "signature_id": ANON, "pseudonym": 417},
        ],
        "subscriptions": [{"signature_id": VERA, "language": "en", "address_box": b"box"}],
        "outbox": [
            {**mail, "id": b"w" * 16, "state": "waiting", "due_at": NOW},
            {**mail, "id": b"d" * 16, "state": "dead", "due_at": NOW},
        ],
    }  # fmt: skip
    with engine.begin() as connection:
        for table, values in rows.items():
            for value in values:
                ready = {name: _stored(engine, item) for name, item in value.items()}
                connection.execute(insert(metadata.tables[table]), [ready])
    upgrade(database_url, keyring)
    settings = {"UNDERSIGNED_DATABASE_URL": database_url, "UNDERSIGNED_KEYS": str(keyring.folder)}
    return Runtime(Settings.read(settings), engine, learn_every=0)


def _stored(engine: Engine, value: Any) -> Any:
    """A reflected SQLite column does not know that it holds moments in UTC."""
    moment = isinstance(value, datetime) and engine.dialect.name == "sqlite"
    return value.replace(tzinfo=None) if moment else value


def test_names_lie_in_boxes_that_open(migrated: Runtime) -> None:
    key = migrated.keyring.server("names")
    with migrated.reading() as session:
        entries = session.scalars(select(EntryRow).order_by(EntryRow.position)).all()
    assert public_name(key, entries[0].name_box, VERA) == "Vera Example"
    assert (entries[1].name_box, entries[1].pseudonym) == (None, 417)


def test_identities_lie_in_boxes_around_what_was_sealed(migrated: Runtime) -> None:
    key = migrated.keyring.identities(SLUG)
    with migrated.reading() as session:
        rows = session.scalars(select(SignatureRow).where(SignatureRow.sealed.is_not(None))).all()
    assert len(rows) == 4
    for row in rows:
        assert unseal(PAIR.secret, unlock(key, row.sealed, row.id), row.id) == b"Vera Example"


def test_figures_go_on_from_what_was_printed(migrated: Runtime) -> None:
    with migrated.reading() as session:
        tallies = {row.code: (row.count, row.unnamed) for row in session.scalars(select(TallyRow))}
        cells = {row.code: (row.printed, row.events) for row in session.scalars(select(CellRow))}
    assert tallies == dict.fromkeys(("nurse", "BY-MI", "mailbox"), (3, 2))
    assert cells == dict.fromkeys(("nurse", "BY-MI"), (2, 0))


def test_who_was_printed_as_what_is_remembered(migrated: Runtime) -> None:
    with migrated.reading() as session:
        found = session.execute(select(SignatureRow.id, SignatureRow.listed, SignatureRow.printed_named)).all()
    assert {id: (listed, named) for id, listed, named in found} == {
        VERA: (False, True), ANON: (True, False), MUTE: (False, False), GONE: (False, None), LATE: (False, None),
    }  # fmt: skip


def test_nothing_else_is_lost(migrated: Runtime) -> None:
    with migrated.reading() as session:
        assert session.scalars(select(SubscriptionRow.signature_id)).all() == [VERA]
        mails = {row.state: row.due_at for row in session.scalars(select(OutboxRow))}
        row = session.scalars(select(LetterRow)).one()
        findings = recount(session, row, scheme_of(row, ()))
    assert mails == {"waiting": NOW, "dead": None}
    assert (row.revision, row.organisers, row.lifts, row.erased, row.completed) == (3, [], [], False, False)
    assert (row.figures_moves_after, row.figures_hides_below) == (2, 1)
    assert findings == []


def test_no_clear_name_is_left_in_the_database(migrated: Runtime, database: str) -> None:
    if database == "postgresql":
        with migrated.reading() as session:
            dumped = "".join(json.dumps(str(row)) for row in session.execute(text("SELECT * FROM entries")))
        assert "Vera" not in dumped
        return
    migrated.engine.dispose()
    file = Path(migrated.settings.database_url.removeprefix("sqlite:///"))
    for part in (file, file.with_name(f"{file.name}-wal")):
        assert not part.exists() or b"Vera" not in part.read_bytes()
