"""`undersigned demo signers`: a crowd that plainly does not exist."""

from pathlib import Path

import pytest
from sqlalchemy import select

from letters.commands.demo import LETTERS, load_demo
from letters.models.editions import EntryRow
from letters.models.finding import find_letter
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


def test_a_site_with_a_mail_server_gets_none(demo: Runtime, undersigned: Shell) -> None:
    assert "mail server" in undersigned.refused("demo", "signers", "1", smtp_url="smtp://127.0.0.1:1")


def test_without_the_demos_letters_there_is_nothing_to_join(
    runtime: Runtime, undersigned: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "make run" in undersigned.refused("demo", "signers", "1", smtp_url="", base_url=HERE)
