"""A mail server that only takes mail in, as fast as Python can: a process for each connection, nothing parsed.

What a connection brought is written down when it ends, each mail as it came and then a line with a dot (RFC 5321).
"""

import multiprocessing
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HELLO = b"250-sink.example\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 PIPELINING\r\n"
END = b"\r\n.\r\n"


@contextmanager
def mail_sink(folder: Path) -> Iterator[int]:
    """Yield the port of a running sink that writes into the folder."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        process = multiprocessing.get_context("fork").Process(target=_listen, args=(listening, folder))
        process.start()
        try:
            yield listening.getsockname()[1]
        finally:
            process.terminate()
            process.join()


def received(folder: Path) -> list[bytes]:
    """Every mail that came over a connection that has ended; the files are taken away."""
    mails = []
    for file in sorted(folder.iterdir()):
        mails += [mail + b"\r\n" for mail in file.read_bytes().split(END)[:-1]]
        file.unlink()
    return mails


def _listen(listening: socket.socket, folder: Path) -> None:
    number = 0
    while True:
        connection, _from = listening.accept()
        number += 1
        if not os.fork():
            listening.close()
            kept = _take(connection)
            if kept:
                (folder / f"{number:06}").write_bytes(kept)
            connection.close()
            os._exit(0)
        connection.close()
        _bury()


def _bury() -> None:
    """Let the processes go whose connections have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _take(connection: socket.socket) -> bytes:
    """Answer every command with yes until the client takes its leave or hangs up."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(b"220 sink.example\r\n")
    waiting, kept = b"", []
    while piece := connection.recv(1 << 16):
        answers: list[bytes] = []
        commands, waiting = _lines(waiting + piece)
        while commands:
            command = commands.pop(0)
            if command[:4].upper() == b"DATA":
                connection.sendall(b"".join([*answers, b"354 go on\r\n"]))
                mail, rest = _mail(connection, b"".join([*commands, waiting]))
                kept.append(mail)
                answers, (commands, waiting) = [b"250 taken\r\n"], _lines(rest)
            elif command[:4].upper() == b"QUIT":
                break
            else:
                answers.append(HELLO if command[:4].upper() == b"EHLO" else b"250 yes\r\n")
        if answers:
            connection.sendall(b"".join(answers))
        if commands or command[:4].upper() == b"QUIT":
            break
    return b"".join(kept)


def _lines(text: bytes) -> tuple[list[bytes], bytes]:
    """Whole lines, and the beginning of the next."""
    *lines, rest = text.splitlines(keepends=True) or [b""]
    return ([*lines, rest], b"") if rest.endswith(b"\n") else (lines, rest)


def _mail(connection: socket.socket, text: bytes) -> tuple[bytes, bytes]:
    """One mail with its end, and what came after it."""
    while END not in text:
        piece = connection.recv(1 << 16)
        if not piece:
            return b"", b""
        text += piece
    mail, _end, rest = text.partition(END)
    return mail + END, rest
