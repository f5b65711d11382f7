"""`undersigned letter`, `editions`, `recount`: what they say, and how they end."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from letters.models.editions import EditionRow
from letters.models.letters import LetterRow
from letters.runtime import Runtime
from tests.letters.commands.conftest import Shell
from tests.letters.organising.letter_files import write_letter
from tests.letters.publishing.crowd import Crowd
from verification.database import Base
from verification.identity.sealing import PUBLIC_PREFIX, KeyPair

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])

UNOPENABLE: dict[str, dict[str, str | None]] = {
    "a bad slug": {"slug": '"Fair Shifts"'},
    "an unknown field": {"colour": '"red"'},
    "an unknown vocabulary": {"professions": '"astrology"'},
    "a country without labels": {"countries": '["AD"]'},
    "no key": {"public_key": None},
    "a zero key": {"public_key": f'"{PUBLIC_PREFIX}{"A" * 1624}"'},
    "a malformed key": {"public_key": '"a key"'},
    "the custody of a team": {"custody": '"team"'},
    "a closing time that has passed": {"closes": "2020-01-01T00:00:00Z"},
}


def stored(runtime: Runtime) -> dict[str, int]:
    """How many rows each table holds, those without any left out."""
    with runtime.reading() as session:
        tables = Base.metadata.sorted_tables
        counts = {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}
    return {name: count for name, count in counts.items() if count}


def test_a_letter_is_loaded_then_opened(undersigned: Shell, folder: Path) -> None:
    address = "https://undersigned.example/letters/fair-shifts"
    assert undersigned("letter", "load", folder).stdout == f"fair-shifts: draft, {address}\n"
    assert undersigned("letter", "load", folder, "--open").stdout == f"fair-shifts: open, {address}\n"
    assert undersigned("letter", "load", folder, "--open").stdout == f"fair-shifts: open, {address}\n"


def test_nothing_is_stored_of_a_refused_letter(
    undersigned: Shell, runtime: Runtime, tmp_path: Path, pair: KeyPair
) -> None:
    belarusian = {"be.md": "# Змены\n\nТэкст.\n".encode(), "privacy.be.md": b"Sealed.\n"}
    whole = {"public_key": f'"{pair.public}"', "addressee": '"The minister"', "languages": '["ru", "be", "en"]'}
    for wrong, fields in UNOPENABLE.items():
        undersigned.refused(
            "letter", "load", write_letter(tmp_path / "letter", belarusian, **{**whole, **fields}), "--open"
        )
        assert stored(runtime) == {}, wrong
    assert not (runtime.settings.keys / "dedupe").exists()


@sqlite_only
def test_a_refused_change_leaves_the_stored_letter_as_it_was(undersigned: Shell, folder: Path, pair: KeyPair) -> None:
    undersigned("letter", "load", folder, "--open")
    write_letter(folder, {"en.md": b"# Another\n\nText.\n"}, public_key=f'"{pair.public}"')
    assert "[[corrections]]" in undersigned.refused("letter", "load", folder)
    assert undersigned("recount").exit_code == 0


@sqlite_only
def test_a_letter_with_its_time_to_come_is_scheduled(undersigned: Shell, tmp_path: Path, pair: KeyPair) -> None:
    later = write_letter(tmp_path / "letter", opens="2099-01-01T00:00:00Z", public_key=f'"{pair.public}"')
    assert undersigned("letter", "load", later, "--open").stdout.startswith("fair-shifts: scheduled")


@sqlite_only
def test_a_folder_that_is_not_there_is_a_matter_of_usage(undersigned: Shell, tmp_path: Path) -> None:
    assert "does not exist" in undersigned("letter", "load", tmp_path / "nowhere", status=2).stderr


@sqlite_only
def test_a_letter_goes_through_its_life(undersigned: Shell, folder: Path) -> None:
    undersigned("letter", "load", folder)
    for verb, state in [
        ("open", "open"),
        ("pause", "paused"),
        ("open", "open"),
        ("close", "closed"),
        ("archive", "archived"),
    ]:
        assert undersigned("letter", verb, "fair-shifts").stdout == f"fair-shifts: {state}\n"
    for verb in ("open", "pause", "close"):
        assert "is archived; it cannot become" in undersigned.refused("letter", verb, "fair-shifts")


@sqlite_only
@pytest.mark.parametrize(
    "command",
    [
        ("letter", "open", "nowhere"),
        ("letter", "pause", "nowhere"),
        ("letter", "close", "nowhere"),
        ("letter", "archive", "nowhere"),
        ("editions", "release", "nowhere"),
        ("editions", "release", "nowhere", "--now"),
        ("recount", "nowhere"),
        ("export", "nowhere", "-"),
    ],
    ids=" ".join,
)
def test_a_slug_that_nobody_knows_is_refused(undersigned: Shell, command: tuple[str, ...]) -> None:
    assert undersigned.refused(*command).startswith("There is no letter 'nowhere'.")


def test_an_edition_is_released_when_it_is_due_or_asked_for(undersigned: Shell, runtime: Runtime, folder: Path) -> None:
    undersigned("letter", "load", folder, "--open")
    assert undersigned("editions", "release", "fair-shifts").stdout == (
        "fair-shifts: no edition. Nothing waits for an edition.\n"
    )
    Crowd(runtime, "fair-shifts").join(1)
    assert (
        "no edition. The letter's interval has not passed" in undersigned("editions", "release", "fair-shifts").stdout
    )
    assert "waits for a second one" in undersigned("editions", "release", "fair-shifts", "--now").stdout
    Crowd(runtime, "fair-shifts").join(2)
    assert undersigned("editions", "release", "fair-shifts", "--now").stdout == "fair-shifts: edition 1, total 2\n"


def test_a_recount_ends_with_what_it_found(undersigned: Shell, runtime: Runtime, folder: Path) -> None:
    undersigned("letter", "load", folder, "--open")
    crowd = Crowd(runtime, "fair-shifts")
    crowd.join_many(range(2))
    crowd.release()
    assert (
        undersigned("recount").stdout
        == "1 letters recounted: the totals of every edition and the current cells agree with the rows.\n"
    )
    crowd.tamper(update(EditionRow).values(signatures=3))
    for command in (["recount"], ["recount", "fair-shifts"]):
        found = undersigned(*command, status=1).stdout
        assert "fair-shifts, edition 1: signatures is stored as 3, the rows say 2." in found


@sqlite_only
def test_a_recount_looks_at_every_letter(undersigned: Shell, runtime: Runtime, folder: Path, pair: KeyPair) -> None:
    undersigned("letter", "load", folder, "--open")
    undersigned("letter", "load", write_letter(folder, slug='"longer-nights"', public_key=f'"{pair.public}"'), "--open")
    for slug in ("fair-shifts", "longer-nights"):
        crowd = Crowd(runtime, slug)
        crowd.join_many(range(2))
        crowd.release()
    crowd.tamper(update(LetterRow).where(LetterRow.slug == "longer-nights").values(edition=2))
    assert "longer-nights" in undersigned("recount", status=1).stdout
    assert "fair-shifts" not in undersigned("recount", status=1).stdout
    assert undersigned("recount", "fair-shifts").stdout.startswith("1 letters")


@sqlite_only
def test_an_export_is_a_head_line_and_sealed_records(
    undersigned: Shell, runtime: Runtime, folder: Path, tmp_path: Path
) -> None:
    undersigned("letter", "load", folder, "--open")
    Crowd(runtime, "fair-shifts").join_many(range(3))
    file = tmp_path / "export.jsonl"
    assert "3 signatures exported, still sealed." in undersigned("export", "fair-shifts", file).stderr
    head, *records = (json.loads(line) for line in file.read_text().splitlines())
    assert (head["letter"], head["records"], len(head["on"]), len(records)) == ("fair-shifts", 3, 10, 3)
    assert {record["letter"] for record in records} == {"fair-shifts"}
    assert file.stat().st_mode & 0o777 == 0o600
    assert undersigned("export", "fair-shifts", "-").stdout == file.read_text()


@sqlite_only
def test_an_export_of_nobody_is_a_head_line(undersigned: Shell, folder: Path, tmp_path: Path) -> None:
    undersigned("letter", "load", folder)
    undersigned("export", "fair-shifts", tmp_path / "export.jsonl")
    (head,) = (tmp_path / "export.jsonl").read_text().splitlines()
    assert json.loads(head)["records"] == 0


@sqlite_only
def test_an_export_takes_the_place_of_a_file_only_when_asked(undersigned: Shell, folder: Path, tmp_path: Path) -> None:
    undersigned("letter", "load", folder)
    file = tmp_path / "export.jsonl"
    file.write_text("kept")
    assert "--force" in undersigned.refused("export", "fair-shifts", file)
    assert file.read_text() == "kept"
    undersigned("export", "fair-shifts", file, "--force")
    assert json.loads(file.read_text())["letter"] == "fair-shifts"
    assert file.stat().st_mode & 0o777 == 0o600


@sqlite_only
def test_a_refused_export_leaves_an_earlier_one_alone(undersigned: Shell, tmp_path: Path) -> None:
    (tmp_path / "export.jsonl").write_text("kept")
    undersigned.refused("export", "nowhere", tmp_path / "export.jsonl")
    assert (tmp_path / "export.jsonl").read_text() == "kept"
