"""A mail server that really speaks SMTP, keeps what it accepts, and fails when it is told to.

`python -m tests.parts.smtp --port 2525 --spool FOLDER` runs it as a process of its own.
"""

import argparse
import asyncio
import email
import email.policy
import os
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

ACCEPTED = "250 OK"


@dataclass(frozen=True)
class Accepted:
    """One message the server has answered for."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The message as parsed."""
        return email.message_from_bytes(self.content, policy=email.policy.default)


@dataclass
class Mood:
    """How the server answers; each can be changed at any time."""

    recipient: Callable[[str], str] = lambda _address: ACCEPTED
    """The reply to RCPT TO, such as "550 no such mailbox" or "451 try later"."""
    data: str = ACCEPTED
    """The reply to a whole message; only one that begins with 2 accepts it."""
    stall: float = 0.0
    """Seconds to wait before that reply."""
    drop: bool = False
    """Keep the message, then close the connection in place of the reply."""


@dataclass
class MailServer:
    """An SMTP server in a thread, on a free port of 127.0.0.1 unless told which."""

    mood: Mood = field(default_factory=Mood)
    port: int = 0
    login: tuple[str, str] | None = None
    tls: ssl.SSLContext | None = None
    """The certificate for smtps, as `tests.parts.certificate` makes it."""
    keep: Callable[[Accepted], None] | None = None
    accepted: list[Accepted] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.open: set[asyncio.Transport] = set()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """What UNDERSIGNED_SMTP_URL is set to."""
        user = ":".join(self.login) + "@" if self.login else ""
        return f"{'smtps' if self.tls else 'smtp'}://{user}127.0.0.1:{self.port}"

    def to(self, address: str) -> list[EmailMessage]:
        """Return the messages accepted for that recipient, oldest first."""
        return [mail.message for mail in tuple(self.accepted) if address in mail.recipients]

    def accept(self, mail: Accepted) -> None:
        """Answer for that message."""
        if self.keep:
            self.keep(mail)
        self.accepted.append(mail)

    def start(self) -> None:
        """Start the thread and listen."""
        self._thread.start()
        self.listen()

    def listen(self) -> None:
        """Listen, on the same port as before."""
        self._await(self._listen())

    def go_away(self) -> None:
        """Stop listening and close every connection without a word."""
        self._await(self._go_away())

    def stop(self) -> None:
        """End the server for good."""
        self.go_away()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    def _await(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self.loop).result(timeout=10)

    async def _listen(self) -> None:
        self._server = await self.loop.create_server(self._connection, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _go_away(self) -> None:
        if self._server:
            self._server.close()
        for transport in tuple(self.open):
            transport.abort()
        while self.open:
            await asyncio.sleep(0.01)

    def _connection(self) -> SMTP:
        return _Connection(self)


class _Connection(SMTP):
    """One connection, counted while it is open."""

    def __init__(self, server: MailServer) -> None:
        self._mail_server = server
        handler = _Handler(server)
        super().__init__(
            handler,
            hostname="mail.example",
            enable_SMTPUTF8=True,
            loop=server.loop,
            auth_require_tls=False,
            authenticator=handler.authenticate,
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._mail_server.connections += 1
        self._mail_server.open.add(transport)
        self._made = transport
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._mail_server.open.discard(self._made)


class _Handler:
    """What aiosmtpd asks at each command."""

    def __init__(self, server: MailServer) -> None:
        self._mail_server = server

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._mail_server.login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return ACCEPTED

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self._mail_server.mood.recipient(address)
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return reply

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        mood = self._mail_server.mood
        if mood.stall:
            await asyncio.sleep(mood.stall)
        if mood.data.startswith("2"):
            assert isinstance(envelope.content, bytes)
            self._mail_server.accept(Accepted(envelope.mail_from or "", tuple(envelope.rcpt_tos), envelope.content))
        if mood.drop:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return mood.data

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: object
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        right = (given.login.decode(), given.password.decode()) == self._mail_server.login
        return AuthResult(success=right, handled=False)


@contextmanager
def running_mail_server(
    *, login: tuple[str, str] | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[MailServer]:
    """Yield a started mail server."""
    server = MailServer(login=login, tls=tls)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def spool_into(folder: Path) -> Callable[[Accepted], None]:
    """Return what writes each message to a file that survives the server, whole or not at all."""

    def keep(mail: Accepted) -> None:
        number = len(list(folder.glob("*.eml")))
        part = folder / "part"
        with part.open("wb") as file:
            file.write(b"".join(f"X-Envelope-To: {address}\n".encode() for address in mail.recipients))
            file.write(mail.content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(folder / f"{number:06}.eml")

    return keep


def main() -> None:
    """Serve until ended; the first line of output is the port."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--spool", type=Path, required=True)
    parser.add_argument("--stall", type=float, default=0.0, help="seconds before each message is answered")
    given = parser.parse_args()
    server = MailServer(Mood(stall=given.stall), port=given.port, keep=spool_into(given.spool))
    server.start()
    print(server.port, flush=True)  # noqa: T201
    threading.Event().wait()


if __name__ == "__main__":
    main()
