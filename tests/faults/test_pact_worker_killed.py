"""A worker that is ended at any line of closing a letter: names that wait are all shown, or all erased."""

import os
import random
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from sqlalchemy import select

from letters.models.letters import LetterState
from letters.models.signatures import SignatureRow
from letters.runtime import Runtime
from tests.faults.measured import Measure
from tests.letters.publishing.crowd import Crowd, open_crowd
from verification.database import make_engine

pytestmark = pytest.mark.parametrize("database", ["sqlite"])
WATCHED = ("publishing/pacts.py", "publishing/editions.py", "publishing/entries.py", "moving.py", "releasing.py")
NEEDED = 4


def trace_lines(reached: Callable[[], None]) -> Any:
    """Calls `reached` at each line of what is watched."""

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        if not frame.f_code.co_filename.endswith(WATCHED):
            return None
        if event == "line":
            reached()
        return trace

    return trace


def tend_and_die(crowd: Crowd, at_line: int) -> bool:
    """Tend in a process of its own that is killed at that line; whether it was."""
    child = os.fork()
    if child == 0:
        own = replace(crowd.runtime, engine=make_engine(crowd.runtime.settings.database_url))
        left = iter(range(at_line, -1, -1))
        sys.settrace(trace_lines(lambda: None if next(left, 0) else os.kill(os.getpid(), signal.SIGKILL)))
        try:
            Crowd(own, crowd.slug).tend()
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def count_lines(crowd: Crowd) -> int:
    lines: list[None] = []
    before = sys.gettrace()
    sys.settrace(trace_lines(lambda: lines.append(None)))
    try:
        crowd.tend()
    finally:
        sys.settrace(before)
    return len(lines)


@contextmanager
def copied(crowd: Crowd, folder: Path) -> Iterator[Crowd]:
    """The same site once more."""
    folder.mkdir()
    settings = crowd.runtime.settings
    shutil.copyfile(settings.database_url.removeprefix("sqlite:///"), folder / "undersigned.db")
    shutil.copytree(settings.keys, folder / "keys")
    url = f"sqlite:///{folder / 'undersigned.db'}"
    runtime = replace(
        crowd.runtime, settings=replace(settings, database_url=url, keys=folder / "keys"), engine=make_engine(url)
    )
    yield Crowd(runtime, crowd.slug)
    runtime.engine.dispose()


@pytest.mark.parametrize("kept", [True, False], ids=["enough agreed", "one was missing"])
def test_a_killed_worker_shows_all_names_or_erases_all(
    runtime: Runtime, tmp_path: Path, repetitions: Callable[[int, int], int], measured: Measure, *, kept: bool
) -> None:
    first = open_crowd(runtime, pact=NEEDED)
    first.join_many(range(2), display="pact")
    first.release()
    first.join_many(range(3, 5 if kept else 4), display="pact")
    first.enter(LetterState.CLOSED)
    runtime.engine.dispose()  # all of it is in the file
    rounds, kills, mixed = repetitions(5, 60), 0, 0
    with copied(first, tmp_path / "counted") as crowd:
        lines = count_lines(crowd)
    for number in range(rounds):
        with copied(first, tmp_path / str(number)) as crowd:
            kills += tend_and_die(crowd, random.randrange(1, lines))
            names = len(crowd.names())
            mixed += names not in (0, NEEDED)
            crowd.tend()
            pact, shown = crowd.letter.pact, NEEDED if kept else 0
            assert pact is not None
            assert (pact.kept_in, pact.lapsed, len(crowd.names())) == (2 if kept else None, not kept, shown)
            with crowd.runtime.reading() as session:
                waits = SignatureRow.pact.is_(True) | SignatureRow.name_box.is_not(None)
                assert session.scalars(select(SignatureRow).where(waits)).all() == []
            assert crowd.recount() == []
    assert (mixed, kills) == (0, rounds)
    measured(
        f"the worker killed at any line of closing a letter with a pact ({'kept' if kept else 'lapsed'})",
        f"{kills} kills",
        lost=0,
        counted_twice=0,
        remark="names that wait are all shown in one edition, or all erased",
    )
