"""`undersigned demo signers`: a crowd that plainly does not exist."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from letters.commands.demo import LETTERS, load_demo
from letters.models.editions import EntryRow
from letters.models.finding import find_letter
from letters.models.letters import LetterRow
from letters.publishing.entries import public_name
from letters.runtime import Runtime
from tests.letters.commands.conftest import Shell
from verification.mailbox.outbox import backlog

HERE = "http://127.0.0.1:8000"
"""Where a demo may be: nobody else can reach it."""
SLUGS = sorted(folder.name for folder in LETTERS.iterdir() if folder.is_dir())

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def demo(runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """The demo's letters, open."""
    monkeypatch.chdir(tmp_path)
    Path("var").mkdir()
    for slug in SLUGS:
        load_demo(runtime, LETTERS / slug)
    return runtime


def test_they_are_spread_over_the_letters_and_counted_in_editions(demo: Runtime, undersigned: Shell) -> None:
    undersigned("demo", "signers", "61", smtp_url="", base_url=HERE)
    with demo.reading() as session:
        letters = [find_letter(session, slug) for slug in SLUGS]
        assert sorted(letter.total for letter in letters) == [30, 31]
        assert all(letter.number > 1 for letter in letters)
        assert backlog(session).waiting == 0
    undersigned("recount")


def test_their_names_say_that_they_are_made_up(demo: Runtime, undersigned: Shell) -> None:
    undersigned("demo", "signers", "90", smtp_url="", base_url=HERE)
    key = demo.keyring.server("names")
    with demo.reading() as session:
        entries = session.scalars(select(EntryRow).where(EntryRow.name_box.is_not(None))).all()
        names = [public_name(key, entry.name_box, entry.signature_id) for entry in entries]
    assert names
    assert all(name.startswith("Made-up Signer ") for name in names)


@pytest.mark.parametrize("command", ["pause", "close", "takedown"])
def test_all_of_them_join_the_letters_that_are_open(demo: Runtime, undersigned: Shell, command: str) -> None:
    first, second = SLUGS
    undersigned("letter", command, first, *(["--reason", "Why."] if command == "takedown" else []))
    said = undersigned("demo", "signers", "9", smtp_url="", base_url=HERE).stdout
    assert said == f"{first}: is not open, nobody came.\n{second}: 9 more.\n"
    with demo.reading() as session:
        assert [find_letter(session, slug).total for slug in SLUGS] == [0, 9]


def test_a_letter_whose_closing_time_has_come_takes_nobody(demo: Runtime, undersigned: Shell) -> None:
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    past = update(LetterRow).where(LetterRow.slug == SLUGS[0]).values(closes_at=long_ago)
    demo.settle(lambda session: session.execute(past))
    assert f"{SLUGS[1]}: 10 more." in undersigned("demo", "signers", "10", smtp_url="", base_url=HERE).stdout
    with demo.reading() as session:
        assert [find_letter(session, slug).total for slug in SLUGS] == [0, 10]


def test_where_no_letter_is_open_nobody_comes(demo: Runtime, undersigned: Shell) -> None:
    for slug in SLUGS:
        undersigned("letter", "pause", slug)
    said = undersigned.refused("demo", "signers", "5", smtp_url="", base_url=HERE)
    assert said.startswith("None of the demo's letters is open. ")
    assert "letter open SLUG" in said
    with demo.reading() as session:
        assert [find_letter(session, slug).total for slug in SLUGS] == [0, 0]


def test_a_site_with_a_mail_server_gets_none(demo: Runtime, undersigned: Shell) -> None:
    assert "mail server" in undersigned.refused("demo", "signers", "1", smtp_url="smtp://127.0.0.1:1")


def test_without_the_demos_letters_there_is_nothing_to_join(
    runtime: Runtime, undersigned: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "make run" in undersigned.refused("demo", "signers", "1", smtp_url="", base_url=HERE)
