"""The bytes of a mail (RFC 5322, RFC 2045): those that the standard library's EmailMessage would make, only sooner.

A header's value passes through the library whenever it is more than plain words that fit into one line; what is the
same for many mails is kept as it came out.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from email import quoprimime
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.policy import SMTP, SMTPUTF8, EmailPolicy
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

SNIFFED = 10
"""Lines of a body by which its encoding is chosen."""
_PLAIN = {
    "To": re.compile(r"[\w+-]+(\.[\w+-]+)*@[\w-]+(\.[\w-]+)+", re.ASCII),
    "Message-ID": re.compile(r"<\w+(\.\w+)*@[\w-]+(\.[\w-]+)*>", re.ASCII),
}
"""What the library would print as it is, where the line is short enough."""
_LINE_BREAK = re.compile(r"[\r\n]")


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


def message_bytes(mail: Mail, sender: str) -> bytes:
    """The whole message, its lines ended by CRLF."""
    policy: EmailPolicy[Any] = _ASCII if mail.to.isascii() else _INTERNATIONAL
    encoding, body = _encoded(mail.body, policy.max_line_length or 0)
    return b"".join(
        (
            _kept(policy, "From", sender),
            _line(policy, "To", mail.to),
            _kept(policy, "Subject", mail.subject),
            _line(policy, "Message-ID", mail.message_id),
            _kept(policy, "Date", format_datetime(mail.date)),
            b"Auto-Submitted: auto-generated\r\n",
            *(_line(policy, name, value) for name, value in mail.headers),
            b'Content-Type: text/plain; charset="utf-8"\r\n',
            b"Content-Transfer-Encoding: " + encoding + b"\r\nMIME-Version: 1.0\r\n\r\n",
            body,
        )
    )


class _Whole(UnstructuredHeader):
    """A header in one line: folding would encode a long address until no mailbox reads it."""

    def fold(self, *, policy: EmailPolicy) -> str:
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Whole)  # type: ignore[arg-type]
_ASCII = SMTP.clone(header_factory=_HEADERS)
_INTERNATIONAL = SMTPUTF8.clone(header_factory=_HEADERS)


def _line(policy: EmailPolicy[Any], name: str, value: str) -> bytes:
    plain, line = _PLAIN.get(name), f"{name}: {value}"
    if plain and len(line) < (policy.max_line_length or 0) and plain.fullmatch(value):
        return line.encode() + b"\r\n"
    return _folded(policy, name, value)


def _folded(policy: EmailPolicy[Any], name: str, value: str) -> bytes:
    if _LINE_BREAK.search(value):  # the library lets one pass at the end, which ends the header too early
        raise ValueError("A header's value holds a line break.")
    return policy.fold_binary(*policy.header_store_parse(name, value))


_kept = lru_cache(maxsize=256)(_folded)


def _encoded(body: str, longest: int) -> tuple[bytes, bytes]:
    """The name of the encoding, and the body in it: as it is where its lines are short, else whichever is shorter."""
    lines = body.encode().splitlines() or [b""]
    whole = b"".join(line + b"\r\n" for line in lines)
    if max(map(len, lines), default=0) <= longest:
        return b"7bit" if whole.isascii() else b"8bit", whole
    sniffed = b"".join(line + b"\r\n" for line in lines[:SNIFFED])
    if len(_quoted(sniffed, longest)) > len(binascii.b2a_base64(sniffed)):
        return b"base64", _in_lines(whole, longest // 4 * 3)
    return b"quoted-printable", _quoted(whole, longest).encode().replace(b"\n", b"\r\n")


def _quoted(text: bytes, longest: int) -> str:
    return quoprimime.body_encode(text.decode("latin-1"), longest)


def _in_lines(text: bytes, each: int) -> bytes:
    return b"".join(
        binascii.b2a_base64(text[start : start + each], newline=False) + b"\r\n" for start in range(0, len(text), each)
    )
