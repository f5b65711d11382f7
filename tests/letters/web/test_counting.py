"""With a Redis all processes count together, without one each for itself; its loss cannot stop the service."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import click
import pytest
from structlog.testing import capture_logs

from letters.commands.server import start_ready
from letters.runtime import Runtime
from letters.signing.sending import make_caps
from letters.web.counting import redis_answers
from letters.web.precautions import Precautions
from tests.parts.redis import RedisServer, running_redis
from verification.access.door import Knock, SlowDown
from verification.access.mail_caps import PER_ADDRESS, HasEnough
from verification.access.throttling import FREE
from verification.identity.addresses import parse_address

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

KNOCK = Knock("198.51.100.1", "a-letter", "", "")
NOWHERE = "redis://127.0.0.1:1"
NOT_EVEN_AN_ADDRESS = "redis://host:port"


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


def counting_in(runtime: Runtime, url: str) -> Runtime:
    return replace(runtime, settings=replace(runtime.settings, throttle=True, redis_url=url))


def test_with_redis_two_web_processes_share_a_limit(runtime: Runtime, server: RedisServer) -> None:
    first, second = (Precautions.of(counting_in(runtime, server.url)) for _ in range(2))
    for _ in range(FREE.amount // 2):
        assert first.door.admit(KNOCK) is second.door.admit(KNOCK) is None
    for precautions in (first, second):
        with pytest.raises(SlowDown):
            precautions.door.admit(KNOCK)


def test_with_redis_two_workers_share_a_cap(runtime: Runtime, server: RedisServer) -> None:
    first, second = (make_caps(counting_in(runtime, server.url)) for _ in range(2))
    address = parse_address("vera@example.org")
    for _ in range(PER_ADDRESS.amount):
        first.count(address)
    with pytest.raises(HasEnough):
        second.check(address)


@pytest.mark.parametrize("url", [NOWHERE, NOT_EVEN_AN_ADDRESS])
def test_a_redis_that_is_not_there_changes_nothing_but_a_line_of_the_log(
    runtime: Runtime, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    precautions = Precautions.of(counting_in(runtime, url))
    assert [precautions.door.admit(KNOCK) for _ in range(FREE.amount)] == [None] * FREE.amount
    with pytest.raises(SlowDown):
        precautions.door.admit(KNOCK)
    told = capsys.readouterr()
    assert (told.out + told.err).count("each process counts for itself") == 1
    assert "198.51" not in told.out + told.err


def test_the_log_says_once_that_redis_went_and_once_that_it_is_back(
    runtime: Runtime, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verification.access.line.AGAIN", 0.0)
    precautions = Precautions.of(counting_in(runtime, server.url))
    with capture_logs() as lines:
        precautions.door.admit(KNOCK)
        server.kill()
        for _ in range(3):
            precautions.door.admit(KNOCK)
        server.start()
        for _ in range(3):
            precautions.door.admit(KNOCK)
    assert lines == [
        {
            "log_level": "warning",
            "event": "redis is away, each process counts for itself",
            "error": "ConnectionError",
        },
        {"log_level": "info", "event": "redis is back, processes count together"},
    ]


@pytest.mark.parametrize("url", [NOWHERE, NOT_EVEN_AN_ADDRESS])
def test_starting_without_the_redis_that_is_named_says_so_and_goes_on(
    environment: dict[str, str],
    runtime: Runtime,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    url: str,
) -> None:
    settings = {**environment, "UNDERSIGNED_THROTTLE": "on", "UNDERSIGNED_REDIS_URL": url}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with click.Context(click.Command("serve")):
        start_ready()
    assert capsys.readouterr().err == (
        "Redis does not answer at UNDERSIGNED_REDIS_URL: until it does, every process counts for itself.\n"
    )


def test_a_redis_that_answers_or_is_not_wanted_is_no_line_worth(runtime: Runtime, server: RedisServer) -> None:
    assert redis_answers(runtime)
    assert redis_answers(counting_in(runtime, server.url))
    off = counting_in(runtime, NOWHERE)
    assert redis_answers(replace(off, settings=replace(off.settings, throttle=False)))
    server.kill()
    assert not redis_answers(counting_in(runtime, server.url))


LOADED = """
import sys
from letters.runtime import Runtime
from letters.settings import Settings
from letters.web.precautions import Precautions
Precautions.of(Runtime.start(Settings.read({}))).door
print("redis" in sys.modules)
"""


def test_without_redis_nobody_carries_its_module(database: str) -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
