"""What a seized server tells: each test is somebody who tries, with the database, with its keys, or with both.

Some of them succeed: docs/threat-model.md says so.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from letters.models.editions import EntryRow
from letters.models.letters import LetterRow, LetterState
from letters.models.signatures import SignatureRow, SubscriptionRow
from letters.publishing.entries import public_name
from letters.runtime import Runtime
from letters.signing.pending import seal_context
from letters.worker import sweep
from tests.letters.publishing.crowd import Crowd, open_crowd
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from tests.parts.postgres import find_binaries
from verification.database import Base, Moment
from verification.identity.addresses import parse_address, unpad
from verification.identity.boxes import BoxDamaged, unlock
from verification.identity.dedupe import address_index
from verification.identity.keyring import KeyMissing
from verification.identity.sealing import CannotOpen, new_key_pair, unseal
from verification.mailbox.challenges import ChallengeRow, Kind
from verification.mailbox.outbox import OutboxRow
from verification.mailbox.tokens import Purpose, Tokens

STAFF = [f"signer{number}@example.org" for number in range(1, 6)]


@pytest.fixture
def clock() -> Clock:
    """A clock that can be set."""
    return Clock()


@pytest.fixture
def signed(campaign: Campaign) -> Campaign:
    """Somebody is on the list, somebody waits to be, and a mail waits."""
    campaign.join(1, display="named", updates="1")
    campaign.release()
    campaign.join(2, display="named")
    campaign.sign(email="waiting@example.org")
    return campaign


def rows(campaign: Campaign) -> list[SignatureRow]:
    with campaign.runtime.reading() as session:
        return list(session.scalars(select(SignatureRow)))


def test_everything_on_the_server_together_opens_no_identity(signed: Campaign) -> None:
    key = signed.runtime.keyring.identities(signed.slug)
    held = b"".join(file.read_bytes() for file in signed.runtime.settings.keys.rglob("*.key"))
    assert signed.pair.secret.encode() not in held
    for row in rows(signed):
        sealed, context = unlock(key, row.sealed, row.id), seal_context(signed.slug, row.id)
        with pytest.raises(CannotOpen):
            unseal(new_key_pair().secret, sealed, context)
        assert b"Example" in unseal(signed.pair.secret, sealed, context), "its organisers open it"


def test_the_organisers_key_opens_nothing_of_a_stolen_database(signed: Campaign) -> None:
    for row in rows(signed):
        with pytest.raises(CannotOpen):
            unseal(signed.pair.secret, row.sealed, seal_context(signed.slug, row.id))


def test_with_the_server_keys_waiting_addresses_and_public_names_are_read(signed: Campaign) -> None:
    keyring = signed.runtime.keyring
    with signed.runtime.reading() as session:
        mail = session.scalars(select(OutboxRow)).one()
        news = session.scalars(select(SubscriptionRow)).one()
        entry = session.scalars(select(EntryRow)).one()
        waiting = session.scalars(select(SignatureRow).where(SignatureRow.name_box.is_not(None))).one()
    assert unpad(unlock(keyring.server("outbox"), mail.address_box, mail.subject)) == "waiting@example.org"
    assert unpad(unlock(keyring.server("subscriptions"), news.address_box, news.signature_id)) == STAFF[0]
    names = [public_name(keyring.server("names"), *pair) for pair in ((entry.name_box, entry.signature_id),)]
    names.append(public_name(keyring.server("names"), waiting.name_box, waiting.id))
    assert names == ["Signer Example 1", "Signer Example 2"]
    for name in ("tokens", "outbox", "subscriptions"):
        with pytest.raises(BoxDamaged):
            public_name(keyring.server(name), entry.name_box, entry.signature_id)


@pytest.mark.parametrize("database", ["sqlite"])
def test_with_the_server_keys_names_that_wait_for_colleagues_are_read(runtime: Runtime) -> None:
    crowd = open_crowd(runtime, pact=100)
    waits = crowd.row(crowd.join(1, display="pact"))
    assert waits.pact
    assert public_name(runtime.keyring.server("names"), waits.name_box, waits.id) == "Signer Example 1"
    with pytest.raises(BoxDamaged):
        public_name(runtime.keyring.server("tokens"), waits.name_box, waits.id)


def test_a_staff_list_can_be_tested_until_the_dedupe_key_is_destroyed_and_not_after(
    signed: Campaign, clock: Clock
) -> None:
    key = signed.runtime.keyring.dedupe(signed.slug)
    stolen = {row.address_index for row in rows(signed)}
    found = [address for address in STAFF if address_index(key, parse_address(address).canonical) in stolen]
    assert found == STAFF[:2]

    crowd = Crowd(signed.runtime, signed.slug)
    crowd.enter(LetterState.CLOSED)
    crowd.tend()
    clock.advance(days=31)
    crowd.tend()
    with pytest.raises(KeyMissing):
        signed.runtime.keyring.dedupe(signed.slug)


def test_a_stolen_database_holds_no_link_and_with_the_key_of_links_any_can_be_made(signed: Campaign) -> None:
    with signed.runtime.reading() as session:
        ids = list(session.scalars(select(ChallengeRow.id).where(ChallengeRow.kind == Kind.MANAGE.value)))
    other = Tokens(b"another key of 32 bytes, guessed!", signed.runtime.clock)
    assert {signed.client.get(f"/signature/{other.mint(Purpose.MANAGE, id)}").status_code for id in ids} == {404}
    assert {signed.client.get(f"/signature/{id.hex()}").status_code for id in ids} == {404}
    made = [signed.runtime.tokens.mint(Purpose.MANAGE, id) for id in ids]
    assert {signed.client.get(f"/signature/{token}").status_code for token in made} == {200}


def test_sealed_identities_are_gone_on_their_day_from_backups_too(signed: Campaign, clock: Clock) -> None:
    backup = rows(signed)
    crowd = Crowd(signed.runtime, signed.slug)
    crowd.enter(LetterState.CLOSED)
    crowd.tend()
    clock.advance(days=90)
    crowd.tend()
    assert crowd.letter.identities_until == clock().date()
    assert all(row.sealed for row in rows(signed))
    clock.advance(days=1)
    crowd.tend()
    assert crowd.letter.erased
    assert [(row.sealed, row.address_index) for row in rows(signed)] == [(None, None)] * 2
    with signed.runtime.reading() as session:
        assert session.scalars(select(SubscriptionRow)).all() == []
    assert crowd.recount() == []
    with pytest.raises(KeyMissing):
        signed.runtime.keyring.identities(signed.slug)
    for row in backup:
        with pytest.raises(CannotOpen):
            unseal(signed.pair.secret, row.sealed, seal_context(signed.slug, row.id))


def test_only_these_columns_hold_a_moment_and_none_of_a_signature() -> None:
    """A lease lasts seconds, a put-off mail waits for its time, the thanks show a link for 15 minutes; the others are
    about organisers, by the hour but for what lasts minutes."""
    moments = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Moment)
    }
    letters = {"letters.opens_at", "letters.closes_at", "letters.tended_at", "editions.released_at"}
    letters |= {"cosignatures.cosigned_at"}  # soon after an edition, by a witness's clock
    hours = {"sessions.opened_at", "sessions.seen_at", "trail.done_at"}
    minutes = {"sessions.strong_until", "downloads.moved_at"}
    signers = {"outbox.due_at", "outbox.leased_until", "challenges.shown_until"}
    machines = {"workers.seen_at", "workers.queue_since"}  # a minute at a fixed pace, and slots of ten
    assert moments - letters == signers | hours | minutes | machines


def test_the_moment_of_the_thanks_is_forgotten_by_the_next_sweep_after_it(signed: Campaign, clock: Clock) -> None:
    def kept() -> set[object]:
        with signed.runtime.reading() as session:
            return set(session.scalars(select(ChallengeRow.shown_until)))

    assert len(kept()) == 2
    clock.advance(minutes=15)
    signed.runtime.settle(lambda session: sweep(session, clock()))
    assert kept() == {None}


@pytest.mark.parametrize("database", ["postgresql"])
def test_the_write_ahead_log_of_postgresql_tells_minutes_until_it_is_recycled(
    campaign: Campaign, tmp_path: Path
) -> None:
    """Not who, but when a row came: the log dates every commit."""
    socket = make_url(campaign.runtime.settings.database_url).query["host"]
    campaign.sign()
    with campaign.runtime.reading() as session:
        assert session.scalar(select(LetterRow.id)) is not None
    waldump = find_binaries() / "pg_waldump"
    log = shutil.copytree(Path(str(socket)) / "data" / "pg_wal", tmp_path / "wal")
    segments = sorted(file.name for file in log.iterdir() if re.fullmatch("[0-9A-F]{24}", file.name))
    done = subprocess.run(
        [str(waldump), "--path", str(log), "--rmgr", "Transaction", segments[0]],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert re.search(r"COMMIT \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+", done.stdout)
