"""`undersigned held`: what it says, and how it ends."""

import json
from pathlib import Path

import pytest
from sqlalchemy import update

from letters.models.signatures import SignatureRow
from letters.runtime import Runtime
from tests.letters.commands.conftest import Shell
from tests.letters.publishing.crowd import Crowd, open_crowd

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def crowd(runtime: Runtime) -> Crowd:
    """A letter with one counted signature and three held ones."""
    crowd = open_crowd(runtime)
    crowd.join(1)
    crowd.release()
    crowd.join_many(range(2, 5))
    waiting = update(SignatureRow).where(SignatureRow.edition.is_(None))
    crowd.tamper(waiting.values(state="held", held_for="burst"))
    return crowd


def test_held_signatures_are_counted_by_suspicion(undersigned: Shell, crowd: Crowd) -> None:
    assert undersigned("held", crowd.slug).stdout == "disposable: 0\nburst: 3\ndomain: 0\norganiser: 0\n"


def test_held_signatures_are_accepted(undersigned: Shell, crowd: Crowd) -> None:
    assert undersigned("held", crowd.slug, "--accept").stdout == f"{crowd.slug}: 3 accepted\n"
    assert crowd.release().total == 4


def test_held_signatures_are_voided_for_a_reason(undersigned: Shell, crowd: Crowd) -> None:
    done = undersigned("held", crowd.slug, "--void", "--reason", "A machine.", "--for", "burst")
    assert done.stdout == f"{crowd.slug}: 3 voided\n"
    assert "No held signature" in undersigned.refused("held", crowd.slug, "--accept")


def test_those_that_an_export_names_are_decided_alone(undersigned: Shell, crowd: Crowd, tmp_path: Path) -> None:
    undersigned("export", crowd.slug, tmp_path / "export.jsonl")
    records = [json.loads(line) for line in (tmp_path / "export.jsonl").read_text().splitlines()]
    held = [record["signature"] for record in records if record.get("state") == "held"]
    (tmp_path / "ids").write_text(f"{held[0]}\n\n{held[1]}\n")
    done = undersigned("held", crowd.slug, "--accept", "--only", tmp_path / "ids")
    assert done.stdout == f"{crowd.slug}: 2 accepted\n"


def test_a_file_that_is_no_text_is_refused_in_one_line(undersigned: Shell, crowd: Crowd, tmp_path: Path) -> None:
    (tmp_path / "ids").write_bytes(b"\xff\xfe\x00")
    assert undersigned.refused("held", crowd.slug, "--accept", "--only", tmp_path / "ids").startswith("Line 1 ")


@pytest.mark.parametrize("line", ["x" * 32, "00" * 15, "00" * 17, "name@example.org"])
def test_a_line_that_is_no_id_is_named_and_nothing_is_decided(
    undersigned: Shell, crowd: Crowd, tmp_path: Path, line: str
) -> None:
    (tmp_path / "ids").write_text(f"{'00' * 16}\n{line}\n")
    assert undersigned.refused("held", crowd.slug, "--accept", "--only", tmp_path / "ids").startswith("Line 2 ")
    assert undersigned("held", crowd.slug).stdout == "disposable: 0\nburst: 3\ndomain: 0\norganiser: 0\n"


@pytest.mark.parametrize(
    "options",
    [("--void",), ("--accept", "--reason", "x"), ("--reason", "x"), ("--for", "burst"), ("--accept", "--for", "x")],
)
def test_what_does_not_go_together_is_refused(undersigned: Shell, crowd: Crowd, options: tuple[str, ...]) -> None:
    undersigned("held", crowd.slug, *options, status=2)


def test_a_letter_that_is_not_there_is_said_to_be(undersigned: Shell) -> None:
    assert "no letter 'none'" in undersigned.refused("held", "none")
