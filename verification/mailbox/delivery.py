"""Handing a mail over: to a mail server over one kept connection, or, in the demo, to a folder."""

from __future__ import annotations

import re
import smtplib
import ssl
import time
from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from verification.errors import Refusal
from verification.mailbox.handing import Envelope, ask, give
from verification.mailbox.messages import Mail, message_bytes

PATIENCE = 20.0
"""Seconds to wait for a mail server's answer."""
WAITED = 0.25
"""Seconds of waiting for a mail server after which it is asked whether the mail is still to be sent."""
CLOSING = 421
"""How a server says that it hangs up (RFC 5321, section 3.8)."""


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


def for_sure() -> None:
    """The mail is to be sent, however long it takes."""


class Transport(Protocol):
    """Where mail goes."""

    def send(self, mail: Mail, check: Callable[[], None] = for_sure) -> None:
        """Returns once the mail is taken. Raises `MailPostponed` or `MailRefused`, whose words name no person.

        Where the server made it wait, `check` is called right before the content goes; nothing is sent if it raises.
        """

    def close(self) -> None:
        """Say goodbye to the server."""


class SmtpTransport:
    """One connection to `smtp://[user:password@]host:port` (STARTTLS where offered) or `smtps://…`, kept and mended."""

    def __init__(self, url: str, sender: str, patience: float = PATIENCE) -> None:
        self._parts, self._sender, self._patience = _split(url), sender, patience
        self._from = parseaddr(sender)[1]
        self._connection: smtplib.SMTP | None = None

    def send(self, mail: Mail, check: Callable[[], None] = for_sure) -> None:
        content = message_bytes(mail, self._sender)  # first: what cannot be written is not to leave a server waiting
        begun = time.monotonic()
        try:
            connection = self._ready(mail)
            if time.monotonic() - begun >= WAITED:
                self._agree(check)
            give(connection, content)
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

    def _agree(self, check: Callable[[], None]) -> None:
        """A server that waits for content gets nothing but the end of the connection if there is to be none."""
        try:
            check()
        except BaseException:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()
            raise

    def _ready(self, mail: Mail) -> smtplib.SMTP:
        """A connection over which the server waits for this mail's content.

        Servers close connections that were idle for a while. Whether they did shows at the next mail's first command,
        and until its content is on its way nothing can arrive twice: it is tried once more over a new one.
        """
        envelope = Envelope(self._from, mail.to)
        if self._connection is not None:
            try:
                ask(self._connection, envelope)
            except OSError as error:
                if not _has_hung_up(error):
                    raise
                self.close()
            else:
                return self._connection
        self._connection = self._connect()
        ask(self._connection, envelope)
        return self._connection

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
        connection.ehlo_or_helo_if_needed()
        if self._parts.scheme == "smtp" and connection.has_extn("starttls"):
            connection.starttls(context=context)
        if self._parts.username:
            connection.login(unquote(self._parts.username), unquote(self._parts.password or ""))
        connection.ehlo_or_helo_if_needed()


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

    def send(self, mail: Mail, check: Callable[[], None] = for_sure) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{self._name()}.eml"
        draft = path.with_suffix(".part")
        draft.write_bytes(message_bytes(mail, self._sender))
        draft.rename(path)

    def close(self) -> None:
        pass


def _has_hung_up(error: OSError) -> bool:
    """Whether the connection is gone; smtplib's errors are all `OSError`s."""
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code == CLOSING
    return isinstance(error, smtplib.SMTPServerDisconnected) or not isinstance(error, smtplib.SMTPException)


def _refusal(code: int, answer: bytes) -> MailPostponed | MailRefused:
    """What a server's answer about a recipient means; its words may name them, so only its numbers are kept."""
    reason = f"recipient refused with {code}"
    if code < 500:
        return MailPostponed(reason)
    return MailRefused(reason, policy=_POLICY.match(answer) is not None)


_POLICY = re.compile(rb"5\.7\.\d")
