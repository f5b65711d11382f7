"""Asking over HTTP: whoever is away, slow, or talks without end costs a bounded time."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from letters.organising.cosigning.posting import LONGEST_ANSWER, Reply, WitnessAway, post
from letters.organising.cosigning.witnesses import Address
from tests.letters.organising.cosigning.conftest import always, office
from tests.parts.certificate import make_certificate
from tests.parts.server import free_port
from verification.ledger.witness import TEXT, Answer

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


def address(port: int, *, secure: bool = False) -> Address:
    return Address(secure, "127.0.0.1", port, "/add-checkpoint")


@contextmanager
def talking(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server for one connection that says what it likes; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _address = listening.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                talk(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def test_an_answer_comes_back() -> None:
    with office(lambda body: Answer(409, "text/x.tlog.size", body)) as there:
        port = int(there.url.rpartition(":")[2])
        assert post(address(port), b"old 0\n") == Reply(409, "text/x.tlog.size", b"old 0\n")


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with office(always(Answer(307, TEXT, b""))) as there:
        assert post(address(int(there.url.rpartition(":")[2])), b"old 0\n").status == 307
        assert len(there.bodies) == 1


def test_only_so_much_is_read() -> None:
    with office(always(Answer(200, TEXT, b"x" * 10_000_000))) as there:
        reply = post(address(int(there.url.rpartition(":")[2])), b"old 0\n")
        assert len(reply.body) == LONGEST_ANSWER + 1


def test_nobody_there_is_away() -> None:
    with pytest.raises(WitnessAway, match="ConnectionRefused"):
        post(address(free_port()), b"old 0\n")


def test_silence_is_away() -> None:
    with talking(lambda _connection: time.sleep(1.0)) as port, pytest.raises(WitnessAway, match="Timeout"):
        post(address(port), b"old 0\n", patience=0.2)


def drip(connection: socket.socket, start: bytes) -> None:
    connection.sendall(start)
    until = time.monotonic() + 5
    while time.monotonic() < until:
        connection.sendall(b"x")
        time.sleep(0.05)


@pytest.mark.parametrize(
    "start",
    [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", HEAD + b"Content-Length: 9999\r\n\r\n", HEAD + b"Connection: close\r\n\r\n"],
)
def test_a_byte_every_now_and_then_is_cut_off(start: bytes) -> None:
    begun = time.monotonic()
    with talking(lambda connection: drip(connection, start)) as port, suppress(WitnessAway):
        reply = post(address(port), b"old 0\n", patience=2, deadline=0.5)
        assert reply.body.strip(b"x") == b""
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    "talk", [b"", b"220 mail.example.org ESMTP\r\n", b"HTTP/1.1 nonsense\r\n\r\n", HEAD + b"a" * 99_999]
)
def test_what_is_no_http_is_away(talk: bytes) -> None:
    with talking(lambda connection: connection.sendall(talk)) as port, pytest.raises(WitnessAway):
        post(address(port), b"old 0\n")


def test_a_certificate_that_nobody_vouches_for_is_away(tmp_path: Path) -> None:
    context, _trusted = make_certificate(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _address = listening.accept()
            with connection, suppress(OSError):
                context.wrap_socket(connection, server_side=True).close()

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(WitnessAway, match="SSLCertVerificationError"):
            post(address(listening.getsockname()[1], secure=True), b"old 0\n")
        thread.join()
