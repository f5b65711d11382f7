"""Reading bounces: a mail that says another mail did not arrive (DSN, RFC 3464, or what servers wrote before it).

A bounce is known by the Message-ID of the mail that did not arrive; no address leaves this module, in a value or a
log. Anybody can send one, so what would take long to parse is cut first.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr

from flufl.bounce import all_failures

from verification.errors import Refusal

LARGEST = 1_000_000
"""Bytes of a bounce."""

_READ = 200_000  # The report and the head of the returned mail come early; its body tells nothing.
_LONGEST_LINE = 998  # RFC 5322, section 2.1.1
_MOST_NESTED = 20
# What the library does not know as a DSN it compares with some 70 patterns line by line; notices are short.
_MOST_NOTICE_LINES, _LONGEST_NOTICE_LINE = 300, 320

_UNUSUAL = re.compile(rb"[^\t\n\x20-\x7e]")
_LONG_FIELD = re.compile(rb"((?:\n[ \t][^\n]*){30})(?:\n[ \t][^\n]*)+")
_NESTED = re.compile(rb"multipart/|message/", re.IGNORECASE)
# RFC 6533 is RFC 3464 in UTF-8; what is read here is ASCII in both.
_INTERNATIONAL = (
    (re.compile(rb"message/global-delivery-status", re.IGNORECASE), b"message/delivery-status"),
    (re.compile(rb"message/global-headers", re.IGNORECASE), b"text/rfc822-headers"),
    (re.compile(rb"message/global\b", re.IGNORECASE), b"message/rfc822"),
    (re.compile(rb"^((?:final|original)-recipient:[ \t]*)utf-8", re.IGNORECASE | re.MULTILINE), rb"\1rfc822"),
)
_REFERRING = ("message-id", "in-reply-to", "references")
_UPDATE_ID = re.compile(r"<update\.[A-Za-z0-9_.-]{1,200}@[A-Za-z0-9.-]{1,253}>")
_ID_LINE = re.compile(rb"^[> \t]*message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_POLICY = "7"
"""The subject of 5.7.x: a server's own rules, such as a spam filter's, say nothing of the mailbox."""
_STATUS = re.compile(r"(?<![\d.])([45])\.(\d)\.\d{1,3}(?![\d.])")  # RFC 3463
_SERVERS = {"mailer-daemon", "mailerdaemon", "mail-daemon", "postmaster", ""}

# The library logs the mail it fails on.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)


class NotABounce(Refusal):
    """The mail does not say that another mail did not arrive."""


@dataclass(frozen=True)
class Bounce:
    """What a bounce says. `permanent`: the mailbox takes no mail (a status 5.x.x), so send none again.

    `message_ids` are the `<update.TOKEN@host>` it refers to, each once, in their angle brackets.
    """

    permanent: bool
    message_ids: tuple[str, ...]


def read_bounce(raw: bytes) -> Bounce:
    """Read a mail (RFC 5322) of at most 1 MB.

    Raises `NotABounce` for anything else, automatic replies and receipts among it.
    """
    if len(raw) > LARGEST:
        raise NotABounce("The mail is larger than 1 MB; no bounce is.")
    content = _simplified(raw)
    if len(_NESTED.findall(content)) > _MOST_NESTED:
        raise NotABounce("The mail has more parts than a bounce.")
    try:
        return _read(content)
    except NotABounce:
        raise
    except Exception:  # noqa: BLE001 (mail that the parsers trip over is garbage, and what they say may name somebody)
        raise NotABounce("The mail cannot be parsed.") from None


def _simplified(raw: bytes) -> bytes:
    """The beginning of the mail in ASCII, without the ends of overlong lines and fields."""
    text = re.sub(rb"\r\n?", b"\n", raw[:_READ])
    text = b"\n".join(line[:_LONGEST_LINE] for line in _UNUSUAL.sub(b"?", text).split(b"\n"))
    text = _LONG_FIELD.sub(rb"\1", text)
    for pattern, usual in _INTERNATIONAL:
        text = pattern.sub(usual, text)
    return text


def _read(content: bytes) -> Bounce:
    mail = message_from_bytes(content)
    report = next((part for part in _parts(mail) if part.get_content_type() == "message/delivery-status"), None)
    permanent = _is_permanent_notice(mail, content) if report is None else _is_permanent_report(report)
    return Bounce(permanent, tuple(dict.fromkeys(_update_ids(mail))))


def _is_permanent_report(report: Message) -> bool:
    """A mail that was given up on after days of delays failed with 4.x.x: the mailbox may be there tomorrow."""
    failed = [block for block in _children(report) if block.get("action", "").lower().startswith(("fail", "error"))]
    return _has_permanent_failure(report.as_bytes(), " ".join(block.get("status", "") for block in failed))


def _is_permanent_notice(mail: Message, content: bytes) -> bool:
    """Only a server is believed without a report: people and their automatic replies quote what they like."""
    sender = parseaddr(mail.get("from", ""))[1].partition("@")[0].lower()
    if sender not in _SERVERS:
        raise NotABounce("The mail has no delivery report and comes from no mail server.")
    return _has_permanent_failure(content, _short(content).decode("ascii"))


def _has_permanent_failure(content: bytes, statuses: str) -> bool:
    delayed, failed = all_failures(message_from_bytes(_short(content)))
    if not delayed and not failed:
        raise NotABounce("The mail tells of no mail that did not arrive.")
    found = _STATUS.findall(statuses)
    gone = any(kind == "5" and subject != _POLICY for kind, subject in found)
    return bool(failed) and (gone or not found)


def _short(content: bytes) -> bytes:
    lines = content.split(b"\n")[:_MOST_NOTICE_LINES]
    return b"\n".join(line[:_LONGEST_NOTICE_LINE] for line in lines)


def _update_ids(mail: Message) -> Iterator[str]:
    for part in mail.walk():
        for name in _REFERRING:
            yield from _UPDATE_ID.findall(" ".join(part.get_all(name, [])))
        if part.get_content_type() in ("text/plain", "text/rfc822-headers"):
            text = part.get_payload(decode=True)
            lines = _ID_LINE.findall(text) if isinstance(text, bytes) else []
            yield from _UPDATE_ID.findall(b" ".join(lines).decode("ascii", "replace"))


def _parts(mail: Message) -> Iterator[Message]:
    """The mail and its parts, without what is inside an enclosed mail."""
    yield mail
    if mail.get_content_maintype() == "multipart":
        for child in _children(mail):
            yield from _parts(child)


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []
