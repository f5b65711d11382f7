"""One mail over an SMTP connection (RFC 5321); its commands go together where the server takes them so (RFC 2920)."""

from __future__ import annotations

import re
import smtplib
from dataclasses import dataclass

TAKEN, GO_ON = 250, 354
_LINE_BREAKS = re.compile(r"[\r\n]")
_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True)
class Envelope:
    """From whom and to whom."""

    sender: str
    to: str

    @property
    def is_international(self) -> bool:
        """Whether only a server with SMTPUTF8 (RFC 6531) takes it."""
        return not (self.to.isascii() and self.sender.isascii())


def ask(connection: smtplib.SMTP, envelope: Envelope) -> None:
    """Let the server wait for a mail's content, of which it has seen nothing yet.

    Raises `SMTPNotSupportedError`, `SMTPSenderRefused`, `SMTPRecipientsRefused`, `SMTPDataError`,
    `SMTPServerDisconnected` or `OSError`.
    """
    commands = _commands(connection, envelope)
    sender, recipient, data = _answers(connection, commands)
    if sender[0] != TAKEN:
        raise smtplib.SMTPSenderRefused(*sender, envelope.sender)
    if recipient[0] not in (TAKEN, 251):
        _leave(connection, data)
        raise smtplib.SMTPRecipientsRefused({envelope.to: recipient})
    if data[0] != GO_ON:
        raise smtplib.SMTPDataError(*data)


def give(connection: smtplib.SMTP, content: bytes) -> None:
    """Hand over the content that the server waits for; its lines end with CRLF. Raises as `ask` does."""
    connection.send(_DOT.sub(b"..", content) + b".\r\n")
    answer = connection.getreply()
    if answer[0] != TAKEN:
        raise smtplib.SMTPDataError(*answer)


def _commands(connection: smtplib.SMTP, envelope: Envelope) -> list[bytes]:
    options = ""
    if envelope.is_international:
        if not connection.has_extn("smtputf8"):
            raise smtplib.SMTPNotSupportedError("The server takes no address of this kind.")
        options = " SMTPUTF8 BODY=8BITMIME"
    lines = f"MAIL FROM:<{envelope.sender}>{options}", f"RCPT TO:<{envelope.to}>", "DATA"
    if any(_LINE_BREAKS.search(line) for line in lines):
        raise ValueError("An address holds a line break.")
    return [line.encode() + b"\r\n" for line in lines]


def _answers(connection: smtplib.SMTP, commands: list[bytes]) -> list[tuple[int, bytes]]:
    """What the server says to each command; one that was not sent, after a refusal, gets the same answer."""
    if connection.has_extn("pipelining"):
        connection.send(b"".join(commands))
        return [connection.getreply() for _command in commands]
    answers: list[tuple[int, bytes]] = []
    for command in commands:
        if not answers or answers[-1][0] in (TAKEN, 251):
            connection.send(command)
            answers.append(connection.getreply())
        else:
            answers.append(answers[-1])
    return answers


def _leave(connection: smtplib.SMTP, data: tuple[int, bytes]) -> None:
    """End at once the content that a server waits for although it has refused the recipient (RFC 2920, section 3.1)."""
    if data[0] == GO_ON:
        connection.send(b".\r\n")
        connection.getreply()
