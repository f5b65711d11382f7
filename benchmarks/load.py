"""A load generator on loopback: some kept connections, each sending its next request once the last is answered."""

import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

CONNECTIONS = 16
TIMEOUT = 30.0


class WrongAnswer(AssertionError):
    """An answer was not what every right one begins with."""


@dataclass(frozen=True)
class Result:
    """How many answers came in how many seconds, and how long each took."""

    answers: int
    seconds: float
    latencies: list[float] = field(repr=False)

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.answers / self.seconds

    def percentile(self, share: float) -> float:
        """Seconds that this share of the answers took at most."""
        return sorted(self.latencies)[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


def run(port: int, requests: Iterator[bytes], expect: bytes, seconds: float) -> Result:
    """Send requests for so long, or until there are none left; every answer must begin with `expect`."""
    selector = selectors.DefaultSelector()
    latencies: list[float] = []
    start = time.perf_counter()
    for _ in range(CONNECTIONS):
        connection = _Connection(socket.create_connection(("127.0.0.1", port), TIMEOUT))
        if connection.send_next(requests):
            selector.register(connection.socket, selectors.EVENT_READ, connection)
    while selector.get_map() and time.perf_counter() - start < seconds + TIMEOUT:
        for key, _events in selector.select(1.0):
            connection = key.data
            answer = connection.receive()
            if answer is None:
                continue
            if not answer.startswith(expect):
                raise WrongAnswer(answer[:300])
            latencies.append(time.perf_counter() - connection.sent)
            if time.perf_counter() - start > seconds or not connection.send_next(requests):
                selector.unregister(connection.socket)
                connection.socket.close()
    return Result(len(latencies), time.perf_counter() - start, latencies)


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
    received: bytearray = field(default_factory=bytearray)

    def send_next(self, requests: Iterator[bytes]) -> bool:
        request = next(requests, None)
        if request is None:
            return False
        self.received.clear()
        self.sent = time.perf_counter()
        self.socket.sendall(request)
        return True

    def receive(self) -> bytes | None:
        """The whole answer once it is there."""
        chunk = self.socket.recv(262_144)
        if not chunk:
            raise WrongAnswer("the server closed the connection")
        self.received += chunk
        head, found, body = bytes(self.received).partition(b"\r\n\r\n")
        if not found:
            return None
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        return bytes(self.received) if len(body) >= length else None
