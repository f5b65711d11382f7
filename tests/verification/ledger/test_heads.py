"""The memory of signed heads: what was signed is never forgotten, and nothing that contradicts it goes on."""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parts.witness import ORIGIN, GrowingLog
from verification.ledger.heads import DamagedMemory, Fork, Rollback, SeenHeads, advance
from verification.ledger.proofs import BadProof
from verification.ledger.trees import consistency_proof

LOG = GrowingLog().grow([bytes([number]) for number in range(40)])
OTHER = GrowingLog().grow([b"other" for _ in range(40)])
ROOT = bytes(32)
KILLED = """
import sys
from hashlib import sha256
from pathlib import Path
from verification.ledger.heads import SeenHeads
with SeenHeads(Path(sys.argv[1])).locked("a log") as memory:
    size = memory.head[0] if memory.head else 0
    while True:
        size += 1
        memory.remember(size, sha256(str(size).encode()).digest())
        print(size, flush=True)
"""


@pytest.fixture
def seen(tmp_path: Path) -> SeenHeads:
    return SeenHeads(tmp_path)


def seen_head(size: int) -> tuple[int, bytes]:
    return size, LOG.checkpoint(size).root


def remembered(seen: SeenHeads, origin: str = ORIGIN) -> tuple[int, bytes] | None:
    with seen.locked(origin) as memory:
        return memory.head


def the_file(folder: Path) -> Path:
    (file,) = folder.glob("*.head")
    return file


@given(st.integers(0, 40), st.integers(0, 40))
def test_a_head_goes_on_from_every_smaller_one(old: int, new: int) -> None:
    old, new = sorted((old, new))
    advance(seen_head(old), LOG.checkpoint(new), consistency_proof(old, new, LOG.read_tile))


@given(st.integers(1, 40), st.integers(1, 40))
def test_a_head_of_another_log_never_goes_on(old: int, new: int) -> None:
    proof = consistency_proof(old, new, OTHER.read_tile) if old <= new else []
    with pytest.raises(Rollback if new < old else Fork if new == old else BadProof):
        advance(seen_head(old), OTHER.checkpoint(new), proof)


def test_the_first_head_needs_no_proof() -> None:
    advance(None, LOG.checkpoint(7), [])
    with pytest.raises(BadProof):
        advance(None, LOG.checkpoint(7), [ROOT])


def test_what_is_remembered_is_there_for_the_next_one(seen: SeenHeads) -> None:
    with seen.locked(ORIGIN) as memory:
        assert memory.head is None
        memory.remember(3, ROOT)
        assert memory.head == (3, ROOT)
    assert remembered(seen) == seen.newest(ORIGIN) == (3, ROOT)
    assert remembered(seen, "another log") is None
    assert the_file(seen.folder).stat().st_mode & 0o077 == 0


def test_memory_goes_neither_back_nor_sideways(seen: SeenHeads) -> None:
    with seen.locked(ORIGIN) as memory:
        memory.remember(3, ROOT)
        memory.remember(3, ROOT)
        with pytest.raises(Rollback):
            memory.remember(2, ROOT)
        with pytest.raises(Fork):
            memory.remember(3, bytes([1]) * 32)
    assert remembered(seen) == (3, ROOT)


@given(cut=st.integers(0, 200), put=st.binary(max_size=3))
def test_a_damaged_file_is_never_taken_for_an_empty_one(
    tmp_path_factory: pytest.TempPathFactory, cut: int, put: bytes
) -> None:
    seen = SeenHeads(tmp_path_factory.mktemp("state"))
    with seen.locked(ORIGIN) as memory:
        memory.remember(3, ROOT)
    file = the_file(seen.folder)
    whole = file.read_bytes()
    damaged = whole[:cut] + put + whole[cut + len(put) :] if put else whole[:cut]
    file.write_bytes(damaged)
    if damaged == whole:
        assert remembered(seen) == (3, ROOT)
        return
    with pytest.raises(DamagedMemory, match="Do not remove it"):
        remembered(seen)


def test_the_file_of_another_log_is_a_damaged_one(seen: SeenHeads) -> None:
    with seen.locked("another log") as memory:
        memory.remember(3, ROOT)
    the_file(seen.folder).rename(seen.folder / f"{sha256(ORIGIN.encode()).hexdigest()}.head")
    with pytest.raises(DamagedMemory):
        remembered(seen)


def test_a_missing_folder_is_not_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(DamagedMemory, match="There is no folder"):
        remembered(SeenHeads(tmp_path / "unmounted"))


def test_threads_take_turns(seen: SeenHeads) -> None:
    def step(_number: int) -> None:
        with seen.locked(ORIGIN) as memory:
            size = memory.head[0] if memory.head else 0
            time.sleep(0.001)
            memory.remember(size + 1, sha256(bytes([size])).digest())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(step, range(40)))
    head = remembered(seen)
    assert head is not None
    assert head[0] == 40


def test_a_killed_process_has_remembered_all_that_it_let_out(
    seen: SeenHeads, repetitions: Callable[[int, int], int]
) -> None:
    for _kill in range(repetitions(6, 60)):
        command = [sys.executable, "-c", KILLED, str(seen.folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout
            first = process.stdout.readline()
            time.sleep(random.uniform(0, 0.05))
            process.kill()
            let_out = [int(line) for line in (first, *process.stdout)]
        head = remembered(seen, "a log")
        assert head is not None
        assert head[0] >= let_out[-1]
        assert head[1] == sha256(str(head[0]).encode()).digest()
