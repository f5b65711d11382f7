"""Redis is killed, brought back and made to hang while people sign: nobody sees an error, and nobody waits long."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count

import pytest

from tests.faults.crowd import confirm_everybody, pending_forms
from tests.faults.measured import Measure
from tests.faults.processes import Visitor, Web, await_that, form_of, person
from tests.parts.campaign import Campaign
from tests.parts.redis import RedisServer, running_redis
from verification.access.line import AGAIN
from verification.access.throttling import FREE

pytestmark = pytest.mark.parametrize("database", ["postgresql"])

SIGNERS, PAUSE, BETWEEN = 8, 0.02, 12
LONG = 5.0
"""Seconds that no form may take, however busy the machine; a Redis that hangs is waited for 0.2."""


class Networks:
    """People from many networks who sign one after the other, and how each was answered and how long that took."""

    def __init__(self, url: str, slug: str) -> None:
        self._url, self._path, self._form = url, f"/letters/{slug}/sign", form_of(url, slug)
        self._numbers, self._enough = count(), threading.Event()
        self.acknowledged: list[str] = []
        self.answers: Counter[int] = Counter()
        self.slowest = 0.0

    def sign(self, network: int) -> int:
        """Send a form for somebody new from this network; returns the status."""
        who, begun = person(next(self._numbers)), time.monotonic()
        headers = {"X-Forwarded-For": f"11.{network >> 8}.{network & 255}.1"}
        with closing(Visitor(self._url, headers)) as visitor:
            status = visitor.post(self._path, {**self._form, **who, "updates": "1"}).status
        self.slowest = max(self.slowest, time.monotonic() - begun)
        self.answers[status] += 1
        if status == 303:
            self.acknowledged.append(who["email"])
        return status

    @contextmanager
    def signing(self) -> Iterator[None]:
        """Let them sign meanwhile, a few from each network."""

        def work(signer: int) -> None:
            for number in count():
                if self._enough.wait(PAUSE):
                    return
                self.sign(signer + SIGNERS * (number // 20))

        with ThreadPoolExecutor(SIGNERS) as pool:
            done = [pool.submit(work, signer) for signer in range(SIGNERS)]
            try:
                yield
            finally:
                self._enough.set()
        for signer in done:
            signer.result()

    def await_more(self) -> None:
        """Return once some more forms were acknowledged."""
        wanted = len(self.acknowledged) + BETWEEN
        await_that(lambda: len(self.acknowledged) >= wanted, 30, lambda: f"the answers stopped: {self.answers}")


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture
def environment(environment: dict[str, str], redis: RedisServer) -> dict[str, str]:
    """An installation of two web processes that count together, behind one proxy."""
    together = {"UNDERSIGNED_THROTTLE": "on", "UNDERSIGNED_REDIS_URL": redis.url, "UNDERSIGNED_TRUSTED_PROXIES": "1"}
    return {**environment, **together}


def test_without_redis_signing_goes_on_and_with_it_again_the_processes_count_together(
    campaign: Campaign,
    redis: RedisServer,
    web: Web,
    repetitions: Callable[[int, int], int],
    measured: Measure,
) -> None:
    faults = repetitions(2, 20)
    web.start()
    people = Networks(web.url, campaign.slug)
    with people.signing():
        for number in range(faults):
            people.await_more()
            hurt(redis, people, hang=number % 2 == 1)
        people.await_more()
    assert set(people.answers) == {303}, web.log.read_text()
    assert people.slowest < LONG

    time.sleep(AGAIN)
    assert [people.sign(60_000) for _ in range(FREE.amount + 2)] == [303] * FREE.amount + [429] * 2
    log = web.log.read_text()
    assert "redis is away" in log
    assert "redis is back" in log
    assert "request failed" not in log
    assert "11.0." not in log

    stored = pending_forms(campaign.runtime)
    mailed, total = confirm_everybody(campaign)
    lost = set(people.acknowledged) - mailed
    assert (lost, len(mailed), total) == (set(), stored, stored)
    measured(
        "Redis killed, or made to hang, and brought back while forms come in",
        f"{faults} times, {len(people.acknowledged)} acknowledged forms",
        lost=len(lost),
        counted_twice=total - stored,
        remark=f"every form was answered with 303, the slowest after {people.slowest:.1f} s; "
        "afterwards two processes let a network sign as often as one would",
    )


def hurt(redis: RedisServer, people: Networks, *, hang: bool) -> None:
    """Let it hang, or be gone and start again empty, while people sign."""
    if hang:
        with redis.hanging():
            people.await_more()
    else:
        redis.kill()
        people.await_more()
        redis.start()
