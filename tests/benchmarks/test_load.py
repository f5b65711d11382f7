"""The load generators notice an answer that is wrong; otherwise their rates would say nothing."""

import json
import socket
import threading
from collections.abc import Iterator
from functools import partial
from itertools import repeat

import pytest

from benchmarks.load import Asked, WrongAnswer, percentile, run, run_paced
from benchmarks.mixing import SHARES, mixture
from benchmarks.turns import in_turns, middle
from benchmarks.wrk import Pages, check, read

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SAID = dict.fromkeys(("connect", "read", "write", "status", "timeout"), 0)


@pytest.fixture
def port() -> Iterator[int]:
    """A server that answers whatever it is sent."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_answer_all, args=(listening,), daemon=True).start()
        yield listening.getsockname()[1]


def test_every_request_is_answered_once(port: int) -> None:
    result = run(port, repeat(Asked(b"GET /", b"HTTP/1.1 200", "read"), 50), 5.0, connections=4)
    assert len(result.latencies["read"]) == result.answers == 50


def test_a_wrong_answer_ends_the_measurement(port: int) -> None:
    with pytest.raises(WrongAnswer):
        run(port, repeat(Asked(b"GET /", b"HTTP/1.1 303")), 5.0, connections=1)


def test_paced_requests_wait_for_their_moment(port: int) -> None:
    schedule = [(number / 100, Asked(b"GET /", b"HTTP/1.1 200", "read")) for number in range(10)]
    result = run_paced(port, schedule)
    assert result.answers == 10
    assert result.seconds >= 0.09


def test_pages_of_another_length_are_wrong() -> None:
    check(Pages(1000, 1.0, 100_000, 0, 0.0, 0.0), 100, 16)
    for size, failures in ((99_000, 0), (102_000, 0), (100_000, 1)):
        with pytest.raises(WrongAnswer):
            check(Pages(1000, 1.0, size, failures, 0.0, 0.0), 100, 16)


def test_a_report_of_wrk_is_read_in_seconds() -> None:
    said = {"requests": 10, "duration": 2_000_000, "bytes": 50, "p50": 1000.0, "p99": 5000.0, **SAID}
    pages = read(f"Running 2s test\nmeasured {json.dumps(said)}\n")
    assert (pages.rate, pages.p50, pages.p99) == (5.0, 0.001, 0.005)
    with pytest.raises(WrongAnswer):
        read("unable to connect")


def test_a_percentile_needs_values() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    with pytest.raises(ValueError, match="nothing was measured"):
        percentile([], 0.5)


def test_everybody_begins_a_round_in_turn() -> None:
    order: list[str] = []

    def work(name: str, number: int) -> int:
        order.append(name)
        return number

    seen = in_turns(3, {name: partial(work, name) for name in "ab"})
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert seen == {"a": [0, 1, 2], "b": [0, 1, 2]}
    assert middle(seen["a"], float) == 1.0


def test_a_mixture_has_its_shares_and_is_the_same_again() -> None:
    kinds = mixture(1, 20_000)
    assert kinds == mixture(1, 20_000)
    assert {kind: round(100 * kinds.count(kind) / 20_000) for kind in SHARES} == SHARES


def _answer_all(listening: socket.socket) -> None:
    while True:
        try:
            connection, _from = listening.accept()
        except OSError:
            return
        threading.Thread(target=_answer_each, args=(connection,), daemon=True).start()


def _answer_each(connection: socket.socket) -> None:
    with connection:
        while connection.recv(4096):
            connection.sendall(ANSWER)
