"""The file of logs that a witness follows."""

from pathlib import Path

import pytest

from letters.commands.witness_logs import LogsFile, parse_logs
from tests.parts.witness import ORIGIN, GrowingLog
from verification.ledger.cosignatures import cosigner
from verification.ledger.policies import BadPolicy

LOG = GrowingLog().verifier
OTHER = GrowingLog("elsewhere.example.org/log").verifier
WITNESS = cosigner("newsroom.example.org/witness", bytes(32))


def test_logs_are_found_by_their_origin() -> None:
    text = f"# ours\n\nlog {LOG}\n\tlog  {OTHER}  https://elsewhere.example.org/log"
    assert parse_logs(text) == {ORIGIN: LOG, "elsewhere.example.org/log": OTHER}


def test_a_whole_policy_can_be_used() -> None:
    assert parse_logs(f"log {LOG}\nwitness us {WITNESS}\ngroup all-of-us all us\nquorum all-of-us\n") == {ORIGIN: LOG}


@pytest.mark.parametrize(
    "line",
    ["log", f"logs {LOG}", f"{LOG}", f"log {LOG} https://a.example https://b.example", f"log {LOG}x", f"log {WITNESS}"],
)
def test_a_line_that_names_no_log_is_named(line: str) -> None:
    with pytest.raises(BadPolicy, match="Line 2 of the logs"):
        parse_logs(f"# ours\n{line}\n")


def test_a_log_has_one_key() -> None:
    changed = GrowingLog(seed=bytes([1]) * 32).verifier
    with pytest.raises(BadPolicy, match="has a key already"):
        parse_logs(f"log {LOG}\nlog {changed}\n")


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    file, said = tmp_path / "logs.txt", list[str]()
    file.write_text(f"log {LOG}\n")
    logs = LogsFile(file, said.append)
    assert list(logs.current()) == [ORIGIN]
    file.write_text(f"log {LOG}\nlog {OTHER}\n")
    assert list(logs.current()) == [ORIGIN, OTHER.name]
    assert said == []


def test_a_file_that_cannot_be_read_any_more_changes_nothing_and_is_told_once(tmp_path: Path) -> None:
    file, said = tmp_path / "logs.txt", list[str]()
    file.write_text(f"log {LOG}\n")
    logs = LogsFile(file, said.append)
    for damaged in (b"log x\n", b"\xff"):
        file.write_bytes(damaged)
        for _time in range(3):
            assert list(logs.current()) == [ORIGIN]
    file.unlink()
    for _time in range(3):
        assert list(logs.current()) == [ORIGIN]
    assert len(said) == 3
    file.write_text("")
    assert logs.current() == {}


def test_a_witness_does_not_start_with_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "logs.txt").write_text("log x\n")
    with pytest.raises(BadPolicy):
        LogsFile(tmp_path / "logs.txt", print)
    with pytest.raises(FileNotFoundError):
        LogsFile(tmp_path / "missing.txt", print)
