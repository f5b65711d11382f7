"""`undersigned unseal`, on the organiser's own computer: it needs no installation, and memory for one record."""

import csv
import io
import json
import tracemalloc
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from letters.models.signatures import SignatureRow
from letters.runtime import Runtime
from tests.letters.commands.conftest import Shell
from tests.letters.organising.letter_files import write_letter
from tests.letters.organising.sealed import head, record, write_export
from tests.letters.publishing.crowd import Crowd
from verification.identity.sealing import public_key_of

HEAD = ["name", "address", "workplace", "profession", "region", "display", "state", "signature"]

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def key(computer: Shell, tmp_path: Path) -> Path:
    """The key file of a letter that one organiser opens."""
    return new_key(computer, tmp_path / "letter.key")


@pytest.fixture
def team(computer: Shell, tmp_path: Path) -> list[Path]:
    """The key files of three organisers."""
    return [new_key(computer, tmp_path / name) for name in ("anna.key", "vera.key", "ivan.key")]


@pytest.fixture
def export(key: Path, tmp_path: Path) -> Path:
    """An export of three signatures under that key."""
    return write_export(tmp_path / "export.jsonl", public_half(key))


def new_key(computer: Shell, file: Path) -> Path:
    computer("keys", "new", file)
    return file


def public_half(key: Path) -> str:
    return public_key_of(key.read_text().splitlines()[-1])


def combined(computer: Shell, team: Sequence[Path]) -> str:
    return computer("keys", "combine", *map(public_half, team)).stdout.split('"')[1]


def with_keys(*files: Path) -> list[str | Path]:
    return [argument for file in files for argument in ("--key", file)]


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def opened(result_text: str) -> list[str]:
    """The addresses in a CSV."""
    return [row[1] for row in rows(result_text)[1:]]


ALL = [f"signer{number}@example.org" for number in range(3)]


@sqlite_only
def test_what_was_signed_comes_back_as_a_table(
    computer: Shell, undersigned: Shell, runtime: Runtime, key: Path, tmp_path: Path
) -> None:
    folder = write_letter(tmp_path / "letter", public_key=f'"{public_half(key)}"')
    undersigned("letter", "load", folder, "--open")
    crowd = Crowd(runtime, "fair-shifts")
    vera = crowd.join(1, name="Вера Примерная", display="named")
    ivan = crowd.join(2, name="=1+1", profession="surgeon")
    anna = crowd.join(3, name='Anna "Nan", Example')
    crowd.tamper(update(SignatureRow).where(SignatureRow.id == anna.signature).values(region="@SUM(A1)"))
    undersigned("export", "fair-shifts", tmp_path / "export.jsonl")
    first, *table = rows(computer("unseal", tmp_path / "export.jsonl", "--key", key).stdout)
    assert first == HEAD
    assert sorted(table) == [
        ["'=1+1", "signer2@example.org", "", "surgeon", "BY-MI", "counted", "confirmed", ivan.signature.hex()],
        [
            'Anna "Nan", Example',
            "signer3@example.org",
            "",
            "nurse",
            "'@SUM(A1)",
            "counted",
            "confirmed",
            anna.signature.hex(),
        ],
        ["Вера Примерная", "signer1@example.org", "", "nurse", "BY-MI", "named", "confirmed", vera.signature.hex()],
    ]


@sqlite_only
def test_any_two_of_three_organisers_open_a_letter_and_one_does_not(
    computer: Shell, undersigned: Shell, runtime: Runtime, team: list[Path], tmp_path: Path
) -> None:
    folder = write_letter(tmp_path / "letter", public_key=f'"{combined(computer, team)}"')
    undersigned("letter", "load", folder, "--open")
    Crowd(runtime, "fair-shifts").join_many(range(3))
    export = tmp_path / "export.jsonl"
    undersigned("export", "fair-shifts", export)
    for keys in (*combinations(team, 2), team):
        assert sorted(opened(computer("unseal", export, *with_keys(*keys)).stdout)) == ALL
    for one in team:
        assert "any two of its three organisers" in computer.refused("unseal", export, "--key", one)


def test_a_table_comes_in_the_form_asked_for(computer: Shell, export: Path, key: Path, tmp_path: Path) -> None:
    objects = computer("unseal", export, "--key", key, "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["address"] for line in objects] == ALL
    assert list(json.loads(objects[0])) == HEAD
    computer("unseal", export, "--key", key, "--output", tmp_path / "names.xlsx")
    sheet = load_workbook(tmp_path / "names.xlsx").active
    assert next(sheet.iter_rows(values_only=True)) == tuple(HEAD)
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == ALL
    computer("unseal", export, "--key", key, "-o", tmp_path / "names.csv")
    assert opened((tmp_path / "names.csv").read_text()) == ALL


def test_an_xlsx_needs_a_file(computer: Shell, export: Path, key: Path) -> None:
    assert "--output" in computer("unseal", export, "--key", key, "--format", "xlsx", status=2).stderr


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
def test_a_table_in_a_file_is_its_owners_and_stands_alone(
    computer: Shell, export: Path, key: Path, tmp_path: Path, form: str
) -> None:
    before = set(tmp_path.iterdir())
    computer("unseal", export, "--key", key, "--format", form, "--output", tmp_path / "table")
    assert set(tmp_path.iterdir()) - before == {tmp_path / "table"}
    assert (tmp_path / "table").stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_there_is_replaced_only_when_asked(
    computer: Shell, export: Path, key: Path, tmp_path: Path
) -> None:
    table = tmp_path / "names.csv"
    table.write_text("before")
    assert "--force" in computer.refused("unseal", export, "--key", key, "--output", table)
    assert table.read_text() == "before"
    computer("unseal", export, "--key", key, "--output", table, "--force")
    assert opened(table.read_text()) == ALL


@pytest.mark.parametrize("option", ["--output", "--set-aside"])
def test_what_is_read_is_never_written_over(computer: Shell, export: Path, key: Path, option: str) -> None:
    for needed in (export, key):
        before = needed.read_bytes()
        told = computer.refused("unseal", export, "--key", key, option, needed, "--force")
        assert "written over what is read" in told
        assert needed.read_bytes() == before


@pytest.mark.parametrize(
    "damage", [b"", b"\n", b"\xff\xfe\n", b"{}\n", b"not a record\n"], ids=["none", "empty", "bytes", "{}", "words"]
)
def test_damaged_lines_are_named_and_set_aside_and_the_others_opened(
    computer: Shell, export: Path, key: Path, damage: bytes
) -> None:
    head_line, first, second, third = export.read_bytes().splitlines(keepends=True)
    export.write_bytes(head_line + first + damage + second + third[:100])
    result = computer("unseal", export, "--key", key, status=1)
    assert opened(result.stdout) == ALL[:2]
    *findings, last = result.stderr.splitlines()
    wrong = ([3] if damage else []) + [5 if damage else 4]
    assert [finding.partition(":")[0] for finding in findings] == [f"line {number}" for number in wrong]
    assert findings[-1].endswith("cut off in the middle.")
    aside = export.with_name("export.jsonl.damaged")
    assert last.startswith(f"Error: Lines that did not open: {len(wrong)}; they are in {aside}.")
    assert last.endswith("The others are complete.")
    assert aside.read_bytes() == damage + third[:100]
    assert aside.stat().st_mode & 0o777 == 0o600


def test_damaged_lines_go_where_they_are_asked_to_and_the_table_is_whole(
    computer: Shell, export: Path, key: Path, tmp_path: Path
) -> None:
    export.write_bytes(export.read_bytes().replace(b"nurse", b"\xff", 1))
    computer("unseal", export, "--key", key, "-o", tmp_path / "t.jsonl", "--set-aside", tmp_path / "aside", status=1)
    assert len((tmp_path / "t.jsonl").read_text().splitlines()) == 2
    assert (tmp_path / "aside").read_bytes() == export.read_bytes().splitlines(keepends=True)[1]


def test_without_damage_nothing_is_set_aside(computer: Shell, export: Path, key: Path, tmp_path: Path) -> None:
    computer("unseal", export, "--key", key)
    assert list(tmp_path.glob("*.damaged")) == []


def test_a_record_in_anothers_place_is_noticed(computer: Shell, export: Path, key: Path) -> None:
    """One deleted and another doubled: the number is right."""
    first, one, _two, three = export.read_bytes().splitlines(keepends=True)
    export.write_bytes(first + one + one + three)
    result = computer("unseal", export, "--key", key, status=1)
    assert opened(result.stdout) == [ALL[0], ALL[2]]
    assert "line 3: The record stands twice" in result.stderr


@pytest.mark.parametrize("kept", [1, 2])
def test_an_export_cut_at_the_end_of_a_line_is_noticed(computer: Shell, export: Path, key: Path, kept: int) -> None:
    export.write_bytes(b"".join(export.read_bytes().splitlines(keepends=True)[: 1 + kept]))
    result = computer("unseal", export, "--key", key, status=1)
    assert opened(result.stdout) == ALL[:kept]
    assert f"promises 3 signatures and holds {kept}: its end is missing" in result.stderr


def test_an_export_cut_in_its_head_line_says_so(computer: Shell, export: Path, key: Path) -> None:
    export.write_bytes(export.read_bytes()[:500])
    result = computer("unseal", export, "--key", key, status=1)
    assert "line 1: The line is cut off in the middle." in result.stderr


def test_an_empty_export_is_refused(computer: Shell, export: Path, key: Path) -> None:
    export.write_bytes(b"")
    assert "is empty" in computer.refused("unseal", export, "--key", key)


def test_an_export_of_nobody_is_a_table_of_nobody(computer: Shell, export: Path, key: Path) -> None:
    write_export(export, public_half(key), ())
    assert rows(computer("unseal", export, "--key", key).stdout) == [HEAD]


def test_a_record_of_another_letter_is_set_aside(computer: Shell, export: Path, key: Path) -> None:
    with export.open("a") as file:
        file.write(record(public_half(key), 9, slug="longer-nights"))
    result = computer("unseal", export, "--key", key, status=1)
    assert opened(result.stdout) == ALL
    assert "line 5: The record belongs to another letter." in result.stderr
    assert "holds 4: something was added" in result.stderr


def test_an_export_of_the_older_form_without_a_head_line_still_opens(computer: Shell, export: Path, key: Path) -> None:
    export.write_bytes(export.read_bytes().partition(b"\n")[2])
    assert opened(computer("unseal", export, "--key", key).stdout) == ALL


def test_another_letters_key_is_refused_before_anything_is_opened(
    computer: Shell, export: Path, tmp_path: Path
) -> None:
    other = new_key(computer, tmp_path / "other.key")
    told = computer.refused("unseal", export, "--key", other, "--output", tmp_path / "names.csv")
    assert f"The key in {other} does not belong to this letter" in told
    assert not (tmp_path / "names.csv").exists()


def test_parts_of_different_letters_are_refused(computer: Shell, team: list[Path], tmp_path: Path) -> None:
    export = write_export(tmp_path / "export.jsonl", combined(computer, team))
    other = new_key(computer, tmp_path / "other.key")
    assert f"The key in {other} does not" in computer.refused("unseal", export, *with_keys(team[0], other))


def test_the_same_part_twice_is_refused(computer: Shell, team: list[Path], tmp_path: Path) -> None:
    export = write_export(tmp_path / "export.jsonl", combined(computer, team))
    copy = tmp_path / "copy.key"
    copy.touch(mode=0o600)
    copy.write_bytes(team[0].read_bytes())
    for again in (team[0], copy):
        assert "hold the same key" in computer.refused("unseal", export, *with_keys(team[0], again))


def test_a_part_altered_by_a_bit_is_refused_as_such(computer: Shell, team: list[Path], tmp_path: Path) -> None:
    export = write_export(tmp_path / "export.jsonl", combined(computer, team))
    content = bytearray(team[1].read_bytes())
    content[-15] ^= 8
    team[1].write_bytes(content)
    told = computer.refused("unseal", export, *with_keys(*team[:2]))
    assert "was altered" in told or "is damaged" in told


def test_two_keys_for_a_letter_with_one_are_refused(computer: Shell, export: Path, key: Path, team: list[Path]) -> None:
    assert "one key, and here are 2" in computer.refused("unseal", export, *with_keys(key, team[0]))


def test_a_key_that_others_can_read_is_refused(computer: Shell, export: Path, key: Path) -> None:
    key.chmod(0o640)
    assert f"chmod 600 {key}" in computer.refused("unseal", export, "--key", key)


def test_an_export_too_long_for_a_sheet_is_refused_before_it_begins(
    computer: Shell, export: Path, key: Path, tmp_path: Path
) -> None:
    export.write_text(head(public_half(key), 1_048_576))
    told = computer.refused("unseal", export, "--key", key, "--output", tmp_path / "names.xlsx")
    assert "1,048,575 signatures, and here are 1,048,576" in told
    assert not (tmp_path / "names.xlsx").exists()


def test_files_that_are_not_there_are_a_matter_of_usage(computer: Shell, key: Path, tmp_path: Path) -> None:
    assert "nowhere" in computer("unseal", "-", "--key", tmp_path / "nowhere", status=2).stderr
    assert "nowhere" in computer("unseal", tmp_path / "nowhere", "--key", key, status=2).stderr
    assert "is a directory" in computer("unseal", tmp_path, "--key", key, status=2).stderr
    assert "is a directory" in computer("unseal", "-", "--key", tmp_path, status=2).stderr
    assert "--key" in computer("unseal", "-", status=2).stderr


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_memory_does_not_grow_with_the_export(computer: Shell, key: Path, tmp_path: Path, form: str) -> None:
    line = record(public_half(key))

    def peak(records: int) -> int:
        export = tmp_path / f"{records}.jsonl"
        with export.open("w") as file:  # of the older form, without a head line: there one record may stand often
            file.writelines(line for _ in range(records))
        tracemalloc.start()
        try:
            computer("unseal", export, "--key", key, "-o", tmp_path / f"{records}.{form}")
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(20)
    small, large = peak(1_000), peak(10_000)
    assert large < small + 200_000
