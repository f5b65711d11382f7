"""A letter's official addresses: where it may be read and signed, as the text of a note signed by its log's key.

The first line is an origin of its own and the second is no number, so that no verifier of checkpoints takes such a list
for a checkpoint, nor does a reader of lists take a checkpoint for one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from verification.errors import Refusal
from verification.ledger.notes import Note, VerifierKey, verify_note
from verification.ledger.strict import strict_number

LOG_ENDING, LIST_ENDING = "/log", "/addresses"
"""How the origins of a letter's log and of its list end; they begin with the same."""

MOST_MIRRORS = 20
"""Addresses on a list besides the site's own."""

LONGEST_OFFICIAL = 300
"""Characters of an address."""

USUAL_PORTS = {"http": 80, "https": 443}
_NETWORK_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|[0-9a-f:]{2,45}")

TWO_MEANINGS = frozenset("ßς\u200c\u200d\u115f\u1160\u17b4\u17b5\u1806\u3164\uffa0")
"""Letters with which a host is one for browsers (UTS #46, 4) and another one for Python (RFC 3490): the second may be
somebody else's. Such names are taken in punycode only, and so are those with letters that Unicode 3.2 did not have."""

_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9_~=@+-][A-Za-z0-9._~=@+-]*)*")


class Unfit(StrEnum):
    """Why something cannot be an official address."""

    NO_ADDRESS = "no-address"
    CREDENTIALS = "credentials"
    QUERY = "query"
    PATH = "path"


class BadOfficial(Refusal):
    """Something that cannot be an official address; `reason` is why."""

    def __init__(self, typed: str, reason: Unfit) -> None:
        super().__init__(f"{typed[:200]!r} cannot be an official address: {_WHY[reason]}.")
        self.typed = typed
        self.reason = reason


class BadAddressList(Refusal):
    """The text of a note is no list of official addresses, or is another letter's."""


@dataclass(frozen=True)
class AddressList:
    """A letter's list. `number` grows with each change; the site's own address comes first."""

    origin: str
    number: int
    day: date
    addresses: tuple[str, ...]

    @property
    def text(self) -> str:
        """The text of the note, which the log's key signs."""
        lines = [self.origin, f"list {self.number}", self.day.isoformat(), *self.addresses]
        return "".join(f"{line}\n" for line in lines)


def list_origin(log: str) -> str:
    """What a letter's list is called, from the origin of its log."""
    return log.removesuffix(LOG_ENDING) + LIST_ENDING


def plain_official(typed: str) -> str:
    """An address in its one form: host in lower case as the network has it, no usual port, no slash or page's name at
    its end. Raises `BadOfficial`."""
    if "?" in typed or "#" in typed:
        raise BadOfficial(typed, Unfit.QUERY)
    parts, port = _official_parts(typed)
    if "@" in parts.netloc:
        raise BadOfficial(typed, Unfit.CREDENTIALS)
    host = network_name(parts.hostname or "")
    if parts.scheme not in USUAL_PORTS or not _NETWORK_NAME.fullmatch(host):
        raise BadOfficial(typed, Unfit.NO_ADDRESS)
    path = parts.path
    while path.endswith(("/", "/index.html")):
        path = path.removesuffix("/index.html").rstrip("/")
    if not _PLAIN_PATH.fullmatch(path):
        raise BadOfficial(typed, Unfit.PATH)
    number = "" if port in (None, USUAL_PORTS[parts.scheme]) else f":{port}"
    plain = f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{number}{path}"
    if len(plain) > LONGEST_OFFICIAL:  # punycode is longer than what was typed
        raise BadOfficial(typed, Unfit.NO_ADDRESS)
    return plain


def parse_addresses(text: str) -> AddressList:
    """Read the text of a note. Raises `BadAddressList`."""
    if not text.endswith("\n"):
        raise BadAddressList("The list does not end in a newline: it was cut short, or not copied whole.")
    lines = text[:-1].split("\n")
    if len(lines) < 4 or not lines[0].endswith(LIST_ENDING) or not lines[1].startswith("list "):
        raise BadAddressList("It is no list of official addresses: expected an origin, a number, a day and addresses.")
    origin, number, day, *addresses = lines
    _check_official(addresses)
    try:
        found = AddressList(origin, strict_number(number.removeprefix("list ")), _plain_day(day), tuple(addresses))
    except ValueError as wrong:
        raise BadAddressList(f"The list's number or day cannot be read: {wrong}.") from None
    return found


def open_addresses(note: str, key: VerifierKey) -> AddressList:
    """The list in a note that the key of the letter's log signed.

    Raises `BadNote`, `UnknownKey`, `WrongSignature`, `BadAddressList`.
    """
    opened = Note.parse(note)
    verify_note(opened, key)
    found = parse_addresses(opened.text)
    if found.origin != list_origin(key.name):
        raise BadAddressList(f"The list is {found.origin}: expected {list_origin(key.name)}.")
    return found


def network_name(host: str) -> str:
    """A host's name in lower case and punycode; "" for what is none, or what browsers may read as another."""
    if _has_two_meanings(host.lower()):
        return ""
    try:
        return host.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


def _has_two_meanings(host: str) -> bool:
    old = unicodedata.ucd_3_2_0
    younger = any(old.category(letter) == "Cn" for letter in host)
    changed = old.normalize("NFKC", host) != unicodedata.normalize("NFKC", host)
    return younger or changed or not TWO_MEANINGS.isdisjoint(host)


def _check_official(addresses: Sequence[str]) -> None:
    if len(addresses) > MOST_MIRRORS + 1 or len(set(addresses)) < len(addresses):
        raise BadAddressList(f"The list has {len(addresses)} addresses: expected {MOST_MIRRORS + 1}, each once.")
    for address in addresses:
        try:
            plain = plain_official(address)
        except BadOfficial as wrong:
            raise BadAddressList(f"The list cannot be read. {wrong}") from None
        if plain != address:
            raise BadAddressList(f"The list has {address[:200]!r}: expected {plain!r}.")


def _official_parts(typed: str) -> tuple[SplitResult, int | None]:
    if len(typed) > LONGEST_OFFICIAL or not typed.isprintable() or " " in typed or "\\" in typed:
        raise BadOfficial(typed, Unfit.NO_ADDRESS)
    try:
        parts = urlsplit(typed)
        port = parts.port
    except ValueError:
        raise BadOfficial(typed, Unfit.NO_ADDRESS) from None
    return parts, port


def _plain_day(text: str) -> date:
    """The day in its one form. Raises `ValueError`."""
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError(f"expected a day such as 2026-12-01, found {text[:40]!r}")
    return day


_WHY = {
    Unfit.NO_ADDRESS: "expected one like https://example.org/letters/name",
    Unfit.CREDENTIALS: "expected one without a user's name or password",
    Unfit.QUERY: "expected one without ? and #",
    Unfit.PATH: "expected only Latin letters, digits and . _ ~ = @ + - between the slashes",
}
