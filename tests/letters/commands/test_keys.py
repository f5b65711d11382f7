"""`undersigned keys new` and `unseal`, on the organiser's own computer: neither needs an installation."""

import csv
import io
import json
from pathlib import Path

import pytest
from sqlalchemy import update

from letters.models.signatures import SignatureRow
from letters.runtime import Runtime
from tests.letters.commands.conftest import Shell
from tests.letters.organising.letter_files import write_letter
from tests.letters.publishing.crowd import Crowd
from verification.identity.sealing import public_key_of

HEAD = ["name", "address", "workplace", "profession", "region", "display", "state"]


@pytest.fixture
def computer() -> Shell:
    """A computer without an installation; a setting that cannot be used shows that none is asked for."""
    return Shell({"UNDERSIGNED_BASE_URL": "no address"})


@pytest.fixture
def key(computer: Shell, tmp_path: Path) -> Path:
    """A new key file."""
    computer("keys", "new", tmp_path / "letter.key")
    return tmp_path / "letter.key"


@pytest.fixture
def crowd(undersigned: Shell, runtime: Runtime, key: Path, tmp_path: Path) -> Crowd:
    """An open letter under that key."""
    folder = write_letter(tmp_path / "letter", public_key=f'"{public_half(key)}"')
    undersigned("letter", "load", folder, "--open")
    return Crowd(runtime, "fair-shifts")


@pytest.fixture
def export(undersigned: Shell, crowd: Crowd, tmp_path: Path) -> Path:
    """The export of three signatures."""
    crowd.join(1, name="Вера Примерная", display="named")
    crowd.join(2, name="=1+1", profession="surgeon")
    crowd.join(3, name='Anna "Nan", Example')
    undersigned("export", "fair-shifts", tmp_path / "export.jsonl")
    return tmp_path / "export.jsonl"


def secret_half(key: Path) -> str:
    return key.read_text().splitlines()[-1]


def public_half(key: Path) -> str:
    return public_key_of(secret_half(key))


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_the_printed_line_fits_the_key_file(computer: Shell, tmp_path: Path) -> None:
    printed = computer("keys", "new", tmp_path / "letter.key").stdout
    assert printed == f'public_key = "{public_half(tmp_path / "letter.key")}"\n'


def test_the_secret_key_is_never_printed(computer: Shell, tmp_path: Path) -> None:
    result = computer("keys", "new", tmp_path / "letter.key")
    assert secret_half(tmp_path / "letter.key") not in result.output


def test_only_the_owner_can_read_a_key_file(key: Path) -> None:
    assert key.stat().st_mode & 0o777 == 0o600


def test_two_keys_are_two(computer: Shell, key: Path, tmp_path: Path) -> None:
    computer("keys", "new", tmp_path / "other.key")
    assert secret_half(key) != secret_half(tmp_path / "other.key")


def test_a_key_is_never_overwritten(computer: Shell, key: Path) -> None:
    before = key.read_bytes()
    assert "never overwritten" in computer.refused("keys", "new", key)
    assert key.read_bytes() == before
    assert [path.name for path in key.parent.iterdir()] == [key.name]


def test_a_key_needs_a_folder(computer: Shell, tmp_path: Path) -> None:
    assert str(tmp_path / "nowhere") in computer.refused("keys", "new", tmp_path / "nowhere" / "letter.key")


@pytest.mark.parametrize("database", ["sqlite"])
def test_what_was_sealed_comes_back_as_a_table(computer: Shell, export: Path, key: Path) -> None:
    head, *opened = rows(computer("unseal", export, "--key", key).stdout)
    assert head == HEAD
    assert sorted(opened) == [
        ["'=1+1", "signer2@example.org", "", "surgeon", "BY-MI", "counted", "confirmed"],
        ['Anna "Nan", Example', "signer3@example.org", "", "nurse", "BY-MI", "counted", "confirmed"],
        ["Вера Примерная", "signer1@example.org", "", "nurse", "BY-MI", "named", "confirmed"],
    ]


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(
    computer: Shell, undersigned: Shell, crowd: Crowd, key: Path, tmp_path: Path, start: str
) -> None:
    crowd.join(1, name=f"{start}cmd|' /C calc'!A0")
    crowd.tamper(update(SignatureRow).values(region=f"{start}A1"))
    undersigned("export", "fair-shifts", tmp_path / "export.jsonl")
    (opened,) = rows(computer("unseal", tmp_path / "export.jsonl", "--key", key).stdout)[1:]
    assert not any(cell.startswith(start) for cell in opened)


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize(
    "damage", [b"", b"\n", b"\xff\xfe\n", b"{}\n", b"not a record\n"], ids=["none", "empty", "bytes", "{}", "words"]
)
def test_damaged_lines_are_named_and_the_others_opened(computer: Shell, export: Path, key: Path, damage: bytes) -> None:
    first, second, third = export.read_bytes().splitlines(keepends=True)
    export.write_bytes(first + damage + second + third[:100])
    result = computer("unseal", export, "--key", key, status=1)
    assert len(rows(result.stdout)) == 3
    *findings, last = result.stderr.splitlines()
    wrong = ([2] if damage else []) + [4 if damage else 3]
    assert [finding.partition(":")[0] for finding in findings] == [f"line {number}" for number in wrong]
    assert last == f"Error: {len(wrong)} lines could not be opened; the others are complete."


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_altered_record_does_not_open(computer: Shell, export: Path, key: Path) -> None:
    record = json.loads(export.read_text().splitlines()[0])
    export.write_text(json.dumps({**record, "letter": "another-letter"}) + "\n")
    assert "does not open this record" in computer("unseal", export, "--key", key, status=1).stderr


@pytest.mark.parametrize("database", ["sqlite"])
def test_another_letters_key_opens_nothing(computer: Shell, export: Path, tmp_path: Path) -> None:
    computer("keys", "new", tmp_path / "other.key")
    result = computer("unseal", export, "--key", tmp_path / "other.key", status=1)
    assert rows(result.stdout) == [HEAD]


def test_a_key_that_others_can_read_is_refused(computer: Shell, key: Path, tmp_path: Path) -> None:
    (tmp_path / "export.jsonl").touch()
    key.chmod(0o640)
    assert f"chmod 600 {key}" in computer.refused("unseal", tmp_path / "export.jsonl", "--key", key)


@pytest.mark.parametrize(
    "content", [b"", b"# only a comment\n", b"undersigned-secret-1:AAAA\n", b"\xff\xfe\x00", b"\n\n"], ids=repr
)
def test_a_file_without_a_secret_key_is_refused(computer: Shell, key: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "export.jsonl").touch()
    key.write_bytes(content)
    assert "undersigned keys new" in computer.refused("unseal", tmp_path / "export.jsonl", "--key", key)


def test_a_key_copied_with_other_line_ends_works(computer: Shell, key: Path, tmp_path: Path) -> None:
    (tmp_path / "export.jsonl").touch()
    key.write_bytes(b"\r\n" + key.read_bytes().replace(b"\n", b"\r\n") + b"\r\n")
    assert rows(computer("unseal", tmp_path / "export.jsonl", "--key", key).stdout) == [HEAD]


def test_files_that_are_not_there_are_a_matter_of_usage(computer: Shell, key: Path, tmp_path: Path) -> None:
    assert "nowhere" in computer("unseal", "-", "--key", tmp_path / "nowhere", status=2).stderr
    assert "nowhere" in computer("unseal", tmp_path / "nowhere", "--key", key, status=2).stderr
    assert "--key" in computer("unseal", "-", status=2).stderr
