"""`undersigned lockdown`, `burn` and `letter takedown` as a host types them, `keys answer` as organisers do at home."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from letters.cli import main
from letters.runtime import Runtime
from tests.letters.commands.conftest import Shell
from tests.letters.organising.letter_files import write_letter
from tests.letters.publishing.crowd import Crowd
from verification.identity.keypairs import public_key_of
from verification.identity.sealing import KeyPair

SLUG = "fair-shifts"
HOME = Shell({"UNDERSIGNED_BASE_URL": "no address"})

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def key_files(tmp_path: Path) -> list[Path]:
    """The keys of three organisers, made at home."""
    files = [tmp_path / f"organiser{number}.key" for number in range(3)]
    for file in files:
        HOME("keys", "new", file)
    return files


@pytest.fixture
def crowd(undersigned: Shell, runtime: Runtime, key_files: list[Path], tmp_path: Path, pair: KeyPair) -> Crowd:
    """An open letter that names them, with a name on its list and somebody who waits."""
    keys = json.dumps([public_key_of(file.read_text().splitlines()[-1]) for file in key_files])
    own = {"public_key": f'"{pair.public}"', "organisers": keys, "figures": "{threshold = 1, step = 1}"}
    undersigned("letter", "load", write_letter(tmp_path / "letter", **own))
    undersigned("letter", "open", SLUG)
    crowd = Crowd(runtime, SLUG)
    crowd.join(1, display="named")
    crowd.release()
    crowd.join(2)
    return crowd


@pytest.fixture
def lonely(undersigned: Shell, folder: Path) -> None:
    """An open letter that names no organisers."""
    undersigned("letter", "load", folder, "--open")


def test_two_organisers_answer_at_home_and_the_host_lifts(
    undersigned: Shell, crowd: Crowd, key_files: list[Path], tmp_path: Path
) -> None:
    requests = tmp_path / "requests.jsonl"
    said = undersigned("lockdown", SLUG, "--requests", requests)
    assert said.stdout == ""
    assert "within 2 seconds" in said.stderr.lower()
    assert crowd.letter.locked
    answers = [HOME("keys", "answer", requests, "--key", file).stdout.strip() for file in key_files[:2]]
    undersigned("lockdown", SLUG, "--lift", answers[0], "--lift", answers[1])
    assert not crowd.letter.locked


def test_without_a_file_the_requests_are_printed_each_time(undersigned: Shell, crowd: Crowd) -> None:
    first, again = undersigned("lockdown", SLUG).stdout, undersigned("lockdown", SLUG).stdout
    assert first == again
    assert len(first.splitlines()) == 3


def test_a_file_that_is_in_the_way_does_not_keep_names_public(undersigned: Shell, crowd: Crowd, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    said = undersigned("lockdown", SLUG, "--requests", taken, status=1)
    assert "exists already" in said.stderr
    assert crowd.letter.locked


def test_each_wrong_way_of_lifting_gets_a_sentence(undersigned: Shell, crowd: Crowd, key_files: list[Path]) -> None:
    assert "not under lockdown" in undersigned.refused("lockdown", SLUG, "--lift", "AAAA-AAAA-AAAA-AAAA")
    requests = undersigned("lockdown", SLUG).stdout
    runner = CliRunner(env=dict(HOME.environment))
    answer = runner.invoke(main, ["keys", "answer", "-", "--key", str(key_files[0])], input=requests).stdout.strip()
    assert "two different organisers" in undersigned.refused("lockdown", SLUG, "--lift", answer)
    assert "two different organisers" in undersigned.refused("lockdown", SLUG, "--lift", answer, "--lift", answer)
    assert "does not belong" in undersigned.refused("lockdown", SLUG, "--lift", answer, "--lift", "AAAA-AAAA")
    assert crowd.letter.locked


def test_a_foreign_key_answers_nothing(undersigned: Shell, crowd: Crowd, tmp_path: Path) -> None:
    undersigned("lockdown", SLUG, "--requests", tmp_path / "requests.jsonl")
    HOME("keys", "new", tmp_path / "foreign.key")
    refused = HOME.refused("keys", "answer", tmp_path / "requests.jsonl", "--key", tmp_path / "foreign.key")
    assert "is for this key" in refused


@pytest.mark.usefixtures("lonely")
def test_whoever_cannot_unlock_is_told_before(undersigned: Shell) -> None:
    assert "--yes" in undersigned.refused("lockdown", SLUG)
    said = undersigned("lockdown", SLUG, "--yes")
    assert said.stdout == ""
    assert "Nobody can lift it" in said.stderr


def test_under_lockdown_nothing_is_exported(undersigned: Shell, crowd: Crowd, tmp_path: Path) -> None:
    undersigned("lockdown", SLUG)
    assert "lockdown" in undersigned.refused("export", SLUG, tmp_path / "export.jsonl")
    assert not (tmp_path / "export.jsonl").exists()
    assert "lockdown" in undersigned("editions", "release", SLUG, "--now").stdout


@pytest.mark.parametrize("words", [["lockdown", "none"], ["lockdown", "none", "--lift", "A"], ["burn", "none"]])
def test_a_letter_that_is_not_there_is_named(undersigned: Shell, words: list[str]) -> None:
    assert "no letter 'none'" in undersigned.refused(*words)


def test_burning_asks_for_the_address_and_says_what_waits(undersigned: Shell, crowd: Crowd) -> None:
    runner = CliRunner(env=dict(undersigned.environment))
    for typed in ("\n", "yes\n", f"{SLUG}2\n", ""):
        result = runner.invoke(main, ["burn", SLUG], input=typed)
        assert result.exit_code == 1
        assert "2 signatures" in result.stderr
        assert "1 of them wait" in result.stderr
    assert "Nothing was burned" in undersigned.refused("burn", SLUG, "--yes-burn", "another")
    assert crowd.names() == ["Signer Example 1"]
    assert not crowd.letter.burned


@pytest.fixture
def burned(undersigned: Shell, crowd: Crowd) -> str:
    """What burning says."""
    return undersigned("burn", SLUG, "--yes-burn", SLUG).stdout


def test_burning_says_what_remains_and_where(burned: str, crowd: Crowd, runtime: Runtime) -> None:
    places = [line.removeprefix("- ").partition(":")[0] for line in burned.splitlines()[1:]]
    assert places == [
        "Here, for everybody to see",
        "In the database",
        "In backups of the database from before",
        "In backups of the folder of keys",
        "With the mail server that you set, the relays after it, and signers' mailboxes",
        "With organisers",
        "With readers",
        "On the disk",
    ]
    assert str(runtime.settings.keys / "identities" / f"{SLUG}.key") in burned
    assert crowd.letter.burned


def test_burning_speaks_only_of_what_is_there(burned: str, undersigned: Shell) -> None:
    assert "pg_wal" not in burned
    demo = {name: value for name, value in undersigned.environment.items() if name != "UNDERSIGNED_SMTP_URL"}
    again = Shell(demo)("burn", SLUG, "--yes-burn", SLUG, base_url="http://127.0.0.1:8000").stdout
    assert "caught mail" in again
    assert "mail server" not in again


@pytest.mark.usefixtures("burned")
def test_after_burning_nothing_is_exported_or_locked(undersigned: Shell, tmp_path: Path) -> None:
    assert "nothing to export" in undersigned.refused("export", SLUG, tmp_path / "export.jsonl")
    assert "was burned" in undersigned.refused("lockdown", SLUG)
    undersigned("recount", SLUG)


def test_a_takedown_says_why_and_is_lifted(undersigned: Shell, crowd: Crowd) -> None:
    undersigned("letter", "takedown", SLUG, "--reason", "It names private people.")
    assert crowd.letter.taken_down_for == "It names private people."
    undersigned("letter", "takedown", SLUG, "--lift")
    assert crowd.letter.taken_down_for is None
    assert "is not taken down" in undersigned.refused("letter", "takedown", SLUG, "--lift")


@pytest.mark.parametrize("words", [[], ["--reason", "Why", "--lift"]])
def test_a_takedown_needs_a_reason_or_its_end(undersigned: Shell, crowd: Crowd, words: list[str]) -> None:
    undersigned("letter", "takedown", SLUG, *words, status=2)
    assert crowd.letter.taken_down_for is None


def test_an_empty_reason_is_none(undersigned: Shell, crowd: Crowd) -> None:
    assert "--reason" in undersigned.refused("letter", "takedown", SLUG, "--reason", " ")
