"""`undersigned witness`: as its owner runs it, and over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from letters.commands.witness_key import read_witness_key
from tests.letters.commands.conftest import Shell
from tests.parts.server import free_port
from tests.parts.witness import ORIGIN, GrowingLog, RunningWitness, found_witness, running_witness
from verification.ledger.cosignatures import cosigned_at, cosigner
from verification.ledger.notes import Note
from verification.ledger.strict import base64_of

LOG = GrowingLog().grow([bytes([number]) for number in range(9)])
FORK = GrowingLog().grow([b"evil"] * 9)
TEXT = "text/plain; charset=utf-8"


@pytest.fixture(scope="module")
def witness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWitness]:
    """One process for the tests of a module; each follows a log of its own."""
    folder = tmp_path_factory.mktemp("witness")
    with running_witness(folder, found_witness(folder)) as running:
        yield running


def test_a_new_key_is_printed_as_others_need_it(computer: Shell, tmp_path: Path) -> None:
    said = computer("witness", "new", tmp_path / "witness.key", "--name", "newsroom.example.org/witness")
    name, seed = read_witness_key(tmp_path / "witness.key")
    assert said.stdout == f"{cosigner(name, seed)}\n"
    assert name == "newsroom.example.org/witness"


def test_a_name_with_spaces_is_refused(computer: Shell, tmp_path: Path) -> None:
    assert "cannot name a key" in computer.refused("witness", "new", tmp_path / "key", "--name", "The Newsroom")


def test_a_missing_memory_is_never_made_anew(computer: Shell, tmp_path: Path) -> None:
    found_witness(tmp_path)
    (tmp_path / "state").rmdir()
    files = ("--key", tmp_path / "witness.key", "--state", tmp_path / "state", "--logs", tmp_path / "logs.txt")
    assert "begin again with a new key" in computer.refused("witness", "serve", *files)
    assert not (tmp_path / "state").exists()


def test_a_bad_line_keeps_a_witness_from_starting(computer: Shell, tmp_path: Path) -> None:
    found_witness(tmp_path)
    (tmp_path / "logs.txt").write_text("log nonsense\n")
    files = ("--key", tmp_path / "witness.key", "--state", tmp_path / "state", "--logs", tmp_path / "logs.txt")
    assert "Line 1 of the logs" in computer.refused("witness", "serve", *files, "--port", str(free_port()))


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_site_does_not_start_with_witnesses_that_it_cannot_ask(undersigned: Shell, tmp_path: Path) -> None:
    file = tmp_path / "witnesses.txt"
    assert "UNDERSIGNED_WITNESSES" in undersigned.refused("worker", witnesses=str(file))
    file.write_text("witness newsroom nonsense https://newsroom.example.org\n")
    assert "Line 1" in undersigned.refused("serve", witnesses=str(file))


def test_a_witness_says_who_it_is_and_what_it_has_cosigned(witness: RunningWitness) -> None:
    witness.follow(LOG.verifier)
    status, content_type, body = witness.get()
    assert (status, content_type) == (200, TEXT)
    assert str(witness.verifier) in body.decode()
    assert f"{ORIGIN}\n    nothing so far" in body.decode()
    witness.post(LOG.submission(0, 3))
    assert f"{ORIGIN}\n    3 {base64_of(LOG.checkpoint(3).root)}" in witness.get()[2].decode()


def test_a_log_is_cosigned_over_http(witness: RunningWitness) -> None:
    log = GrowingLog("cosigned.example.org/log").grow([b"1", b"2", b"3"])
    assert witness.post(log.submission(0, 2))[0] == 404
    witness.follow(log.verifier)
    for old, new in [(0, 2), (2, 3), (3, 3)]:
        status, content_type, body = witness.post(log.submission(old, new))
        assert (status, content_type) == (200, TEXT)
        assert cosigned_at(Note.parse(f"{log.note(new)}{body.decode()}"), witness.verifier) > 1_700_000_000
    assert witness.post(log.submission(0, 3)) == (409, "text/x.tlog.size", b"3\n")


def test_a_fork_is_told_to_the_owner(witness: RunningWitness) -> None:
    witness.follow(LOG.verifier)
    witness.post(LOG.submission(0, 3))
    assert witness.post(FORK.submission(3, 3)) == (409, "text/x.tlog.size", b"3\n")
    assert "A log has signed two different trees" in witness.process.log.read_text()
    assert str(FORK.note(3)) in witness.process.log.read_text()


def test_only_two_addresses_are_there(witness: RunningWitness) -> None:
    assert witness.get("/add-checkpoint")[0] == 405
    assert witness.post(b"", "/")[0] == 405
    assert witness.get("/letters")[0] == 404


@pytest.mark.parametrize(("body", "status"), [(b"", 400), (b"old 0\n\n", 400), (bytes(200_000), 413)])
def test_rubbish_is_refused(witness: RunningWitness, body: bytes, status: int) -> None:
    assert witness.post(body)[0] == status


def test_a_damaged_memory_cosigns_nothing_and_says_so(witness: RunningWitness) -> None:
    log = GrowingLog("damaged.example.org/log").grow([b"1", b"2"])
    witness.follow(log.verifier)
    witness.post(log.submission(0, 1))
    for file in (witness.folder / "state").glob("*.head"):
        text = file.read_bytes()
        if b"damaged" in text:
            file.write_bytes(text[:-20])
    assert witness.post(log.submission(1, 2))[0] == 500
    assert "its memory is damaged" in witness.get()[2].decode()
    assert "Nothing was cosigned." in witness.process.log.read_text()
