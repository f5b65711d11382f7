"""One answer as it comes over the wire, head and body."""

from __future__ import annotations

import socket
import ssl
from contextlib import ExitStack

from benchmarks.load import TIMEOUT, WrongAnswer


def whole_answer(port: int, path: str, host: str = "127.0.0.1", *, tls: bool = False, **headers: str) -> bytes:
    """Every byte of one answer that says its length, asked for in English. Raises `WrongAnswer`."""
    sent = {"Host": host, "Accept-Language": "en", **{name.replace("_", "-"): value for name, value in headers.items()}}
    request = f"GET {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in sent.items()) + "\r\n"
    with ExitStack() as stack:
        connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), TIMEOUT))
        if tls:
            connection = stack.enter_context(_context().wrap_socket(connection, server_hostname=host))
        connection.sendall(request.encode())
        return _until_whole(connection)


def _until_whole(connection: socket.socket) -> bytes:
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
        top, found, body = received.partition(b"\r\n\r\n")
        length = top.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if found and not (top.startswith(b"HTTP/1.1 200") and length):
            break
        if found and len(body) >= int(length):
            return received
    raise WrongAnswer(received[:300])


def _context() -> ssl.SSLContext:
    """A client that takes any certificate: it is the test's own."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
