"""A database server that is there and says nothing: every process of it is stopped, and goes on later."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from letters.commands.server import THREADS
from tests.faults.measured import Measure
from tests.faults.processes import Answer, Visitor, Web, at_once, form_of, person
from tests.letters.signing.asking import stored
from tests.parts.campaign import Campaign
from tests.parts.postgres import Postgres, migrated_database, running_postgres

pytestmark = pytest.mark.parametrize("database", ["postgresql"])

CLIENTS = THREADS + 8
SECONDS = 5.0
"""Within which everybody has an answer, on a machine with much else to do."""


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[Postgres]:
    with running_postgres(durable=False) as server:
        yield server


@pytest.fixture
def migrated_url(database: str, own_postgres: Postgres, tmp_path: Path) -> str:
    return migrated_database(own_postgres, tmp_path / "keys")


@pytest.fixture
def web(environment: dict[str, str], tmp_path: Path) -> Iterator[Web]:
    """One process: of two the other might not know its letters yet."""
    web = Web(environment, tmp_path, workers=1)
    yield web
    web.kill()


def test_nobody_waits_for_a_database_that_hangs(
    own_postgres: Postgres,
    campaign: Campaign,
    web: Web,
    repetitions: Callable[[int, int], int],
    measured: Measure,
) -> None:
    signers, sign, letter = repetitions(2, 10) * THREADS, f"/letters/{campaign.slug}/sign", f"/letters/{campaign.slug}"
    web.start()
    form = form_of(web.url, campaign.slug)
    at_once(web.url, THREADS, range(THREADS), lambda visitor, who: visitor.post(sign, {**form, **person(-1 - who)}))
    before, read = stored(campaign.runtime), list[float]()
    campaign.runtime.engine.dispose()
    with stopped(own_postgres), reading(web.url, letter, read):
        people = [person(number) for number in range(signers)]
        answers = at_once(web.url, CLIENTS, people, lambda visitor, who: timed(visitor, sign, {**form, **who}))
    slowest = max(seconds for seconds, _answer, _kept in answers)
    assert {(answer.status, kept) for _seconds, answer, kept in answers} == {(503, True)}
    assert all("retry-after" in answer.headers for _seconds, answer, _kept in answers)
    assert slowest < SECONDS
    assert read
    assert max(read) < SECONDS
    assert stored(campaign.runtime) == before
    with closing(Visitor(web.url)) as visitor:
        assert visitor.post(sign, {**form, **people[0]}).status == 303
    measured(
        "the database server hangs while forms come in",
        f"{signers} forms from {CLIENTS} at once",
        remark=f"each came back with what was typed, the slowest in {slowest:.1f} s; {len(read)} readers were served",
    )


def timed(visitor: Visitor, path: str, fields: dict[str, str]) -> tuple[float, Answer, bool]:
    """How long the answer took, the answer, and whether it shows the address that was typed."""
    begun = time.monotonic()
    answer = visitor.post(path, fields)
    return time.monotonic() - begun, answer, fields["email"].encode() in answer.body


@contextmanager
def reading(url: str, path: str, seconds: list[float]) -> Iterator[None]:
    """Read the page again and again meanwhile; each has to be shown, and how long it took is noted."""
    done, statuses = threading.Event(), set[int]()

    def read() -> None:
        with closing(Visitor(url)) as visitor:
            while not done.wait(0.05):
                begun = time.monotonic()
                statuses.add(visitor.get(path).status)
                seconds.append(time.monotonic() - begun)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    assert statuses == {200}


@contextmanager
def stopped(server: Postgres) -> Iterator[None]:
    """Stop every process of the server at whatever it is doing, and let all go on afterwards."""
    postmaster = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
    family = [postmaster, *children(postmaster)]
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in family:
            os.kill(pid, signal.SIGCONT)


def children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=True)
    return list(map(int, listed.stdout.split()))
