"""The file of witnesses: what a host may write, and what is refused in one sentence."""

from pathlib import Path

import pytest

from letters.organising.cosigning.witnesses import Address, BadWitnesses, read_witnesses
from verification.ledger.cosignatures import cosigner
from verification.ledger.notes import NoteSigner

ONE = cosigner("newsroom.example.org/witness", bytes(32))
OTHER = cosigner("university.example.org/witness", bytes([1]) * 32)
SAME_NAME = cosigner("newsroom.example.org/witness", bytes([2]) * 32)
LOG = NoteSigner("letters.example.org/log", bytes(32)).verifier


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "witnesses.txt"


def test_without_a_file_there_are_none() -> None:
    assert read_witnesses(None) == ()


@pytest.mark.parametrize("end", ["", "\n", "\nquorum none\n", "\nquorum newsroom\n"])
def test_witnesses_are_read_with_a_quorum_or_without(file: Path, end: str) -> None:
    file.write_text(
        f"# ours\nwitness newsroom {ONE} https://newsroom.example.org\n"
        f"witness uni {OTHER} http://127.0.0.1:8100/for-letters/{end}"
    )
    newsroom, university = read_witnesses(file)
    assert (newsroom.name, newsroom.key) == (ONE.name, ONE)
    assert newsroom.address == Address(secure=True, host="newsroom.example.org", port=None, path="/add-checkpoint")
    assert university.address == Address(secure=False, host="127.0.0.1", port=8100, path="/for-letters/add-checkpoint")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "newsroom.example.org",
        "ftp://newsroom.example.org",
        "https://",
        "https://user:password@newsroom.example.org",
        "https://newsroom.example.org:99999",
        "https://newsroom.example.org/?a=b",
        "https://newsroom.example.org/#a",
        "https://newsroom.example.org/ä",
        "https://" + "a" * 64 + ".example.org",
    ],
)
def test_an_address_that_cannot_be_asked_is_refused(file: Path, url: str) -> None:
    file.write_text(f"witness newsroom {ONE} {url}\n")
    with pytest.raises(BadWitnesses, match="needs an address"):
        read_witnesses(file)


@pytest.mark.parametrize("line", ["witness newsroom", f"witness newsroom {LOG} https://a.example", "nonsense"])
def test_a_line_that_names_no_witness_is_named(file: Path, line: str) -> None:
    file.write_text(f"# ours\n{line}\n")
    with pytest.raises(BadWitnesses, match=r"UNDERSIGNED_WITNESSES.*Line 2"):
        read_witnesses(file)


def test_two_witnesses_of_one_name_are_refused(file: Path) -> None:
    file.write_text(f"witness a {ONE} https://a.example\nwitness b {SAME_NAME} https://b.example\n")
    with pytest.raises(BadWitnesses, match="the same name"):
        read_witnesses(file)


def test_a_file_that_cannot_be_read_is_refused(file: Path) -> None:
    with pytest.raises(BadWitnesses, match="No such file"):
        read_witnesses(file)
    file.write_bytes(b"\xff")
    with pytest.raises(BadWitnesses, match="UTF-8"):
        read_witnesses(file)
