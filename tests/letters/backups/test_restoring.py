"""What is restored is what was backed up, whole or not at all, and the site goes on with it."""

import json
import os
import shutil
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import MetaData, Update, insert, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from letters.backups.checking import findings, missing_keys
from letters.backups.making import CONTEXT, NothingThere, backup
from letters.backups.records import NotABackup, Summary, compressed, expanded
from letters.backups.restoring import DatabaseInUse, OtherTables, Prepare, WrongKey
from letters.migrate import newest, upgrade
from letters.models.accounts import AccountRow
from letters.models.letters import LetterRow
from letters.models.log import LogHeadRow, LogTileRow
from letters.models.signatures import SignatureRow
from letters.organising.log_signing import MemoryLost, sign_heads
from letters.runtime import Runtime
from letters.signing.pending import seal_context
from tests.journeys.showcase import serving
from tests.letters.backups.conftest import Machine, Safe, Site, kept, on
from tests.letters.publishing.crowd import Crowd, open_crowd
from tests.letters.signing.asking import everything
from tests.migrations.test_0002_protect_signers import letter
from tests.migrations.test_0003_let_organisers_in import NEW_IN_0002
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from verification.database import table_of
from verification.identity.keypairs import new_key_pair
from verification.identity.sealing import CannotOpen, unseal
from verification.identity.streams import NotSealed, StreamDamaged, seal_file
from verification.ledger.auditing.fetching import Site as AuditedSite
from verification.ledger.auditing.findings import Code
from verification.ledger.auditing.letter_address import LetterAddress
from verification.ledger.auditing.looking import Look
from verification.ledger.auditing.looking import look_at as audit
from verification.ledger.auditing.remembering import Remembered
from verification.ledger.auditing.trusting import Trust
from verification.ledger.heads import Fork

one_database = pytest.mark.parametrize("database", ["sqlite"])


def audited(campaign: Campaign, seen: Remembered | None = None) -> Look:
    """What an auditor finds who remembers this of an earlier time."""
    with serving(campaign.app) as url:
        asked = AuditedSite(LetterAddress.parse(f"{url}/letters/{campaign.slug}"))
        try:
            return audit(asked, Trust(seen=seen))
        finally:
            asked.close()


def unproven(runtime: Runtime) -> list[str]:
    with runtime.reading() as session:
        return findings(session, (), lambda _done: None)


def missing(runtime: Runtime) -> list[str]:
    with runtime.reading() as session:
        return [name for name, _meaning in missing_keys(session, runtime.keyring)]


def is_empty(runtime: Runtime) -> bool:
    return not any(everything(runtime).values())


@pytest.mark.parametrize(("database", "kind"), [("sqlite", "sqlite"), ("postgresql", "postgresql")])
def test_the_site_goes_on_on_another_machine(
    site: Site, safe: Safe, machine: Machine, kind: str, compiled_templates: FileSystemBytecodeCache
) -> None:
    """The auditor who knew it accepts it, private links work, organisers sign in, and the next edition follows."""
    before, there = audited(site.campaign), kept(site.runtime)
    assert before.findings == []
    safe.keep(site.runtime)
    restored = machine(kind)
    summary = safe.put_back(restored)
    assert everything(restored) == there
    assert summary.rows["signatures"] == len(there["signatures"])
    assert (unproven(restored), missing(restored)) == ([], [])
    with pytest.raises(MemoryLost):
        on(restored, site.campaign, compiled_templates).release()
    sign_heads(restored, site.campaign.slug, trust_database=True)
    campaign = on(restored, site.campaign, compiled_templates)
    assert "withdraw" in campaign.client.get(site.counted).text
    campaign.join(7, display="named")
    campaign.client.post(site.named, data={"withdraw": "1"})
    assert campaign.release().number == 4
    after = audited(campaign, before.remembered(campaign.slug))
    assert (after.findings, after.total, before.total) == ([], 4, 4)
    assert unproven(restored) == []
    organiser = site.organiser
    organiser.runtime, organiser.app, organiser.client = restored, campaign.app, campaign.app.test_client()
    assert organiser.sign_in().status_code == 303


@pytest.mark.parametrize(("database", "kind"), [("sqlite", "postgresql"), ("postgresql", "sqlite")])
def test_moving_leaves_nothing_out(
    site: Site, safe: Safe, machine: Machine, kind: str, compiled_templates: FileSystemBytecodeCache
) -> None:
    there = everything(site.runtime)
    assert there["outbox"]
    assert there["sessions"]
    safe.keep(site.runtime, move=True)
    restored = machine(kind)
    safe.put_back(restored)
    assert everything(restored) == there
    campaign = on(restored, site.campaign, compiled_templates)
    campaign.send_mail()
    assert campaign.confirm(campaign.links("unsent@example.org")[0]).status_code == 303
    new = LetterRow.__table__.insert().from_select(  # type: ignore[attr-defined]
        [column.name for column in LetterRow.__table__.columns if column.name != "id"],
        select(*[text("'other'") if c.name == "slug" else c for c in LetterRow.__table__.columns if c.name != "id"]),
    )
    restored.settle(lambda session: session.execute(new))  # numbers go on behind those that came back


@one_database
def test_what_has_passed_by_itself_does_not_come_back(crowd: Crowd, safe: Safe, machine: Machine) -> None:
    safe.keep(crowd.runtime)
    restored = machine("sqlite")
    safe.put_back(restored)
    there = everything(restored)
    assert [there[name] for name in ("outbox", "sessions", "invitations", "spent_proofs", "downloads")] == [[]] * 5
    with restored.reading() as session:
        assert "pending" not in set(session.scalars(select(SignatureRow.state)))


@one_database
@pytest.mark.parametrize("move", [False, True])
def test_names_that_waited_in_vain_do_not_come_back(
    runtime: Runtime, clock: Clock, safe: Safe, machine: Machine, *, move: bool
) -> None:
    """Only what is moved on the same day has an edition before it closes."""
    crowd = open_crowd(runtime, pact=2, closes_at=clock() + timedelta(hours=1))
    for number in (1, 2):
        crowd.join(number, display="pact")
    safe.keep(runtime, move=move)
    clock.advance(hours=2)
    restored = machine("sqlite")
    safe.put_back(restored)
    with restored.reading() as session:
        assert [row.pact for row in session.scalars(select(SignatureRow))] == [move, move]
    there = Crowd(restored, crowd.slug)
    there.tend()
    assert len(there.names()) == (2 if move else 0)
    assert (unproven(restored), there.letter.total) == ([], 2)


def test_a_restore_that_is_killed_before_its_end_brings_no_name_back(
    runtime: Runtime, clock: Clock, safe: Safe, machine: Machine, database: str
) -> None:
    """It cannot be done again, and a worker may start on what is there."""
    crowd = open_crowd(runtime, pact=2, closes_at=clock() + timedelta(hours=1))
    crowd.join_many(range(2), display="pact")
    safe.keep(runtime)
    clock.advance(hours=2)
    restored = machine(database)
    no_database = replace(restored.settings, database_url=f"sqlite:///{safe.file}")
    with pytest.raises(DatabaseError):
        safe.put_back(replace(restored, settings=no_database))  # it cannot be brought up to date
    there = Crowd(restored, crowd.slug)
    there.tend()
    assert (there.names(), there.letter.total, unproven(restored)) == ([], 2, [])


def test_names_that_waited_in_vain_are_erased_in_older_tables_too(
    runtime: Runtime, clock: Clock, safe: Safe, machine: Machine, database: str
) -> None:
    """A table that has got a column since stands for all that may have changed."""
    crowd = open_crowd(runtime, pact=2, closes_at=clock() + timedelta(hours=1))
    crowd.join_many(range(2), display="pact")
    restored = machine(database)
    for made in (runtime, restored):
        with made.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE letters DROP COLUMN delivered_on")
    safe.keep(runtime)
    clock.advance(hours=2)
    safe.put_back(restored)
    with restored.reading() as session:
        names = select(SignatureRow.display, SignatureRow.pact, SignatureRow.name_box)
        assert session.execute(names).all() == [("counted", False, None)] * 2


@one_database
def test_a_database_that_holds_anything_is_left_as_it_is(crowd: Crowd, safe: Safe) -> None:
    safe.keep(crowd.runtime)
    before = everything(crowd.runtime)
    with pytest.raises(DatabaseInUse):
        safe.put_back(crowd.runtime)
    assert everything(crowd.runtime) == before


def test_an_empty_site_is_backed_up_too(runtime: Runtime, safe: Safe, machine: Machine, database: str) -> None:
    safe.keep(runtime)
    restored = machine(database, bare=True)
    assert not any(safe.put_back(restored).rows.values())
    assert is_empty(restored)
    if database == "sqlite":
        assert Path(str(restored.engine.url.database)).stat().st_mode & 0o777 == 0o600


@one_database
def test_where_there_are_no_tables_there_is_nothing_to_back_up(runtime: Runtime, safe: Safe, machine: Machine) -> None:
    with pytest.raises(NothingThere):
        safe.keep(machine("sqlite", bare=True))


@one_database
def test_a_backup_that_is_damaged_restores_nothing(crowd: Crowd, safe: Safe, machine: Machine) -> None:
    """Cut short, or with one bit of it changed, wherever that is."""
    whole, restored = safe.keep(crowd.runtime).read_bytes(), machine("sqlite")
    for place in (3, 30, 1000, 2500, 5000, len(whole) // 2, len(whole) - 1):
        for damaged in (whole[:place], whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]):
            safe.file.write_bytes(damaged)
            with pytest.raises((NotSealed, WrongKey, StreamDamaged)):
                safe.put_back(restored)
            assert is_empty(restored)
            assert not restored.keyring.signed_heads.exists()
    safe.file.write_bytes(whole)
    safe.put_back(restored)


def test_what_breaks_off_in_the_middle_leaves_nothing_behind(
    crowd: Crowd, safe: Safe, machine: Machine, database: str
) -> None:
    class PulledOut(Exception):
        pass

    def pull_out(_session: object) -> None:
        raise PulledOut

    safe.keep(crowd.runtime)
    restored = machine(database)
    with pytest.raises(PulledOut):
        safe.put_back(restored, pull_out)
    assert is_empty(restored)
    safe.put_back(restored)
    assert everything(restored) == kept(crowd.runtime)


@one_database
def test_another_key_opens_nothing(crowd: Crowd, safe: Safe, machine: Machine) -> None:
    safe.keep(crowd.runtime)
    with pytest.raises(WrongKey):
        Safe(safe.folder, new_key_pair()).put_back(machine("sqlite"))


@one_database
def test_with_its_key_alone_a_backup_opens_no_name_and_no_address(
    campaign: Campaign, safe: Safe, machine: Machine
) -> None:
    """Whoever has it, its secret key and the letter's own restores it at home, where the server's keys are not."""
    campaign.join(1, display="named", updates="1")
    campaign.release()
    campaign.join(2, display="named")
    safe.keep(campaign.runtime)
    thief = machine("sqlite")
    shutil.rmtree(thief.keyring.folder)
    safe.put_back(thief)
    assert [file.relative_to(thief.keyring.folder).as_posix() for file in thief.keyring.folder.rglob("*.key")] == [
        f"log/{campaign.slug}.key"
    ]
    with thief.reading() as session:
        for row in session.scalars(select(SignatureRow)):
            with pytest.raises(CannotOpen):
                unseal(campaign.pair.secret, row.sealed, seal_context(campaign.slug, row.id))
    content = Path(str(thief.engine.url.database)).read_bytes()
    for said in ("Signer Example", "signer1", "signer2"):
        assert said.encode() not in content


@one_database
def test_whoever_knows_the_public_key_can_make_a_backup(crowd: Crowd, safe: Safe, machine: Machine) -> None:
    """It restores like a true one; that its log is another is for auditors to see."""
    crowd.tamper(update(SignatureRow).where(SignatureRow.edition == 2).values(profession="surgeon"))
    forged = b"".join(backup(crowd.runtime, safe.pair.public, move=False, watch=lambda _length: lambda _done: None))
    safe.file.write_bytes(forged)
    assert safe.put_back(machine("sqlite")).rows["signatures"] == 5


ALL_PLAIN = [(column.name, "plain") for column in table_of(AccountRow).columns]


def hostile(*lines: bytes) -> list[bytes]:
    """A backup by somebody who knows the public key: the summary of one letter, and then these lines."""
    rows = {"format": 1, "revision": newest(), "made_on": "2026-12-01", "move": False, "rows": {"accounts": 1}}
    return [json.dumps({**rows, "log_seeds": {}}).encode() + b"\n", *lines]


def section(*columns: tuple[str, str]) -> bytes:
    return json.dumps({"table": "accounts", "columns": columns, "rows": 1}).encode() + b"\n"


@one_database
@pytest.mark.parametrize(
    "lines",
    [
        [b"\n"],
        [b"[]\n"],
        hostile(b"nonsense\n"),
        hostile(b'{"table": "accounts"}\n'),
        hostile(b"[" * 100_000 + b"\n"),
        hostile(section(("id", "bytes")), b"[-1]\n"),
        hostile(section(("id", "bytes")), b"[10000000000]\n"),
        hostile(section(("id", "bytes")), b"[]\n"),
        hostile(section(("created_on", "date")), b'["tomorrow"]\n'),
        hostile(section(("id; DROP TABLE letters", "plain")), b"[1]\n"),
        hostile(section(("language", "plain")), b'["en"]\n'),
        hostile(section(*ALL_PLAIN), json.dumps([{}] * len(ALL_PLAIN)).encode() + b"\n"),
        hostile(section(*ALL_PLAIN), json.dumps([None] * len(ALL_PLAIN)).encode() + b"\n"),
    ],
)
def test_a_hostile_backup_is_refused_in_one_sentence(safe: Safe, machine: Machine, lines: list[bytes]) -> None:
    restored = machine("sqlite")
    safe.file.write_bytes(b"".join(seal_file(safe.pair.public, CONTEXT, compressed(lines), os.urandom)))
    with pytest.raises(NotABackup):
        safe.put_back(restored)
    assert is_empty(restored)


def test_a_line_without_end_is_given_up() -> None:
    endless = (b"x" * (1 << 20) for _ in count())
    with pytest.raises(NotABackup):
        Summary.read(expanded(compressed(endless)))


@one_database
def test_a_backup_of_a_newer_version_is_refused(runtime: Runtime, safe: Safe, machine: Machine) -> None:
    with runtime.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    safe.keep(runtime)
    with pytest.raises(OtherTables):
        safe.put_back(machine("sqlite", bare=True))


def test_a_backup_of_older_tables_is_brought_up_to_date(
    runtime: Runtime, safe: Safe, machine: Machine, database: str
) -> None:
    old, restored, ready = machine(database, bare=True), machine("sqlite", bare=True), machine("sqlite")
    upgrade(old.settings.database_url, old.keyring, "0003")
    metadata = MetaData()
    metadata.reflect(old.engine)
    with old.engine.begin() as connection:
        connection.execute(insert(metadata.tables["letters"]), letter() | NEW_IN_0002)
    safe.keep(old)
    assert safe.put_back(restored).revision == "0003"
    with restored.reading() as session:
        assert session.scalars(select(LetterRow.slug)).one() == letter()["slug"]
        version = text("SELECT version_num FROM alembic_version")
        assert session.execute(version).scalar_one() == newest()
    with pytest.raises(OtherTables):
        safe.put_back(ready)
    with pytest.raises(OtherTables):
        safe.put_back(machine("sqlite"), lambda _session: None)


@one_database
def test_the_seed_of_a_log_is_put_back_only_where_there_is_none(crowd: Crowd, safe: Safe, machine: Machine) -> None:
    safe.keep(crowd.runtime)
    lost, other = machine("sqlite"), machine("sqlite")
    safe.put_back(lost)
    assert lost.keyring.log_seed(crowd.slug) == crowd.runtime.keyring.log_seed(crowd.slug)
    other.keyring.create_log_seed(crowd.slug)
    seed = other.keyring.log_seed(crowd.slug)
    safe.put_back(other)
    assert other.keyring.log_seed(crowd.slug) == seed


@one_database
def test_each_key_that_is_missing_is_named(crowd: Crowd, safe: Safe, machine: Machine) -> None:
    safe.keep(crowd.runtime)
    restored, slug = machine("sqlite", bare=True), crowd.slug
    shutil.rmtree(restored.keyring.folder)
    safe.put_back(restored)
    server = [f"{name}.key" for name in ("tokens", "outbox", "names", "subscriptions", "accounts")]
    assert missing(restored) == [*server, f"dedupe/{slug}.key", f"identities/{slug}.key"]


@one_database
def test_where_readers_saw_more_the_log_is_not_continued_behind_their_backs(
    campaign: Campaign, safe: Safe, machine: Machine, compiled_templates: FileSystemBytecodeCache
) -> None:
    """With the memory of what was signed nothing is; without it the host has to say so, and auditors tell."""
    release_one_more(campaign, 1)
    safe.keep(campaign.runtime)
    before = audited(campaign).remembered(campaign.slug)
    release_one_more(campaign, 2)
    seen = audited(campaign).remembered(campaign.slug)
    restored = machine("sqlite")
    shutil.copytree(campaign.runtime.keyring.signed_heads, restored.keyring.signed_heads)
    safe.put_back(restored)
    there = on(restored, campaign, compiled_templates)
    with pytest.raises(Fork):
        release_one_more(there, 3)
    next(restored.keyring.signed_heads.glob("*.head")).rename(restored.keyring.folder / "what-readers-saw")
    sign_heads(restored, campaign.slug, trust_database=True)
    assert audited(there, before).findings == []
    assert Code.LOG_FORKED in {finding.code for finding in audited(there, seen).findings}


def release_one_more(campaign: Campaign, number: int) -> None:
    campaign.join(number)
    campaign.release()


def by_hand(statement: Update) -> Prepare:
    def prepare(session: Session) -> None:
        session.execute(statement)

    return prepare


@one_database
def test_what_was_changed_by_hand_is_found(crowd: Crowd, safe: Safe, machine: Machine) -> None:
    """A figure, a head, or a leaf."""
    slug = crowd.slug
    head = select(LogHeadRow.size).order_by(LogHeadRow.size.desc()).limit(1).scalar_subquery()
    leaf = LogTileRow.level == -1
    for wrong, said in (
        (update(SignatureRow).where(SignatureRow.edition == 2).values(edition=1), "edition 1"),
        (update(LogHeadRow).where(LogHeadRow.size == head).values(root=bytes(32)), "leaves is not that of the log"),
        (update(LogTileRow).where(leaf).values(data=LogTileRow.data + b"\0\1S"), "cannot be read"),
    ):
        safe.keep(crowd.runtime)
        restored = machine("sqlite")
        safe.put_back(restored, by_hand(wrong))
        assert any(line.startswith(slug) and said in line for line in unproven(restored))


def test_a_backup_is_one_moment_while_people_go_on_signing(crowd: Crowd, safe: Safe, machine: Machine) -> None:
    """Whoever comes between two tables is in none of them."""
    numbers, there = count(20), kept(crowd.runtime)

    def come(_done: int) -> None:
        number = next(numbers)
        if number < 24:
            crowd.join(number)
            crowd.release()

    parts = backup(crowd.runtime, safe.pair.public, move=False, watch=lambda _length: come)
    safe.file.write_bytes(b"".join(parts))
    assert kept(crowd.runtime) != there
    restored = machine("sqlite")
    safe.put_back(restored)
    assert everything(restored) == there
