"""Handing a mail over: to a mail server over one kept connection, or, in the demo, to a folder."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, EmailPolicy
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from verification.errors import Refusal

PATIENCE = 20.0
"""Seconds to wait for a mail server's answer."""


@dataclass(frozen=True)
class Mail:
    """A plain-text mail. `message_id` is fixed for all attempts, so that a mailbox can tell a repeated one; `headers`
    are further ones, each a name and a value."""

    to: str
    subject: str
    body: str
    message_id: str
    date: datetime
    headers: tuple[tuple[str, str], ...] = ()


class MailPostponed(Refusal):
    """The mail server cannot take the mail now; try again later."""


class MailRefused(Refusal):
    """The mail server will never take a mail for this recipient.

    `policy` says that it refuses by a rule or ability of its own (RFC 3463, 5.7.x), so the mailbox may well be there.
    """

    def __init__(self, reason: str, *, policy: bool = False) -> None:
        super().__init__(reason)
        self.policy = policy


class BadMailServer(Refusal):
    """The setting names no mail server."""


class Transport(Protocol):
    """Where mail goes."""

    def send(self, mail: Mail) -> None:
        """Returns once the mail is taken. Raises `MailPostponed` or `MailRefused`, whose words name no person."""

    def close(self) -> None:
        """Say goodbye to the server."""


class SmtpTransport:
    """One connection to `smtp://[user:password@]host:port` (STARTTLS where offered) or `smtps://…`, kept and mended."""

    def __init__(self, url: str, sender: str, patience: float = PATIENCE) -> None:
        self._parts, self._sender, self._patience = _split(url), sender, patience
        self._connection: smtplib.SMTP | None = None

    def send(self, mail: Mail) -> None:
        try:
            if self._connection is None or not self._answers():
                self.close()
                self._connection = self._connect()
            self._connection.send_message(_message(mail, self._sender), to_addrs=[mail.to])
        except smtplib.SMTPRecipientsRefused as error:
            self._reset()
            raise _refusal(*max(error.recipients.values())) from None
        except smtplib.SMTPNotSupportedError:
            raise MailRefused("the mail server takes no address of this kind", policy=True) from None
        except smtplib.SMTPResponseException as error:
            self.close()
            raise MailPostponed(f"{type(error).__name__} {error.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise MailPostponed(type(error).__name__) from None

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.quit()
            except (smtplib.SMTPException, OSError):
                connection.close()

    def _answers(self) -> bool:
        """Whether the kept connection is still good: servers close those that were idle for a while."""
        try:
            return self._connection is not None and self._connection.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def _reset(self) -> None:
        try:
            if self._connection is not None:
                self._connection.rset()
        except (smtplib.SMTPException, OSError):
            self.close()

    def _connect(self) -> smtplib.SMTP:
        host, port = self._parts.hostname or "", self._parts.port
        context = ssl.create_default_context()
        if self._parts.scheme == "smtps":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port or 465, timeout=self._patience, context=context)
        else:
            connection = smtplib.SMTP(host, port or 25, timeout=self._patience)
        try:
            self._introduce(connection, context)
        except BaseException:
            connection.close()
            raise
        return connection

    def _introduce(self, connection: smtplib.SMTP, context: ssl.SSLContext) -> None:
        connection.ehlo()
        if self._parts.scheme == "smtp" and connection.has_extn("starttls"):
            connection.starttls(context=context)
        if self._parts.username:
            connection.login(unquote(self._parts.username), unquote(self._parts.password or ""))


def _split(url: str) -> SplitResult:
    """The parts of a mail server's address. Raises `BadMailServer`."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise BadMailServer("UNDERSIGNED_SMTP_URL must read smtp://host:port or smtps://user:password@host.")
    return parts


class FolderTransport:
    """Writes each mail as a file, for the demo: nothing leaves the machine."""

    def __init__(self, folder: Path, sender: str, name: Callable[[], str]) -> None:
        self._folder, self._sender, self._name = folder, sender, name

    def send(self, mail: Mail) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{self._name()}.eml"
        draft = path.with_suffix(".part")
        draft.write_bytes(_message(mail, self._sender).as_bytes())
        draft.rename(path)

    def close(self) -> None:
        pass


def _refusal(code: int, answer: bytes) -> MailPostponed | MailRefused:
    """What a server's answer about a recipient means; its words may name them, so only its numbers are kept."""
    reason = f"recipient refused with {code}"
    if code < 500:
        return MailPostponed(reason)
    return MailRefused(reason, policy=_POLICY.match(answer) is not None)


_POLICY = re.compile(rb"5\.7\.\d")


class _Whole(UnstructuredHeader):
    """A header in one line: folding would encode a long address until no mailbox reads it."""

    def fold(self, *, policy: EmailPolicy) -> str:
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Whole)  # type: ignore[arg-type]


def _message(mail: Mail, sender: str) -> EmailMessage:
    message = EmailMessage(policy=(SMTP if mail.to.isascii() else SMTPUTF8).clone(header_factory=_HEADERS))
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Message-ID"] = mail.message_id
    message["Date"] = format_datetime(mail.date)
    message["Auto-Submitted"] = "auto-generated"
    for name, value in mail.headers:
        message[name] = value
    message.set_content(mail.body)
    return message
