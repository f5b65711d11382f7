"""A log writer that is ended at any line of its work never signs two different trees."""

import os
import random
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from types import FrameType
from typing import Any

from sqlalchemy import select

from letters.models.log import LogHeadRow
from letters.organising.log_signing import sign_heads
from letters.publishing.editions import NotDue
from letters.publishing.log import tile_reader
from letters.runtime import Runtime
from tests.faults.measured import Measure
from tests.letters.publishing.crowd import Crowd, open_crowd
from verification.database import make_engine
from verification.ledger.hashing import leaf_hash, root_of
from verification.ledger.heads import SeenHeads
from verification.ledger.notes import Note, VerifierKey, verify_note
from verification.ledger.trees import entries_between

WATCHED = ("publishing/editions.py", "publishing/log.py", "log_signing.py", "ledger/heads.py", "private_files.py")


def count_lines(crowd: Crowd) -> int:
    """Release an edition, and return through how many lines of the log's that led."""
    seen = 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal seen
        seen += event == "line" and frame.f_code.co_filename.endswith(WATCHED)
        return trace if frame.f_code.co_filename.endswith(WATCHED) else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        crowd.release()
    finally:
        sys.settrace(before)
    return seen


def release_and_die(runtime: Runtime, slug: str, at_line: int) -> bool:
    """Release an edition in a process of its own that is killed at that line of the log's; whether it was."""
    child = os.fork()
    if child == 0:
        own = replace(runtime, engine=make_engine(runtime.settings.database_url))
        left = at_line

        def trace(frame: FrameType, event: str, _argument: Any) -> Any:
            nonlocal left
            if not frame.f_code.co_filename.endswith(WATCHED):
                return None
            left -= event == "line"
            if left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return trace

        sys.settrace(trace)
        try:
            Crowd(own, slug).release()
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def signed(crowd: Crowd) -> dict[int, bytes]:
    """The heads that anybody could have been given: in the database, each with a good signature, and in the memory."""
    head = crowd.letter.head
    with crowd.runtime.reading() as session:
        heads = session.scalars(select(LogHeadRow).where(LogHeadRow.note.is_not(None))).all()
    if head is None:
        return {}
    for row in heads:
        verify_note(Note.parse(str(row.note)), VerifierKey.parse(head.verifier))
    newest = SeenHeads(crowd.runtime.keyring.signed_heads).newest(head.origin)
    assert newest is not None
    return {**{row.size: row.root for row in heads}, newest[0]: newest[1]}


def test_a_killed_writer_never_signs_two_trees(
    runtime: Runtime, repetitions: Callable[[int, int], int], measured: Measure
) -> None:
    crowd, rounds, kills = open_crowd(runtime), repetitions(12, 150), 0
    crowd.join(rounds + 1)
    crowd.release()
    crowd.join(rounds + 2)
    lines = count_lines(crowd)
    given = signed(crowd)
    for number in range(rounds):
        crowd.join(number)
        kills += release_and_die(runtime, crowd.slug, random.randrange(1, lines * 5 // 4))
        for _writer in ("the killed one", "the next one"):
            for size, root in signed(crowd).items():
                assert given.setdefault(size, root) == root
            with suppress(NotDue):
                crowd.release()
            sign_heads(runtime, crowd.slug)
    crowd.join(rounds)
    crowd.release()
    given |= signed(crowd)

    head, edition = crowd.letter.head, crowd.letter.edition
    assert head is not None
    assert edition is not None
    assert (edition.log_size, edition.total, crowd.recount()) == (head.size, rounds + 3, [])
    with runtime.reading() as session:
        leaves = [leaf_hash(entry) for entry in entries_between(0, head.size, tile_reader(session, crowd.letter.id))]
    assert {size: root_of(leaves[:size]) for size in given} == given
    assert kills > rounds // 3
    assert len(given) > rounds
    measured(
        "the writer of the log killed at any line of an edition and its signature",
        f"{kills} kills, {len(given)} signed heads",
        lost=rounds + 3 - edition.total,
        counted_twice=max(0, edition.total - rounds - 3),
        remark="every head that was ever signed is the beginning of the same log",
    )
