"""Opening those who were drawn, and nobody else."""

import csv
import hashlib
import hmac
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from letters.cli import main
from letters.models.finding import find_letter
from letters.models.values import Letter
from letters.organising.lockdown import UnderLockdown
from letters.organising.sampling.errors import NobodyLeft, NotDrawn
from letters.organising.sampling.opening import ID, Taken, count_askable, take_names, take_proofs, take_sealed
from letters.organising.sampling.reporting import report
from letters.organising.teams.trail import Doing
from letters.publishing.log import tile_reader
from tests.letters.organising.sampling.asked import PLAN, Desk, sample_desk
from tests.parts.organiser import Organiser
from tests.parts.smtp import MailServer
from verification.identity.custody import OneKey
from verification.identity.keypairs import new_key_pair
from verification.identity.keyring import Keyring
from verification.ledger.trees import entries_between


def taken(desk: Desk, number: int = 1) -> Taken:
    """What a member who sees names gets."""
    doing, keyring, opener = desk.doing, desk.runtime.keyring, OneKey(desk.pair.secret)

    def verb(session: Session) -> Taken:
        return take_names(session, doing, find_letter(session, desk.slug), keyring, opener, number)

    return desk.runtime.settle(verb)


def handed(desk: Desk, take: Callable[[Session, Doing, Letter, Keyring, int], Taken]) -> Taken:
    """What anybody gets who may hand over."""
    doing, keyring = desk.doing, desk.runtime.keyring
    return desk.runtime.settle(lambda session: take(session, doing, find_letter(session, desk.slug), keyring, 1))


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def drawn_ids(desk: Desk) -> set[bytes]:
    drawn = desk.sample().drawn
    return {drawn[start : start + ID] for start in range(0, len(drawn), ID)}


def test_exactly_those_drawn_are_named(desk: Desk) -> None:
    desk.announce()
    desk.draw()
    people = {signer.signature: number for number, signer in enumerate(desk.signers, 1)}
    file = taken(desk)
    rows = rows_of(file.content)
    wanted = {f"signer{people[id]}@example.org" for id in drawn_ids(desk)}
    assert {row["address"] for row in rows} == wanted
    assert {row["name"] for row in rows} == {f"Signer Example {people[id]}" for id in drawn_ids(desk)}
    assert {(row["profession"], row["region"]) for row in rows} == {("nurse", "BY-MI")}
    assert file.count == len(rows) == 5
    assert "workplace" not in rows[0]
    assert desk.acts()[-1] == ("sample-opened", 5)


def test_the_journalist_checks_each_row_against_the_log_as_the_document_says(desk: Desk) -> None:
    desk.announce()
    desk.draw()
    with desk.runtime.reading() as session:
        letter = find_letter(session, desk.slug)
        leaves = entries_between(0, letter.head.size, tile_reader(session, letter.id))
    frame = desk.sample().frame
    for row in rows_of(taken(desk).content):
        hidden = bytes.fromhex(row["nullifier_hash"] + row["seal_hash"])
        commitment = hmac.new(bytes.fromhex(row["blinding"]), hidden, hashlib.sha256).digest()
        assert commitment.hex() == row["commitment"]
        assert b"S" + commitment in leaves
        assert commitment in [frame[start : start + 32] for start in range(0, len(frame), 32)]


def test_who_withdraws_or_agrees_no_longer_after_the_draw_is_not_opened(desk: Desk) -> None:
    desk.announce()
    desk.draw()
    first, second, *_others = [signer for signer in desk.signers if signer.signature in drawn_ids(desk)]
    desk.refuse(first)
    desk.crowd.withdraw(second)
    with desk.runtime.reading() as session:
        assert count_askable(session, find_letter(session, desk.slug), desk.runtime.keyring, 1) == 3
    assert taken(desk).count == 3


def test_when_nobody_agrees_any_more_there_is_no_file(desk: Desk) -> None:
    desk.announce(replace(PLAN, wanted=1))
    desk.draw()
    for signer in desk.signers:
        desk.refuse(signer)
    with pytest.raises(NobodyLeft):
        taken(desk)
    assert desk.acts()[-1] == ("sample-drawn", 1)


def test_before_the_draw_and_after_the_report_nobody_is_opened(desk: Desk) -> None:
    desk.announce()
    with pytest.raises(NotDrawn):
        taken(desk)
    desk.draw()
    doing = desk.doing
    desk.runtime.settle(lambda session: report(session, doing, desk.slug, 1, "5"))
    with pytest.raises(NotDrawn):
        taken(desk)


def test_under_lockdown_nobody_is_opened(desk: Desk) -> None:
    desk.announce()
    desk.draw()
    desk.letter_row(locked_on=desk.runtime.clock().date())
    with pytest.raises(UnderLockdown):
        taken(desk)


def test_a_name_is_no_formula(organiser: Organiser, mail_server: MailServer) -> None:
    desk = sample_desk(organiser, mail_server)
    desk.willing(range(1, 21), name="=1+1")
    desk.release()
    desk.announce()
    desk.draw()
    assert {row["name"] for row in rows_of(taken(desk).content)} == {"'=1+1"}


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_damaged_identity_has_an_empty_name(desk: Desk) -> None:
    desk.announce()
    desk.draw()
    doing, keyring, opener = desk.doing, desk.runtime.keyring, OneKey(new_key_pair().secret)

    def verb(session: Session) -> Taken:
        return take_names(session, doing, find_letter(session, desk.slug), keyring, opener, 1)

    assert {row["name"] for row in rows_of(desk.runtime.settle(verb).content)} == {""}


def test_the_sealed_file_opens_at_home_and_holds_exactly_those_drawn(
    organiser: Organiser, mail_server: MailServer, tmp_path: Path
) -> None:
    desk = sample_desk(organiser, mail_server, custody="offline")
    desk.willing(range(1, 22))
    desk.release()
    desk.announce()
    desk.draw()
    sealed, proofs = handed(desk, take_sealed), handed(desk, take_proofs)
    assert (sealed.count, proofs.count) == (5, 5)
    assert b"Signer Example" not in sealed.content + proofs.content
    export, key, table = tmp_path / "sealed-5.jsonl", tmp_path / "letter.key", tmp_path / "sample.csv"
    export.write_bytes(sealed.content)
    key.write_text(f"{desk.pair.secret}\n")
    key.chmod(0o600)
    done = CliRunner().invoke(main, ["unseal", str(export), "--key", str(key), "--output", str(table)])
    assert (done.exit_code, done.output) == (0, "")
    opened = {row["signature"]: row["name"] for row in rows_of(table.read_bytes())}
    shown = {row["signature"]: row["commitment"] for row in rows_of(proofs.content)}
    people = {signer.signature.hex(): f"Signer Example {n}" for n, signer in enumerate(desk.signers, 1)}
    assert opened == {id.hex(): people[id.hex()] for id in drawn_ids(desk)}
    assert opened.keys() == shown.keys()
    assert desk.acts()[-2:] == [("sample-opened", 5)] * 2
