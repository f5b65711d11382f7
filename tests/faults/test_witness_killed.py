"""A witness that is ended at any instruction, while a log grows and a fork of it is submitted as well."""

import http.client
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.parts.server import free_port
from tests.parts.witness import GrowingLog, RunningWitness, found_witness, running_witness

FORKED_AT = 20
SIZE = 4000
LEAVES = [size.to_bytes(2, "big") for size in range(SIZE)]
LOG = GrowingLog().grow(LEAVES)
FORK = GrowingLog().grow(LEAVES[:FORKED_AT] + [b"evil"] * (SIZE - FORKED_AT))


def test_a_killed_witness_never_cosigns_two_forks(tmp_path: Path, repetitions: Callable[[int, int], int]) -> None:
    verifier, port, kills = found_witness(tmp_path), free_port(), repetitions(3, 25)
    (tmp_path / "logs.txt").write_text(f"log {LOG.verifier}\n")
    cosigned: list[tuple[int, bytes]] = []
    for _kill in range(kills):
        with running_witness(tmp_path, verifier, port) as witness:
            senders = [threading.Thread(target=submit, args=(witness, log, cosigned)) for log in (LOG, FORK, FORK)]
            for sender in senders:
                sender.start()
            time.sleep(random.uniform(0.3, 0.6))
            witness.process.kill()
            for sender in senders:
                sender.join()
    with running_witness(tmp_path, verifier, port) as witness:
        status, _type, body = witness.post(LOG.submission(0, 1))
        assert (status, int(body) >= max(size for size, _root in cosigned)) == (409, True)

    assert all_of_one(LOG, cosigned) or all_of_one(FORK, cosigned)
    assert max(size for size, _root in cosigned) > FORKED_AT


def submit(witness: RunningWitness, log: GrowingLog, cosigned: list[tuple[int, bytes]]) -> None:
    """Submit ever larger heads of a log until nobody answers, from whatever size the witness is at."""
    old = 0
    with suppress(OSError, http.client.HTTPException):
        while old < SIZE:
            new = old + 1
            status, _type, body = witness.post(log.submission(old, new))
            if status == 200:
                cosigned.append((new, log.checkpoint(new).root))
                old = new
            elif status == 409 and int(body) != old:
                old = int(body)
            else:
                time.sleep(0.01)  # the other fork has won
                old = int(body) if status == 409 else old


def all_of_one(log: GrowingLog, cosigned: list[tuple[int, bytes]]) -> bool:
    return all(log.checkpoint(size).root == root for size, root in cosigned)
