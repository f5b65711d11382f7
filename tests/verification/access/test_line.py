"""Redis goes, hangs, is full, wants another password, comes back: whoever counts never fails and hardly waits."""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from tests.parts.redis import RedisServer, running_redis
from tests.verification.access.sharing import Member
from verification.access.line import AGAIN, PATIENCE, Away, Line
from verification.access.throttling import FREE, Throttle

HOME = "198.51.100.77"
SOON = PATIENCE + 0.15
"""Seconds that whoever meets a silent Redis may take, on a busy machine."""


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """A server to hurt."""
    with running_redis() as server:
        yield server


@pytest.fixture
def member(server: RedisServer) -> Iterator[Member]:
    member = Member(server.url)
    yield member
    member.close()


def excesses(member: Member, times: int) -> list[int]:
    throttle = Throttle(member.counts)
    return [throttle.excess(HOME) for _ in range(times)]


def seconds(do: Callable[[], object]) -> float:
    begun = time.monotonic()
    do()
    return time.monotonic() - begun


def test_a_killed_redis_is_done_without_and_taken_up_again(server: RedisServer, member: Member) -> None:
    excesses(member, 40)
    server.kill()
    assert excesses(member, FREE.amount + 2) == [0] * FREE.amount + [1, 2]
    server.start()
    assert excesses(member, 1) == [3]
    member.ticks.seconds += AGAIN
    assert excesses(member, FREE.amount + 1) == [0] * FREE.amount + [1]
    assert member.told == ["ConnectionError", None]


def test_a_redis_restarted_between_two_questions_is_not_even_missed(server: RedisServer, member: Member) -> None:
    excesses(member, 40)
    server.kill()
    server.start()
    assert excesses(member, FREE.amount + 1) == [0] * FREE.amount + [1]
    assert member.told == []


def test_a_redis_that_hangs_is_waited_for_once(server: RedisServer, member: Member) -> None:
    excesses(member, FREE.amount)
    with server.hanging():
        assert seconds(lambda: excesses(member, 1)) < SOON
        assert seconds(lambda: excesses(member, 50)) < PATIENCE
        member.ticks.seconds += AGAIN
        assert seconds(lambda: excesses(member, 5)) < SOON
        assert member.told == ["TimeoutError"]
    member.ticks.seconds += AGAIN
    assert excesses(member, 1)[0] >= 1
    assert member.told == ["TimeoutError", None]


def test_while_one_tries_again_nobody_else_waits(server: RedisServer, member: Member) -> None:
    def try_again() -> None:
        with suppress(Away):
            member.line.ask("PING")

    with server.hanging():
        excesses(member, 1)
        member.ticks.seconds += AGAIN
        thread = threading.Thread(target=try_again)
        thread.start()
        time.sleep(PATIENCE / 4)
        assert seconds(lambda: excesses(member, 20)) < PATIENCE / 2
        thread.join()


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        (("--maxmemory", "1"), "OutOfMemoryError"),
        (("--requirepass", "another"), "AuthenticationError"),
        (("--replicaof", "127.0.0.1", "1"), "ReadOnlyError"),
    ],
)
def test_a_redis_that_refuses_is_done_without(server: RedisServer, option: tuple[str, ...], reason: str) -> None:
    server.kill()
    server.start(*option)
    member = Member(server.url)
    assert excesses(member, FREE.amount + 1) == [0] * FREE.amount + [1]
    member.pace.count(1)
    assert member.pace.bursting() == []
    assert member.told == [reason]
    member.close()


@pytest.mark.parametrize("words", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"$999999999\r\nx", b"*2\r\n:1\r\n"])
def test_something_else_at_the_address_is_done_without(words: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        threading.Thread(target=answer_with, args=(other, words), daemon=True).start()
        member = Member(f"redis://127.0.0.1:{other.getsockname()[1]}")
        assert seconds(lambda: excesses(member, 3)) < 2 * SOON
        assert len(member.told) == 1
        member.close()


def answer_with(server: socket.socket, words: bytes) -> None:
    with server.accept()[0] as connection:
        connection.sendall(words)
        time.sleep(1)


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1", "redis://no-such-host.invalid", f"redis://{'x' * 70}.example"])
def test_an_address_where_nobody_is_is_done_without(url: str) -> None:
    member = Member(url)
    assert excesses(member, FREE.amount + 1) == [0] * FREE.amount + [1]
    assert len(member.told) == 1


def test_an_address_that_is_none_is_said_at_once() -> None:
    with pytest.raises(Away):
        Line("redis://host:port", print)


def test_what_failed_is_told_without_what_was_asked(
    server: RedisServer, member: Member, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Away) as failed:
        member.line.ask("NOSUCH", "vera@example.org")
    assert member.told == ["ResponseError"]
    assert "vera" not in f"{failed.value!r} {failed.value.__cause__!r} {failed.value.reason} {caplog.text}"
