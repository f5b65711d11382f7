"""One POST to a witness, with limits on everything that comes back. Redirects are answers like any other."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer

from letters.organising.cosigning.witnesses import Address
from verification.errors import Refusal

PATIENCE = 5.0
"""Seconds for a connection, and then for each piece of an answer."""

DEADLINE = 10.0
"""Seconds for a whole answer, however many pieces it comes in."""

LONGEST_ANSWER = 16 * 1024
"""Bytes in the longest answer that is read: room for the signatures of many keys."""


class WitnessAway(Refusal):
    """A witness cannot be reached, or did not answer in time."""


@dataclass(frozen=True)
class Reply:
    """An answer as it came, cut after one byte too many."""

    status: int
    content_type: str
    body: bytes


def post(address: Address, body: bytes, *, patience: float = PATIENCE, deadline: float = DEADLINE) -> Reply:
    """Send a request and return the answer to it. Raises `WitnessAway`."""
    make = HTTPSConnection if address.secure else HTTPConnection
    connection = make(address.host, address.port, timeout=patience)
    try:
        connection.connect()
        with _cut_after(deadline, connection.sock):
            connection.request("POST", address.path, body, {"Content-Type": "text/plain; charset=utf-8"})
            response = connection.getresponse()
            data = response.read(LONGEST_ANSWER + 1)
            return Reply(response.status, response.headers.get("Content-Type", ""), data)
    except (OSError, HTTPException, ValueError) as error:
        raise WitnessAway(f"No answer: {type(error).__name__}.") from None
    finally:
        connection.close()


@contextmanager
def _cut_after(seconds: float, connected: socket.socket) -> Iterator[None]:
    """Close a connection under whoever still reads it then: a byte every now and then would keep it for ever."""
    timer = Timer(seconds, _cut, [connected])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(connected: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(connected, socket.SHUT_RDWR)  # the connection below TLS, which is in use elsewhere
