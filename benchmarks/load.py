"""A load generator on loopback: some kept connections, each sending its next request once the last is answered."""

from __future__ import annotations

import http.client
import selectors
import socket
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

CONNECTIONS = 16
TIMEOUT = 30.0
MOST_AT_ONCE = 1_000
"""Requests without an answer from which on a paced load is given up."""
KEPT = 20.0
"""Seconds for which an idle connection is used again."""
SEEN = b"HTTP/1.1 303"
"""How the answer to a form that was taken begins."""


class WrongAnswer(AssertionError):
    """An answer was not what every right one begins with."""


@dataclass(frozen=True)
class Asked:
    """One request, how its right answer begins, and what it is called in a mixture."""

    request: bytes
    expect: bytes
    kind: str = ""


@dataclass(frozen=True)
class Result:
    """How many answers came in how many seconds, and how long each took, by its kind."""

    seconds: float
    latencies: dict[str, list[float]] = field(repr=False)

    @property
    def answers(self) -> int:
        return sum(map(len, self.latencies.values()))

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.answers / self.seconds

    def percentile(self, share: float, kind: str | None = None) -> float:
        """Seconds that this share of the answers took at most."""
        kinds = self.latencies.values() if kind is None else [self.latencies[kind]]
        return percentile([latency for latencies in kinds for latency in latencies], share)


def percentile(values: Iterable[float], share: float) -> float:
    """The value that this share of them reach at most. Raises `ValueError` when there are none."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("No values, so no percentile: nothing was measured.")
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def run(port: int, requests: Iterator[Asked], seconds: float, connections: int = CONNECTIONS) -> Result:
    """Send requests for so long, or until there are none left; every answer must begin as its request says."""
    latencies: dict[str, list[float]] = {}
    with _waiting() as waiting:
        start = time.perf_counter()
        for _ in range(connections):
            _send(waiting, _Connection.to(port), requests)
        while waiting.get_map():
            if time.perf_counter() - start > seconds + TIMEOUT:
                raise WrongAnswer(f"{len(waiting.get_map())} requests had no answer within {TIMEOUT:.0f} s")
            for connection in _answered(waiting, latencies, 1.0):
                more = time.perf_counter() - start <= seconds
                _send(waiting, connection, requests if more else iter(()))
        return Result(time.perf_counter() - start, latencies)


def run_paced(port: int, schedule: Iterable[tuple[float, Asked]]) -> Result:
    """Send each request at its moment, in seconds from the start, whatever became of those before; over as many
    connections as that takes. Latencies count from that moment."""
    latencies: dict[str, list[float]] = {}
    idle, coming = list[_Connection](), deque(schedule)
    with _waiting() as waiting:
        start = time.perf_counter()
        while coming or waiting.get_map():
            now = time.perf_counter() - start
            if len(waiting.get_map()) > MOST_AT_ONCE:
                raise WrongAnswer(f"{MOST_AT_ONCE} requests wait for an answer: this machine cannot take that load now")
            while coming and coming[0][0] <= now:
                due, asked = coming.popleft()
                connection = _kept(idle, start + now) or _Connection.to(port)
                _send(waiting, connection, iter((asked,)))
                connection.sent = start + due
            patience = max(0.0, coming[0][0] - (time.perf_counter() - start)) if coming else 1.0
            for connection in _answered(waiting, latencies, patience):
                waiting.unregister(connection.socket)
                if connection.ending:
                    connection.socket.close()
                else:
                    idle.append(connection)
        for connection in idle:
            connection.socket.close()
        return Result(time.perf_counter() - start, latencies)


@contextmanager
def _waiting() -> Iterator[selectors.BaseSelector]:
    """The connections that wait for an answer; none is left open at the end."""
    with selectors.DefaultSelector() as selector:
        try:
            yield selector
        finally:
            for key in list(selector.get_map().values()):
                key.data.socket.close()


def _answered(
    waiting: selectors.BaseSelector, latencies: dict[str, list[float]], patience: float
) -> Iterator[_Connection]:
    """Those whose whole answer has come, and note how long it took."""
    for key, _events in waiting.select(patience):
        connection: _Connection = key.data
        if connection.receive():
            latencies.setdefault(connection.asked.kind, []).append(time.perf_counter() - connection.sent)
            yield connection


def _send(waiting: selectors.BaseSelector, connection: _Connection, requests: Iterator[Asked]) -> None:
    """Send the next request, or close the connection when there is none."""
    known = connection.socket in waiting.get_map()
    if connection.send_next(requests):
        if not known:
            waiting.register(connection.socket, selectors.EVENT_READ, connection)
        return
    if known:
        waiting.unregister(connection.socket)
    connection.socket.close()


def _kept(idle: list[_Connection], now: float) -> _Connection | None:
    """A connection that was used not long ago; older ones are closed, before the server does."""
    while idle:
        connection = idle.pop()
        if now - connection.sent < KEPT:
            return connection
        connection.socket.close()
    return None


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def ask(port: int, path: str, **headers: str) -> Answer:
    """Ask for a path once, in English."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)) as connection:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers={"Accept-Language": "en", **sent})
        answer = connection.getresponse()
        return Answer(answer.status, answer.getheaders(), answer.read())


def get(path: str) -> bytes:
    """A GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: en\r\n\r\n".encode()


def post(path: str, body: bytes, network: int = 0) -> bytes:
    """A POST request with a form; by its header it comes from the IPv6 network of that number, a /48 of its own."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: en\r\n"
        f"X-Forwarded-For: 2001:{network >> 16:x}:{network & 0xFFFF:x}::1\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass
class _Connection:
    socket: socket.socket
    sent: float = 0.0
    asked: Asked = field(default_factory=lambda: Asked(b"", b""))
    received: bytearray = field(default_factory=bytearray)

    @classmethod
    def to(cls, port: int) -> _Connection:
        return cls(socket.create_connection(("127.0.0.1", port), TIMEOUT))

    @property
    def ending(self) -> bool:
        """Whether the server says that this was the last answer."""
        return b"\r\nconnection: close" in self.received[:2000].lower()

    def send_next(self, requests: Iterator[Asked]) -> bool:
        asked = next(requests, None)
        if asked is None:
            return False
        self.received.clear()
        self.asked, self.sent = asked, time.perf_counter()
        self.socket.sendall(asked.request)
        return True

    def receive(self) -> bool:
        """Whether the whole answer is there. Raises `WrongAnswer`."""
        chunk = self.socket.recv(262_144)
        if not chunk:
            raise WrongAnswer("the server closed the connection")
        self.received += chunk
        head, found, body = bytes(self.received).partition(b"\r\n\r\n")
        if not found:
            return False
        if not head.startswith(self.asked.expect):
            raise WrongAnswer(bytes(self.received[:300]))
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        return len(body) >= length
