"""Burning destroys who signed, at whatever step it was interrupted; what was counted stays provable."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from letters.app import create_app
from letters.models.finding import find_letter
from letters.models.letters import LetterState
from letters.models.signatures import SignatureRow
from letters.organising import burning
from letters.organising.burning import NothingToBurn, burn, burn_keys
from letters.organising.exports import sealed_records
from letters.organising.loading import LetterFrozen, load, move, open_letter
from letters.organising.lockdown import IdentitiesGone, check_exportable, lock
from letters.publishing.editions import lock_letter
from letters.signing.pending import seal_context
from tests.letters.publishing.crowd import Crowd
from tests.letters.signing.asking import change_letter, everything, send, show, signatures
from tests.parts.campaign import Campaign, demo_draft
from verification.database import Base, make_engine
from verification.identity.keyring import KeyMissing
from verification.identity.sealing import CannotOpen, unseal
from verification.mailbox.challenges import ChallengeRow
from verification.mailbox.tokens import Purpose

one_database = pytest.mark.parametrize("database", ["sqlite"])

TABLES = Base.metadata.tables
SECRETS = (
    "signatures.sealed",
    "signatures.address_index",
    "signatures.name_box",
    "signatures.fingerprint",
    "entries.name_box",
    "subscriptions.address_box",
    "outbox.address_box",
)
OF_PEOPLE = ("outbox", "subscriptions", "challenges", "entries", "first_signatories")


def at_once(_seconds: float) -> None:
    """Nobody is in the middle of signing."""


def burn_it(campaign: Campaign) -> None:
    burn(campaign.runtime, campaign.slug, at_once)


def hold(campaign: Campaign, link: str) -> None:
    """Let the signature that this link has just confirmed be held."""
    campaign.confirm(link)
    waits = update(SignatureRow).where(SignatureRow.state == "confirmed", SignatureRow.edition.is_(None))
    campaign.runtime.settle(lambda session: session.execute(waits.values(state="held", held_for="burst")))


@pytest.fixture
def crowded(campaign: Campaign) -> Campaign:
    """A letter where every kind of signature, mail and link is found; four were counted, one of them withdrew since."""
    private = [campaign.join(number, display="named", updates="1") for number in (1, 2)]
    pseudonymous = campaign.join(3, display="pseudonym", profession="surgeon")
    campaign.join(4)
    campaign.release()
    campaign.client.post(private[1], data={"withdraw": "1"})
    campaign.client.post(pseudonymous, data={"profession": "midwife", "region": "BY-HM", "display": "pseudonym"})
    for address in ("held@example.org", "waiting@example.org"):
        send(campaign, {"email": address, "updates": "1"})
    campaign.send_mail()
    hold(campaign, campaign.links("held@example.org")[0])
    campaign.join(5, display="named", updates="1")
    send(campaign, {"email": "signer1@example.org", "name": "Another Example"})
    send(campaign, {"email": "unsent@example.org"})
    return campaign


def assert_burned(campaign: Campaign) -> None:
    """Nothing of anybody is left, and the figures are proven by the rows."""
    rows, kept = signatures(campaign.runtime), everything(campaign.runtime)
    assert sorted(row.state for row in rows) == ["confirmed"] * 3 + ["voided", "withdrawn"]
    for row in rows:
        known = row.sealed, row.address_index, row.name_box, row.pseudonym, row.fingerprint, row.held_for
        assert known == (None,) * 6
        assert (row.display, row.listed) == ("counted", False)
    assert not any(row.printed_named for row in rows if row.state == "confirmed")
    assert {table: kept[table] for table in OF_PEOPLE} == {table: [] for table in OF_PEOPLE}
    assert Crowd(campaign.runtime, campaign.slug).recount() == []


def test_nothing_of_anybody_is_left(crowded: Campaign) -> None:
    before = everything(crowded.runtime)
    burn_it(crowded)
    assert_burned(crowded)
    after = everything(crowded.runtime)
    for table in ("editions", "tallies", "cells", "decisions"):
        assert after[table] == before[table]


def test_a_letter_is_burned_twice_like_once(crowded: Campaign) -> None:
    burn_it(crowded)
    burn_it(crowded)
    assert_burned(crowded)


def boxes(campaign: Campaign) -> dict[str, bytes]:
    """A piece of every secret that the database holds about people, by where it is."""
    known: dict[str, bytes] = {}
    with campaign.runtime.reading() as session:
        for place in SECRETS:
            table, name = place.split(".")
            values = session.execute(select(TABLES[table].columns[name])).scalars()
            known |= {f"{place} {number}": bytes(value)[:24] for number, value in enumerate(values) if value}
    return known


def data_of(campaign: Campaign) -> list[Path]:
    """Every file of the database itself; PostgreSQL's write-ahead log is not among them."""
    engine = campaign.runtime.engine
    if engine.dialect.name == "sqlite":
        file = Path(engine.url.database or "")
        return [path for path in file.parent.iterdir() if path.name.startswith(file.name)]
    with engine.connect() as connection:
        connection.exec_driver_sql("CHECKPOINT")
        folder = connection.exec_driver_sql("SELECT current_setting('data_directory')").scalar_one()
        number = connection.exec_driver_sql(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        ).scalar_one()
    return list(Path(folder, "base", str(number)).iterdir())


def test_the_databases_own_files_keep_nothing_of_it(crowded: Campaign) -> None:
    known = boxes(crowded)
    assert {place.split()[0] for place in known} == set(SECRETS)
    assert found_in(data_of(crowded), known) == known.keys()
    burn_it(crowded)
    assert found_in(data_of(crowded), known) == set()


def found_in(files: list[Path], known: dict[str, bytes]) -> set[str]:
    contents = [file.read_bytes() for file in files]
    return {where for where, piece in known.items() if any(piece in content for content in contents)}


@pytest.mark.parametrize("step", ["before the rows", "amid the rows", "before the second time", "before the rewriting"])
def test_a_burning_that_was_interrupted_is_finished_by_the_next(
    crowded: Campaign, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    broken = {"before the rows": "burn_rows", "amid the rows": "enter_state", "before the rewriting": "rewrite"}
    with monkeypatch.context() as patch:
        if step in broken:
            patch.setattr(burning, broken[step], stop)
        with pytest.raises(KeyboardInterrupt):
            burn(crowded.runtime, crowded.slug, at_once if step in broken else stop)
    for key in (crowded.runtime.keyring.dedupe, crowded.runtime.keyring.identities):
        with pytest.raises(KeyMissing):
            key(crowded.slug)
    burn_it(crowded)
    assert_burned(crowded)


@one_database
def test_the_letter_is_closed_and_says_so(crowded: Campaign) -> None:
    burn_it(crowded)
    letter = crowded.letter
    assert (letter.stored_state, letter.burned, letter.erased) == (LetterState.CLOSED, True, True)
    for path in ("", "/signatories", "/count"):
        page = crowded.client.get(f"/en/letters/{crowded.slug}{path}")
        assert page.status_code == 200
        assert "The names were destroyed" in show(page).text
        assert "Signer Example" not in page.text
    assert crowded.sign().status_code == 409


@one_database
def test_an_archived_letter_stays_archived(crowded: Campaign) -> None:
    def verb(session: Session) -> None:
        for state in (LetterState.CLOSED, LetterState.ARCHIVED):
            move(lock_letter(session, crowded.slug), state, crowded.runtime.clock())

    crowded.runtime.settle(verb)
    burn_it(crowded)
    assert crowded.letter.stored_state is LetterState.ARCHIVED


@one_database
def test_a_burned_letter_releases_what_was_withdrawn_before_and_nothing_more(crowded: Campaign) -> None:
    burn_it(crowded)
    crowd = Crowd(crowded.runtime, crowded.slug)
    for _ in range(3):
        crowd.tend()
    assert (crowded.letter.number, crowd.recount(), crowd.entries()) == (2, [], [])


@one_database
def test_who_had_withdrawn_before_is_counted_out_by_a_last_edition(crowded: Campaign) -> None:
    crowd = Crowd(crowded.runtime, crowded.slug)
    gone = crowd.join(77)
    before = crowd.release().total
    crowd.withdraw(gone)
    burn_it(crowded)
    crowd.tend()
    assert (crowd.letter.total, crowd.recount()) == (before - 1, [])
    crowd.tend()
    assert crowd.letter.number == 3


@one_database
def test_an_export_of_a_burned_letter_is_refused(crowded: Campaign) -> None:
    burn_it(crowded)
    with pytest.raises(IdentitiesGone):
        check_exportable(crowded.letter)


@one_database
def test_links_of_a_burned_letter_lead_nowhere(crowded: Campaign) -> None:
    links = [crowded.join(7), crowded.links("waiting@example.org")[0]]
    burn_it(crowded)
    for link in links:
        for answer in (crowded.client.get(link), crowded.client.post(link, data={"withdraw": 1})):
            assert answer.status_code == 410


@one_database
def test_a_lockdown_ends_with_the_letter(crowded: Campaign) -> None:
    runtime = crowded.runtime

    def verb(session: Session) -> None:
        lock(lock_letter(session, crowded.slug), runtime.clock().date(), runtime.chance.token, for_good=True)

    runtime.settle(verb)
    burn_it(crowded)
    assert not crowded.letter.locked


@one_database
def test_first_signatories_do_not_come_back_by_loading_the_folder(crowded: Campaign) -> None:
    burn_it(crowded)
    draft, _pair = demo_draft(public_key=crowded.pair.public)
    letter = crowded.letter
    again = replace(draft, displays=letter.displays, rule=letter.rule, policy=letter.policy)
    runtime = crowded.runtime
    with pytest.raises(LetterFrozen, match="burned"):
        runtime.settle(lambda session: load(session, again, (), runtime.clock()))
    runtime.settle(lambda session: load(session, replace(again, first_signatories=()), (), runtime.clock()))
    assert everything(crowded.runtime)["first_signatories"] == []


@one_database
def test_a_draft_cannot_be_burned(campaign: Campaign) -> None:
    change_letter(campaign, state="draft")
    with pytest.raises(NothingToBurn):
        burn_it(campaign)
    assert campaign.runtime.keyring.identities(campaign.slug)


@one_database
def test_another_letter_keeps_everything(crowded: Campaign) -> None:
    draft, pair = demo_draft(first_signatories=())
    runtime, another = crowded.runtime, replace(draft, slug="another")

    def verb(session: Session) -> None:
        open_letter(load(session, another, (), runtime.clock()), runtime.keyring, runtime.clock())

    runtime.settle(verb)
    other = replace(crowded, slug="another", pair=pair)
    private = other.join(80, updates="1")
    send(other, {"email": "unsent-elsewhere@example.org"})
    burn_it(crowded)
    kept = everything(runtime)
    assert [len(kept[table]) for table in ("outbox", "subscriptions", "challenges")] == [1, 1, 2]
    assert other.client.get(private).status_code == 200
    assert runtime.keyring.identities("another")


@one_database
def test_a_form_that_was_on_its_way_goes_with_the_others(crowded: Campaign) -> None:
    letter, keyring = crowded.letter, crowded.runtime.keyring
    folders = [keyring.folder / kind for kind in ("dedupe", "identities")]
    kept = {path: path.read_text() for path in (folder / f"{letter.slug}.key" for folder in folders)}

    def late(_seconds: float) -> None:
        """It had read the keys, and seen the letter open, before they were destroyed."""
        for path, key in kept.items():
            path.touch(0o600)
            path.write_text(key)
        change_letter(crowded, state="open")
        assert send(crowded, {"email": "late@example.org"}).status_code == 303
        burn_keys(keyring, letter.slug)

    burn(crowded.runtime, letter.slug, late)
    assert_burned(crowded)


@pytest.fixture
def restored(crowded: Campaign, tmp_path: Path) -> Iterator[Campaign]:
    """The database as it was before, beside the folder of keys as it is after burning."""
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(crowded.runtime.engine.url.database or "")) as database:
        database.execute("VACUUM INTO ?", [str(backup)])
    burn_it(crowded)
    settings = replace(crowded.runtime.settings, database_url=f"sqlite:///{backup}")
    runtime = replace(crowded.runtime, settings=settings, engine=make_engine(settings.database_url))
    yield replace(crowded, runtime=runtime, app=create_app(runtime))
    runtime.engine.dispose()


@one_database
def test_from_a_restored_backup_nobody_is_exported(restored: Campaign) -> None:
    with restored.runtime.reading() as session:
        letter = find_letter(session, restored.slug)
        with pytest.raises(KeyMissing):
            list(sealed_records(session, letter, restored.runtime.keyring))


@one_database
def test_from_a_restored_backup_the_organisers_key_opens_nothing(restored: Campaign) -> None:
    rows = [row for row in signatures(restored.runtime) if row.sealed]
    assert rows
    for row in rows:
        with pytest.raises(CannotOpen):
            unseal(restored.pair.secret, row.sealed or b"", seal_context(restored.slug, row.id))


@one_database
def test_in_a_restored_backup_private_links_work_until_it_is_burned_too(restored: Campaign) -> None:
    runtime = restored.runtime
    with runtime.reading() as session:
        lasting = select(ChallengeRow.id).where(ChallengeRow.kind == "manage", ChallengeRow.outcome.is_(None))
        challenges = session.scalars(lasting).all()
    links = [f"/en/signature/{runtime.tokens.mint(Purpose.MANAGE, challenge)}" for challenge in challenges]
    assert {restored.client.get(link).status_code for link in links} == {200}
    burn_it(restored)
    assert {restored.client.get(link).status_code for link in links} == {410}
    assert_burned(restored)


@one_database
def test_in_a_restored_backup_nobody_can_sign(restored: Campaign) -> None:
    before = everything(restored.runtime)
    assert restored.sign(email="late@example.org").status_code == 500
    assert everything(restored.runtime) == before
