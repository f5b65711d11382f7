#!/usr/bin/env python3
"""Check that an open letter's number, text and figures are those in its public log.

    python3 -m pip install cryptography
    python3 audit.py https://example.org/letters/name --state name.state

Needs Python 3.11 or newer and the package cryptography (40 or newer), and nothing else. Made by `make auditor` from
verification/ledger/auditing and what that needs: change those, not this file.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import hmac
import http.client
import json
import os
import re
import ssl
import sys
import tempfile
import time
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum, StrEnum
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from struct import Struct
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


# verification.errors

class Refusal(Exception):
    """Something asked for is not done; the message is one sentence that says what was wrong and what to do."""


# verification.ledger.strict

LARGEST = 2**63 - 1
"""The largest number in any of the formats: what a signed 64-bit integer holds."""

_PLAIN_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


def strict_number(text: str) -> int:
    """Read an ASCII decimal without sign, spaces or leading zeros, at most `LARGEST`. Raises `ValueError`."""
    if not _PLAIN_NUMBER.fullmatch(text):
        raise ValueError(f"expected a decimal number without sign, spaces or leading zeros, found {text[:40]!r}")
    number = int(text)
    if number > LARGEST:
        raise ValueError(f"expected a number up to {LARGEST}, found {text}")
    return number


def strict_base64(text: str) -> bytes:
    """Read standard base64 with padding (RFC 4648, section 4), in its only canonical form. Raises `ValueError`."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise ValueError(f"expected standard base64 with padding, found {text[:60]!r}") from None
    if base64_of(data) != text:
        raise ValueError(f"expected canonical base64, whose unused bits are zero, found {text[:60]!r}")
    return data


def base64_of(data: bytes) -> str:
    """Standard base64 with padding (RFC 4648, section 4)."""
    return base64.b64encode(data).decode("ascii")


# verification.ledger.notes

ED25519 = 0x01
"""The signature type of a log: Ed25519 over the text of the note."""

COSIGNATURE = 0x04
"""The signature type of a witness: Ed25519 over a time and the text (C2SP tlog-cosignature)."""

LONGEST_NOTE = 128 * 1024
"""Bytes in the longest note that is read; room for 16 signatures of any kind, as the specification asks."""

MOST_SIGNATURES = 64
"""Signatures on one note."""

_KEY_ID = 4
_KEY_BYTES = 32
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_UNFIT = re.compile(r"[\x00-\x1f+\ud800-\udfff\s]")
_HEX_ID = re.compile(r"[0-9a-f]{8}")
_DASH = "\u2014 "


class BadNote(Refusal):
    """Text that is not a signed note in its one exact form."""


class BadVerifierKey(Refusal):
    """Text that is not a verifier key, or one of a kind that is not used here."""


class UnknownKey(Refusal):
    """A note has no signature by the key that was asked for."""


class WrongSignature(Refusal):
    """A signature names a known key, and that key did not make it over this text."""


@dataclass(frozen=True)
class VerifierKey:
    """The public half of a key, under the name that stands in front of its signatures.

    `id` is the first 4 bytes of SHA-256(name, newline, algorithm, key): it finds a key, and proves nothing.
    """

    name: str
    id: bytes
    algorithm: int
    key: bytes

    @classmethod
    def of(cls, name: str, algorithm: int, key: bytes) -> VerifierKey:
        """The verifier key of a public key of 32 bytes. Raises `BadVerifierKey`."""
        if not _is_name(name):
            raise BadVerifierKey(f"{name[:80]!r} cannot name a key: expected some text without spaces and plus signs.")
        if algorithm not in (ED25519, COSIGNATURE) or len(key) != _KEY_BYTES:
            raise BadVerifierKey(
                f"The key of {name} has type {algorithm:#04x} and {len(key)} bytes: expected an Ed25519 key of "
                f"{_KEY_BYTES} bytes, of type {ED25519:#04x} for a log or {COSIGNATURE:#04x} for a witness."
            )
        return cls(name, sha256(f"{name}\n".encode() + bytes([algorithm]) + key).digest()[:_KEY_ID], algorithm, key)

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read `name+id+key` (signed-note, verifier keys). Raises `BadVerifierKey`."""
        name, _, rest = text.partition("+")
        written_id, _, encoded = rest.partition("+")
        if not _HEX_ID.fullmatch(written_id):
            raise BadVerifierKey(
                f"{text[:200]!r} is no verifier key: expected name+8 hex digits+base64. Copy it whole."
            )
        try:
            data = strict_base64(encoded)
        except ValueError as wrong:
            raise BadVerifierKey(f"The key of {name[:80]!r} cannot be read: {wrong}. Copy it whole.") from None
        key = cls.of(name, data[0] if data else 0, data[1:])
        if key.id.hex() != written_id:
            raise BadVerifierKey(f"The key of {name} has the id {key.id.hex()}, found {written_id}. Copy it again.")
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64_of(bytes([self.algorithm]) + self.key)}"


@dataclass(frozen=True)
class NoteSignature:
    """A signature by the key of that name and id (4 bytes)."""

    name: str
    id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The signature as it stands in a note, its newline included."""
        return f"{_DASH}{self.name} {base64_of(self.id + self.signature)}\n"

    @classmethod
    def parse(cls, line: str) -> NoteSignature:
        """Read one line, its newline included. Raises `BadNote`."""
        if not (line.startswith(_DASH) and line.endswith("\n")):
            raise BadNote(f"{line[:80]!r} is no signature: expected an em dash, a name, base64 and a newline.")
        name, _, encoded = line[len(_DASH) : -1].partition(" ")
        if not _is_name(name):
            raise BadNote(f"{name[:80]!r} cannot name a key: expected some text without spaces and plus signs.")
        try:
            data = strict_base64(encoded)
        except ValueError as wrong:
            raise BadNote(f"The signature of {name} cannot be read: {wrong}.") from None
        if len(data) <= _KEY_ID:
            raise BadNote(f"The signature of {name} has {len(data)} bytes: expected a key id of 4 and then some.")
        return cls(name, data[:_KEY_ID], data[_KEY_ID:])


@dataclass(frozen=True)
class Note:
    """A text, its last newline included, and the signatures under it. Nothing is verified yet."""

    text: str
    signatures: tuple[NoteSignature, ...]

    @classmethod
    def parse(cls, note: str) -> Note:
        """Read a note in its one exact form, with no key twice under it. Raises `BadNote`."""
        check_text(note, "note")
        head, blank, tail = note.rpartition("\n\n")
        if not (blank and tail):
            raise BadNote("The note has no signatures: expected a text, an empty line and signature lines.")
        lines = tail[:-1].split("\n")
        if len(lines) > MOST_SIGNATURES:
            raise BadNote(f"The note has {len(lines)} signatures: at most {MOST_SIGNATURES} are read.")
        signatures = tuple(NoteSignature.parse(f"{line}\n") for line in lines)
        _check_once(signatures)
        return cls(f"{head}\n", signatures)

    def by(self, key: VerifierKey) -> NoteSignature:
        """The signature that names the key; not verified. Raises `UnknownKey`."""
        for signature in self.signatures:
            if (signature.name, signature.id) == (key.name, key.id):
                return signature
        signers = ", ".join(f"{signature.name} ({signature.id.hex()})" for signature in self.signatures)
        raise UnknownKey(f"Expected a signature by {key.name} ({key.id.hex()}), found: {signers or 'none'}.")

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(signature.line for signature in self.signatures)}"


@dataclass(frozen=True)
class NoteSigner:
    """The secret half of a key (an Ed25519 seed of 32 bytes) under its name."""

    name: str
    seed: bytes = field(repr=False)
    algorithm: int = ED25519

    @property
    def verifier(self) -> VerifierKey:
        """The public half. Raises `BadVerifierKey` for a name that no key can have."""
        return VerifierKey.of(self.name, self.algorithm, self._private.public_key().public_bytes_raw())

    def sign(self, text: str) -> NoteSignature:
        """Sign a text that ends in a newline. Raises `BadNote` for a text that no note can have."""
        check_text(text, "text")
        return NoteSignature(self.name, self.verifier.id, self._private.sign(text.encode()))

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def verify_note(note: Note, key: VerifierKey) -> None:
    """Raises `UnknownKey` unless the key signed the note, and `WrongSignature` unless it signed exactly this text."""
    if key.algorithm != ED25519:
        raise UnknownKey(f"The key of {key.name} belongs to a witness: expected a key that signs notes.")
    check_ed25519(key, note.by(key).signature, note.text)


def check_ed25519(key: VerifierKey, signature: bytes, message: str) -> None:
    """Raises `WrongSignature` unless the key made the signature over the message (RFC 8032)."""
    try:
        Ed25519PublicKey.from_public_bytes(key.key).verify(signature, message.encode())
    except (InvalidSignature, ValueError):
        raise WrongSignature(
            f"The signature of {key.name} ({key.id.hex()}) does not belong to this text: the text was changed after "
            "signing, or another key signed it. Trust nothing in it."
        ) from None


def check_text(text: str, what: str) -> None:
    """Raises `BadNote` unless a note can hold the text: UTF-8, no control characters, a newline at its end."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise BadNote(f"The {what} has characters that UTF-8 cannot hold.") from None
    if size > LONGEST_NOTE:
        raise BadNote(f"The {what} has {size} bytes: at most {LONGEST_NOTE} are read.")
    if _CONTROL.search(text):
        raise BadNote(f"The {what} has control characters: expected none but newlines.")
    if not text.endswith("\n"):
        raise BadNote(f"The {what} does not end in a newline: it was cut short, or not copied whole.")


def _is_name(name: str) -> bool:
    return name != "" and not _UNFIT.search(name)


def _check_once(signatures: tuple[NoteSignature, ...]) -> None:
    seen: set[tuple[str, bytes]] = set()
    for signature in signatures:
        if (signature.name, signature.id) in seen:
            raise BadNote(f"Two signatures name the same key, {signature.name} ({signature.id.hex()}): expected one.")
        seen.add((signature.name, signature.id))


# verification.ledger.official

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


# verification.ledger.auditing.letter_address

_FOLDERS = r"(?:/[A-Za-z0-9_~=@+-][A-Za-z0-9._~=@+-]*)*?"
_BEFORE = re.compile(_FOLDERS)
_LETTER = re.compile(r"/letters/([a-z0-9]+(?:-[a-z0-9]+)*)(/.*)?")
_NEXT_LETTER = re.compile(r"(?=/letters/)")
_PAGE = re.compile(r"(?:/count)?(?:/(?:index\.html)?)?")
_ROOT = re.compile(rf"({_FOLDERS})/?(?:index\.html|mirror\.json)?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_LOOPBACK = re.compile(r"localhost|127(?:\.[0-9]{1,3}){3}|::1")
_ONION = re.compile(r".*\.onion")
_HOST = re.compile(r"[a-z0-9.-]{1,253}|[0-9a-f:]{2,45}")


class BadAddress(Refusal):
    """The address is not one of a letter, or not one to be asked in clear."""


@dataclass(frozen=True)
class LetterAddress:
    """A letter at a host. `port` is None for the usual one; `before` stands in front of /letters: a language, a folder
    that a mirror lies in, or both. `named` is the path that was given, with its query, where that is the letter's page
    or its count page; "" for any other."""

    secure: bool
    host: str
    port: int | None
    slug: str
    before: str = ""
    named: str = ""

    @classmethod
    def parse(cls, url: str, *, insecure: bool = False) -> LetterAddress:
        """Read a letter's address, with or without a language and whatever follows; the first of its `readings`.
        Raises `BadAddress`.

        Plain http is for this machine and for onion services, unless `insecure`.
        """
        return cls.readings(url, insecure=insecure)[0]

    @classmethod
    def readings(cls, url: str, *, insecure: bool = False) -> list[LetterAddress]:
        """The letters that an address can be of, as a mirror's folder may be called /letters and a letter "letters";
        the one with the most in front of it first. Raises `BadAddress` for none."""
        secure, host, port, path = _at_host(url, insecure=insecure)
        query = quote(urlsplit(url).query, safe=_ANY_SIGN)
        found = [cls(secure, host, port, *letter) for letter in _letters_in(path, f"?{query}" if query else "")]
        if not found:
            raise _no_letter(url)
        return found

    @classmethod
    def of_mirror(cls, url: str, *, insecure: bool = False) -> LetterAddress:
        """Read the address of a mirror; which of its letters is not known yet. Raises `BadAddress`."""
        secure, host, port, path = _at_host(url, insecure=insecure)
        found = _ROOT.fullmatch(path)
        if not found:
            raise _no_letter(url)
        return cls(secure, host, port, "", found[1])

    @property
    def may_be_live(self) -> bool:
        """Whether a letter's own site could have this address, and not only a mirror."""
        return not self.before or _LANGUAGE.fullmatch(self.before[1:]) is not None

    @property
    def ends_in_language(self) -> bool:
        """Whether what stands in front of /letters could be the folder of one of a mirror's languages."""
        return _LANGUAGE.fullmatch(self.folder) is not None

    @property
    def folder(self) -> str:
        """The name of the last folder in front of /letters."""
        return self.before.rpartition("/")[2]

    @property
    def names_count(self) -> bool:
        """Whether the page that was named is the count page, which has none of the letter's text."""
        return self.named.startswith(f"{self.before}/letters/{self.slug}/count")

    @property
    def on_this_machine(self) -> bool:
        return _LOOPBACK.fullmatch(self.host) is not None

    @property
    def site(self) -> str:
        """Scheme, host and port: what no answer may lead away from."""
        return f"{'https' if self.secure else 'http'}://{self._authority}"

    @property
    def url(self) -> str:
        """The letter's page in whatever language."""
        return f"{self.site}/letters/{self.slug}"

    @property
    def origin(self) -> str:
        """What a log that began at this address is called."""
        return f"{self._authority}{self.log}"

    @property
    def log(self) -> str:
        return f"/letters/{self.slug}/log"

    @property
    def api(self) -> str:
        return f"/api/v1/letters/{self.slug}"

    def page(self, language: str) -> str:
        """The letter's page in a language. Raises `BadAddress` for what cannot be one."""
        if not _LANGUAGE.fullmatch(language):
            raise BadAddress(f"{language[:40]!r} is no language.")
        return f"/{language}/letters/{self.slug}"

    @property
    def _authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


_ANY_SIGN = "".join(map(chr, range(0x21, 0x7F)))
"""What stands in a request as it was given: all but white space, and what is not ASCII."""


def _letters_in(path: str, query: str) -> Iterator[tuple[str, str, str]]:
    """The letters that a path could be of, the last in it first: name, what stands before, and the page if one is."""
    for place in reversed([found.start() for found in _NEXT_LETTER.finditer(path)]):
        before, letter = path[:place], _LETTER.fullmatch(path, place)
        if letter and _BEFORE.fullmatch(before):
            yield letter[1], before, f"{path}{query}" if _PAGE.fullmatch(letter[2] or "") else ""


def _at_host(url: str, *, insecure: bool) -> tuple[bool, str, int | None, str]:
    """Whether an address is a secure one, its host, its port and its path. Raises `BadAddress`."""
    parts, port = _parted(url)
    host = network_name(parts.hostname or "")
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host) or "@" in parts.netloc:
        raise _no_letter(url)
    if parts.scheme == "http" and not (insecure or _LOOPBACK.fullmatch(host) or _ONION.fullmatch(host)):
        raise BadAddress(f"{url[:200]!r} would be read in clear: write https://, or add --insecure to accept it.")
    return parts.scheme == "https", host, None if port == USUAL_PORTS[parts.scheme] else port, parts.path


def _no_letter(url: str) -> BadAddress:
    return BadAddress(f"{url[:200]!r} is no letter: expected an address like https://example.org/letters/name.")


def _parted(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadAddress(f"{url[:200]!r} is no address.") from None
    return parts, port


# verification.ledger.auditing.findings

class Code(StrEnum):
    """What is wrong. Codes never change their meaning, so that scripts can look for them."""

    UNREADABLE_CHECKPOINT = "unreadable-checkpoint"
    NO_LOG = "no-log"
    UNKNOWN_KEY = "unknown-key"
    WRONG_SIGNATURE = "wrong-signature"
    OTHER_KEY = "other-key"
    OTHER_ORIGIN = "other-origin"
    WRONG_COSIGNATURE = "wrong-cosignature"
    NO_QUORUM = "no-quorum"
    LOG_SHRANK = "log-shrank"
    LOG_FORKED = "log-forked"
    LOG_REWRITTEN = "log-rewritten"
    LOG_TOO_LARGE = "log-too-large"
    BAD_BUNDLE = "bad-bundle"
    WRONG_ROOT = "wrong-root"
    BAD_LEAF = "bad-leaf"
    NO_BEGINNING = "no-beginning"
    SECOND_BEGINNING = "second-beginning"
    BAD_BEGINNING = "bad-beginning"
    REPEATED_COMMITMENT = "repeated-commitment"
    REPEATED_NULLIFIER = "repeated-nullifier"
    BAD_TALLY = "bad-tally"
    EDITION_ORDER = "edition-order"
    EDITION_WITHOUT_TALLY = "edition-without-tally"
    TIME_RUNS_BACK = "time-runs-back"
    WRONG_SUM = "wrong-sum"
    WRONG_TOTAL = "wrong-total"
    CELL_TOO_SMALL = "cell-too-small"
    CELL_NOT_ROUNDED = "cell-not-rounded"
    CELL_ALONE = "cell-alone"
    CELLS_TOO_MANY = "cells-too-many"
    CELLS_TOO_LARGE = "cells-too-large"
    WRONG_REST = "wrong-rest"
    UNREADABLE_API = "unreadable-api"
    WRONG_EDITIONS = "wrong-editions"
    PRINTED_FIGURE = "printed-figure"
    PRINTED_CELLS = "printed-cells"
    PRINTED_REASONS = "printed-reasons"
    PRINTED_CHANGES = "printed-changes"
    PRINTED_HEAD = "printed-head"
    PRINTED_RULES = "printed-rules"
    UNREADABLE_PAGE = "unreadable-page"
    TAKEN_DOWN = "taken-down"
    PAGE_TOTAL = "page-total"
    PAGE_EDITION = "page-edition"
    PAGE_TEXT = "page-text"
    API_TEXT = "api-text"
    IMPOSTOR = "impostor"
    NO_ADDRESSES = "no-addresses"
    UNREADABLE_ADDRESSES = "unreadable-addresses"
    WRONG_ADDRESSES = "wrong-addresses"
    OLD_ADDRESSES = "old-addresses"
    FORKED_ADDRESSES = "forked-addresses"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: its code, and one sentence with where, what was expected and what was found."""

    code: Code
    sentence: str


def in_short(value: object, longest: int = 80) -> str:
    """Something that a stranger wrote, as ASCII in quotes and not long."""
    text = ascii(value)
    return text if len(text) <= longest else f"{text[:longest]}…"


# verification.ledger.auditing.answers

LARGEST_FIGURE = 10**12
"""No count of people, leaves or editions is larger."""


class BadAnswer(Refusal):
    """JSON that cannot be read, or has another shape than this kind of answer has."""


def parsed_object(data: bytes | str) -> Mapping[str, Any]:
    """Read a JSON object. Raises `BadAnswer` also for one that is nested too deeply or has a number without end."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise BadAnswer("It is no JSON that can be read.") from None
    return as_object(found, "the answer")


def as_object(value: object, what: str) -> Mapping[str, Any]:
    """Raises `BadAnswer` unless it is a JSON object."""
    if not isinstance(value, dict):
        raise BadAnswer(f"Found {in_short(value)} as {what}: expected a JSON object.")
    return value


def as_list(value: object, what: str, most: int = 1_000_000) -> list[Any]:
    """Raises `BadAnswer` unless it is a JSON array of at most so many values."""
    if not isinstance(value, list) or len(value) > most:
        raise BadAnswer(f"Found {in_short(value)} as {what}: expected a JSON array of at most {most} values.")
    return value


def as_text(value: object, what: str) -> str:
    """Raises `BadAnswer` unless it is a string."""
    if not isinstance(value, str):
        raise BadAnswer(f"Found {in_short(value)} as {what}: expected a string.")
    return value


def as_figure(value: object, what: str, least: int = 0) -> int:
    """Raises `BadAnswer` unless it is a whole number from `least` to `LARGEST_FIGURE`."""
    if type(value) is not int or not least <= value <= LARGEST_FIGURE:
        raise BadAnswer(f"Found {in_short(value)} as {what}: expected a whole number from {least} on.")
    return value


# verification.ledger.auditing.mirror_files

MIRROR_FORMAT = "undersigned mirror 1"
MIRROR_FILE = "mirror.json"
OWN = "own"
"""Its field that lists what in the root is the mirror's own; all else there is somebody else's."""

MIRROR_BYTES = 1024 * 1024
"""Bytes in the longest mirror.json that is read."""

MOST_MIRRORED = 10_000
"""Letters on the largest mirror that is read."""

_ROOTS = ("", "../")
"""Where a mirror's root is from one of its mirror.json: beside it, or above the folder of a language."""

_AS_IT_IS = re.compile(r".*/log/(?:checkpoint|tile/.*)|.*/[^/]+\.[^/]+")


@dataclass(frozen=True)
class Mirror:
    """A mirror below the path `root` of its host, as it says of itself: the address of the site that it is a copy of,
    the day when it was made, and each letter's edition then."""

    root: str
    of: str
    made_on: str
    editions: Mapping[str, int]

    def path_of(self, path: str) -> str:
        """Where on this host stands what the site answers at a path."""
        return f"{self.root}/{mirrored_file(path)}"


def mirrored_file(path: str) -> str:
    """The file below a mirror's root for a path of the site: pages are the index.html of a folder, JSON ends in .json,
    the second page of a list is page-2, everything else is called as it is."""
    place, _mark, query = path.partition("?")
    page = query.removeprefix("page=")
    place = place.strip("/") + (f"/page-{page}" if page not in ("", "1") else "")
    if place.startswith("api/"):
        return f"{place}.json"
    if _AS_IT_IS.fullmatch(f"/{place}"):
        return place
    return f"{place}/index.html".lstrip("/")


def read_own(data: bytes) -> frozenset[str]:
    """What a mirror.json says is the mirror's own in its root. Raises `BadAnswer` where it does not say."""
    return frozenset(as_text(name, "a name") for name in as_list(parsed_object(data).get(OWN), "the mirror's own"))


def read_mirror(data: bytes, before: str) -> Mirror:
    """Read the mirror.json in the folder `before`. Raises `BadAnswer` for what is none."""
    found = parsed_object(data)
    if found.get("format") != MIRROR_FORMAT or found.get("root") not in _ROOTS:
        raise BadAnswer(f"It does not say that it is an {MIRROR_FORMAT!r}.")
    letters = [as_object(one, "a letter") for one in as_list(found.get("letters"), "the letters", MOST_MIRRORED)]
    return Mirror(
        before.rpartition("/")[0] if found["root"] else before,
        as_text(found.get("of"), "the site"),
        as_text(found.get("made_on"), "the day"),
        {as_text(one.get("letter"), "a letter"): as_figure(one.get("edition"), "its edition") for one in letters},
    )


# verification.ledger.auditing.fetching

SECONDS_WITHOUT_A_WORD = 30
"""How long a site may be silent."""

SECONDS_FOR_AN_ANSWER = 180
"""How long a whole answer may take."""

PAGE_BYTES = 4 * 1024 * 1024
"""Bytes in the longest page that is read."""

JSON_BYTES = 32 * 1024 * 1024
"""Bytes in the longest JSON that is read: a hundred editions with a thousand cells each."""

HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Cache-Control": "no-cache",
    "User-Agent": "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0",
}
"""As Tor Browser names itself: a site that knew an auditor by its name could show it something else."""

NOT_THERE = frozenset({403, 404})
"""What sites answer where nothing is, and stores of files that tell nobody what they do not have."""

MOVED = frozenset({301, 302, 303, 307, 308})
_PRINTED_PATH = re.compile(r"/[!-~]*")


class Unreachable(Refusal):
    """The site does not answer, or not as the web does."""


class BadStatus(Refusal):
    """The site answers that it has nothing there, or too much of it; `status` is that of HTTP, 0 for too much."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass
class Site:
    """One host, asked by one connection, which is opened again once when it was closed meanwhile.

    What is asked for are the paths of a letter's own site; a `mirror` has files in their place.
    """

    address: LetterAddress
    mirror: Mirror | None = None
    asked: int = 0
    received: int = 0
    _connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        host, port = self.address.host, self.address.port
        if self.address.secure:
            context = ssl.create_default_context()
            self._connection = http.client.HTTPSConnection(host, port, timeout=SECONDS_WITHOUT_A_WORD, context=context)
        else:
            self._connection = http.client.HTTPConnection(host, port, timeout=SECONDS_WITHOUT_A_WORD)

    def close(self) -> None:
        self._connection.close()

    def get(self, path: str, limit: int = PAGE_BYTES, *, exactly: bool = False) -> bytes:
        """The body at a path; `exactly` there also on a mirror.

        Raises `Unreachable`, or `BadStatus` for anything but 200 and at most `limit` bytes.
        """
        return next(self.get_each([path], limit, exactly=exactly))

    def get_each(self, paths: Iterable[str], limit: int, *, exactly: bool = False) -> Iterator[bytes]:
        """The bodies at these paths in turn. Each is asked for before the one ahead of it is looked at, so that the
        site works while the caller does."""
        left = map(self.mirror.path_of, paths) if self.mirror and not exactly else iter(paths)
        path = next(left, None)
        if path is not None:
            self._ask(path)
        while path is not None:
            body, following = self._answered(path, limit), next(left, None)
            if following is not None:
                self._ask(following)
            yield body
            path = following

    def _answered(self, path: str, limit: int) -> bytes:
        status, location, body = self._take(path, limit)
        if status in MOVED:
            there = self._moved_to(path, location)
            self._ask(there)
            status, location, body = self._take(there, limit)
        if status != 200:
            raise BadStatus(f"{self.address.site}{path} answers {status}: expected 200.", status)
        if len(body) > limit:
            raise BadStatus(f"{self.address.site}{path} has more than {limit} bytes, which is the most it may have.", 0)
        return body

    def _moved_to(self, path: str, location: str) -> str:
        """One step on the same host, and no further."""
        site = self.address.site
        there = urljoin(f"{site}{path}", location).partition("#")[0]
        new = there.removeprefix(site)
        if new == there or not _PRINTED_PATH.fullmatch(new):
            raise BadStatus(f"{site}{path} leads away to {in_short(location)}: only this host is asked.", 300)
        return new

    def _ask(self, path: str) -> None:
        self.asked += 1
        try:
            self._connection.request("GET", path, headers=HEADERS)
        except (OSError, http.client.HTTPException, ValueError):
            self._ask_again(path)

    def _ask_again(self, path: str) -> None:
        """Over a new connection: the old one may have been closed because nothing was asked for a while."""
        self._connection.close()
        try:
            self._connection.request("GET", path, headers=HEADERS)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._unreachable(error) from None

    def _take(self, path: str, limit: int) -> tuple[int, str, bytes]:
        try:
            answer = self._head(path)
            return answer.status, answer.headers.get("Location") or "", self._read(answer, limit)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._unreachable(error) from None

    def _head(self, path: str) -> http.client.HTTPResponse:
        try:
            return self._connection.getresponse()
        except ConnectionError:  # closed before a word was said: also http.client.RemoteDisconnected
            self._ask_again(path)
            return self._connection.getresponse()

    def _read(self, answer: http.client.HTTPResponse, limit: int) -> bytes:
        """At most one byte more than `limit`; then the connection is given up, as more would follow."""
        until, body = time.monotonic() + SECONDS_FOR_AN_ANSWER, bytearray()
        while len(body) <= limit and answer.length != 0 and (piece := answer.read1(limit + 1 - len(body))):
            body += piece
            if time.monotonic() > until:
                raise TimeoutError
        if len(body) > limit:
            answer.close()
            self._connection.close()
        elif answer.length:
            raise http.client.IncompleteRead(bytes(body), answer.length)
        else:
            answer.read()
        self.received += len(body)
        return bytes(body)

    def _unreachable(self, error: Exception) -> Unreachable:
        self._connection.close()
        reason = getattr(error, "strerror", None) or type(error).__name__
        return Unreachable(f"{self.address.site} cannot be reached: {in_short(str(reason))}. Nothing was checked.")


# verification.ledger.auditing.mirror_finding

class WhichLetter(Refusal):
    """A mirror has several letters, and the address names none."""


def find_mirror(site: Site) -> Mirror | None:
    """The mirror that the address belongs to, None where it is a letter's own site. One file is asked for.

    Raises `Unreachable`, also when it can be neither.
    """
    before = site.address.before
    try:
        found = read_mirror(site.get(f"{before}/{MIRROR_FILE}", MIRROR_BYTES, exactly=True), before)
        if found.root == before or site.address.ends_in_language:
            return found  # another's folder beside a mirror is not to pass for the mirror
    except (BadStatus, BadAnswer):
        pass
    if site.address.may_be_live:
        return None
    where = in_short(f"{site.address.site}{before}/")
    raise Unreachable(f"{where} has no {MIRROR_FILE} and can be no letter's own site. Nothing was checked.")


def check_folder(site: Site, mirror: Mirror, languages: Collection[str]) -> None:
    """Take a folder for a language's of the mirror above it only where the letter has that language, or where that
    mirror says that the folder is its own.

    Whoever has a folder of their own beside a mirror could call the mirror theirs, and its honest files would be read
    in place of what stands in that folder. Raises `Unreachable`.
    """
    address = site.address
    if mirror.root == address.before or address.folder in languages or address.folder in _own(site, mirror):
        return
    host = address.site
    said = f"{host}{address.before}/{MIRROR_FILE} says that this is a language's folder of the mirror above it, but the"
    spoken = f"letter's languages are {', '.join(in_short(language) for language in sorted(languages)[:10])}"
    there = f"{host}{mirror.root}/letters/{address.slug}"
    raise Unreachable(f"{said} {spoken}. Nothing was checked: give the letter's address there, {there}.")


def _own(site: Site, mirror: Mirror) -> Collection[str]:
    """What the mirror above a folder says is its own; nothing where it does not say."""
    try:
        return read_own(site.get(f"{mirror.root}/{MIRROR_FILE}", MIRROR_BYTES, exactly=True))
    except (BadStatus, BadAnswer):
        return ()


def own_folder_findings(address: LetterAddress, mirror: Mirror) -> Iterator[Finding]:
    """That the letter's own site calls one of its folders a mirror: the pages beside that folder would not be read."""
    if mirror.root:
        said = f"{address.site}{mirror.root}/{MIRROR_FILE} says that this folder is a mirror, and it is one of the"
        told = f"letter's own site, of which other pages were not read. Audit {address.url} instead."
        yield Finding(Code.UNREADABLE_PAGE, f"{said} {told}")


def asked_letter(url: str, *, insecure: bool = False) -> LetterAddress:
    """The letter that an address leads to: one of its own, or that of a mirror with one letter.

    Raises `BadAddress` or `WhichLetter`.
    """
    try:
        *nested, plain = LetterAddress.readings(url, insecure=insecure)
        return next((address for address in nested if _mirror_at(address)), plain)
    except BadAddress:
        root = LetterAddress.of_mirror(url, insecure=insecure)
        mirror = _mirror_at(root)
        if mirror is None:
            raise
    if len(mirror.editions) != 1:
        names = ", ".join(in_short(slug) for slug in list(mirror.editions)[:10]) or "none"
        raise WhichLetter(
            f"The mirror has these letters: {names}. Add the one you mean, as {url.rstrip('/')}/letters/…"
        )
    return replace(root, slug=next(iter(mirror.editions)))


def _mirror_at(root: LetterAddress) -> Mirror | None:
    site = Site(root)
    try:
        return find_mirror(site)
    except Unreachable:
        return None
    finally:
        site.close()


# verification.ledger.auditing.page_places

ENDINGS = ("", "/")
"""How readers of a mirror write a page's address who leave index.html away."""


@dataclass(frozen=True)
class Place:
    """A page at a path of the host. Of the letter's text it has the one in a `language`, "" for whichever, None for no
    text. `absent` is what is noted where it is not there; "" if it has to be."""

    what: str
    path: str
    language: str | None
    absent: str = ""

    @property
    def where(self) -> str:
        """Where the letter's text stands."""
        own = self.what.removeprefix("letter's ")
        return f"the {own}" if own == self.what else f"its {own}"


def page_places(site: Site, languages: Sequence[str], edition: int) -> list[Place]:
    """The pages to be read, in these languages of the letter and of this edition, 0 for none; each path once."""
    address, mirror = site.address, site.mirror
    places = list(_on_site(address, languages, edition))
    if mirror:
        files = [replace(place, path=mirror.path_of(place.path)) for place in places]
        places = [*files, *(opened for place in places for opened in _opened(mirror.root, place))]
    if address.named:
        places.append(_named(site, languages))
    first: dict[str, Place] = {}
    for place in places:
        first.setdefault(place.path, place)
    return list(first.values())


def unread(address: LetterAddress) -> str:
    """What is noted of an address that is none of a page which is read; "" where it is one."""
    if address.named:
        return ""
    return "The page that was named is not read itself: checked are the letter's page and its count page."


def _on_site(address: LetterAddress, languages: Sequence[str], edition: int) -> Iterator[Place]:
    own = f"/letters/{address.slug}"
    if edition:
        yield Place("newest edition's page", f"{own}/editions/{edition}", None)
    yield Place("count page", f"{own}/count", None)
    yield Place("letter's page without a language", own, "")
    for language in languages:
        absent = f"The site has no page in {language}: only its JSON shows that text."
        yield Place(f"letter's page in {language}", address.page(language), language, absent)


def _opened(root: str, place: Place) -> Iterator[Place]:
    """A page of a mirror as readers open it; stores of files may have nothing there."""
    absent = "Not all pages of this mirror are there without index.html: links have to lead to index.html."
    for ending in ENDINGS:
        path = f"{root}{place.path}{ending}"
        yield Place(f"page at {path}", path, place.language, absent)


def _named(site: Site, languages: Sequence[str]) -> Place:
    """The page that was given to be audited, whatever else is read; a mirror's own folder may be called en, too."""
    address = site.address
    whole = site.mirror is not None and site.mirror.root == address.before
    language = address.folder if address.folder in languages and not whole else ""
    absent = "The page that was named is not there: the letter's page and its count page were read in its place."
    return Place(f"page at {address.named}", address.named, None if address.names_count else language, absent)


# verification.ledger.auditing.page_text

BLOCKS = frozenset({"p", "br", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "hr", "pre"})
"""Tags in a letter's text that part two words."""

INLINE = frozenset({"a", "strong", "em", "code"})
"""Tags in a letter's text that may stand inside a word."""

ATTRIBUTES = {"a": frozenset({"href", "rel"}), "ol": frozenset({"start"})}
"""What these tags may carry; no other tag of a letter's text carries anything."""

HIDING = frozenset({"hidden", "style", "popover", "inert", "aria-hidden"})
"""What may not stand on the elements that hold the text or the total."""

PLAIN = frozenset(
    ["html", "body", "main", "article", "header", "div", "section", "p", "strong", "table", "tbody", "tr", "td"]
)
"""What the text and the total may stand in."""

GROUPING = frozenset(" \u00a0\u202f\u2009,.'\u2019")
"""What may part the digits of the total."""

DEEPEST = 100
"""How deep the elements of a page may be nested; ours are not a fifth of that."""

_END = re.compile("</article>", re.IGNORECASE)
_MORE = re.compile("<article|<body|<html|count-total|data-edition", re.IGNORECASE)
"""What a page may not have once more behind its letter; what a second <body> carries goes to the first."""

_UNPLAIN = re.compile(
    r"""<(?!
        [a-z][a-z0-9]*+ (?:[ \t\r\n]++ [a-z][a-z0-9:_-]*+ (?:="[^"<]*+"|='[^'<]*+')?+ )*+ [ \t\r\n]*+ /?> |
        /[a-z][a-z0-9]*+> |
        !doctype[ ]html> |
        !--(?!-?>) [^<>-]*+ (?:-[^<>-]++)*+ -->
    )""",
    re.IGNORECASE | re.VERBOSE,
)
"""Whatever is no tag or comment in its plainest form; parsers differ about where other forms end."""

_AROUND = frozenset({"html", "body", "main"})
"""What the letter stands in, and nothing that could hide it."""

_BEARERS = frozenset({"article", "h1", "div", "section", "table", "strong", "data"})
"""Tags that a part can begin with."""

_LAST = frozenset({"html", "body", "main"})
"""Ends that a browser passes over while something else is open."""

_OTHERWISE = frozenset(
    ["iframe", "noembed", "noframes", "noscript", "script", "select", "style", "template", "textarea", "title", "xmp"]
)
"""Tags in which a browser reads by rules of their own: nothing may begin inside of them."""

_NEVER = frozenset({"frameset", "math", "plaintext", "svg"})
"""Tags that change how a browser reads what comes behind them."""

_WITHOUT_END = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})


class BadPage(Refusal):
    """The page has not the parts of a letter's page, each once and plain."""


@dataclass(frozen=True)
class PageFigures:
    """The count as a letter's page shows it: the edition's number, the total as it is marked up for machines, and the
    total as its digits stand on the page."""

    edition: int
    total: int
    in_digits: int


class LetterPage:
    """A letter's page, read once. Raises `BadPage` for what is no HTML, or ends inside a tag."""

    def __init__(self, html: str) -> None:
        self._reader = _PageReader()
        end = _end_of_parts(html)
        head, rest = html[:end], html[end:]
        if odd := _UNPLAIN.search(head):
            self._reader.broken = f"The letter's page holds {head[odd.start() :][:40]!r}: expected plain tags."
        self._feed(head)
        self._reader.behind = True
        if not self._reader.at_rest or _MORE.search(rest):  # most of a page is the form, and holds nothing of this
            self._feed(rest)
        if self._reader.rawdata:  # never closed: the parser would look at it again from every tag in it
            raise BadPage("The letter's page ends inside a tag: expected all of it.")

    def _feed(self, html: str) -> None:
        try:
            self._reader.feed(html)
        except AssertionError:  # what the parser of the standard library does about some declarations
            raise BadPage("The letter's page is no HTML.") from None

    @property
    def text(self) -> str:
        """The `<h1>` and the `<div class="prose">` of `<article class="letter">`, joined by a newline, each with its
        white space collapsed to single spaces.

        Raises `BadPage` when one of them is not there exactly once, or holds tags or attributes that could hide words.
        """
        if wrong := self._reader.broken or self._reader.hiding:
            raise BadPage(wrong)
        return "\n".join(" ".join(self._reader.only(part).split()) for part in ("title", "body"))

    @property
    def figures(self) -> PageFigures:
        """The count in the element that has `data-edition="12"`, marked up as `<data value="4410">4,410</data>` inside
        of `<strong class="count-total">`. Raises `BadPage` when it is not there exactly once, could be hidden, or has
        other signs than digits and what groups them."""
        if self._reader.broken:
            raise BadPage(self._reader.broken)
        only = self._reader.only
        digits = "".join(sign for sign in only("total").strip() if sign not in GROUPING)
        return PageFigures(_page_number(only("edition")), _page_number(only("value")), _page_number(digits))


def visible_text(html: str) -> str:
    """The text of a letter's page. Raises `BadPage`, as `LetterPage` says."""
    return LetterPage(html).text


def _end_of_parts(html: str) -> int:
    """Where the letter ends, or on a page without one its total."""
    letter = _END.search(html)
    if letter:
        return letter.end()
    total = html.find("count-total")
    end = html.find("</strong>", total) if total >= 0 else -1
    return end + len("</strong>") if end >= 0 else len(html)


def _page_number(text: str) -> int:
    if not (text.isdecimal() and len(text) < 16):
        raise BadPage(f"The letter's page prints {text[:40]!r} where the count stands: expected a number.")
    return int(text)


_PARTS = {
    "title": "an <h1> in its <article class='letter'>",
    "body": "a <div class='prose'> in its <article class='letter'>",
    "total": "a <strong class='count-total'> in its count",
    "edition": "a data-edition on its count",
    "value": "a <data value='…'> in its count",
}


class _PageReader(HTMLParser):
    """Collects the parts of a letter's page; the open elements are kept, as the parser itself knows only tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, str, str]] = []  # tag, part, and the tag around it that could hide it
        self._found: dict[str, list[list[str]]] = {part: [] for part in _PARTS}
        self.hiding = ""
        """Why the text may not be all that is seen, "" when it is."""
        self.broken = ""
        """Why a browser may show neither the text nor the total as they are read here, "" when it does."""
        self.behind = False
        """Whether the parts have ended: from there on the page may be written as it likes, and begin none."""

    @property
    def at_rest(self) -> bool:
        """Whether every part that began has ended."""
        return not self.rawdata and not any(part in self._found or part == "article" for _tag, part, _odd in self._open)

    def only(self, part: str) -> str:
        """The text of a part. Raises `BadPage` unless it is there once."""
        found = self._found[part]
        if len(found) != 1:
            raise BadPage(f"The letter's page has {_PARTS[part]} {len(found)} times: expected it once.")
        return "".join(found[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        inside = self._part
        self._check_inside(inside, tag, attrs)
        given = {name: value or "" for name, value in attrs}
        odd = self._could_hide(tag, given)
        part = self._begins(tag, given, odd) if tag in _BEARERS else ""
        if part in self._found:
            self._found[part].append([])
        if tag in _AROUND and odd:
            self._break(f"has {odd}: expected it to be shown")
        if tag not in _WITHOUT_END:
            if len(self._open) >= DEEPEST:
                raise BadPage(f"The letter's page nests more than {DEEPEST} elements: this is no page of a letter.")
            self._open.append((tag, part or inside, odd))
        if tag in BLOCKS:
            self.handle_data(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A browser passes over the slash."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.handle_data(" ")
        if not self.behind and (tag in _LAST or not self._open or self._open[-1][0] != tag):
            self._break(f"has </{tag[:40]}> where something else is to end: expected each element to end in its order")
        for place in reversed(range(len(self._open))):
            if self._open[place][0] == tag:
                del self._open[place:]
                break

    def handle_comment(self, data: str) -> None:
        if not self.behind:
            self._check_read_alike("!")

    def handle_data(self, data: str) -> None:
        if self._part in self._found:
            self._found[self._part][-1].append(data)

    def updatepos(self, i: int, j: int) -> int:
        """Nobody asks in which line something stands, and counting lines takes a tenth of the time."""
        return j

    @property
    def _part(self) -> str:
        return self._open[-1][1] if self._open else ""

    def _begins(self, tag: str, given: Mapping[str, str], odd: str) -> str:
        """Which part begins with this tag, "" for none; an edition and a machine's value are found at once."""
        part = self._named(tag, given, given.get("class", "").split(), {part for _tag, part, _odd in self._open})
        if part and odd:
            self._break(f"has {odd} around its {part}: expected it to be shown")
        if part and self.behind:
            self._break(f"has {_PARTS.get(part, part)} behind its letter or total: expected it once")
        return part

    def _could_hide(self, tag: str, given: Mapping[str, str]) -> str:
        """The element, of those around and this one, that could hide what is inside, "" for none."""
        around = self._open[-1][2] if self._open else ""
        if around:
            return around
        if hiding := HIDING & given.keys():
            return f"{' and '.join(sorted(hiding))} on <{tag[:40]}>"
        return "" if tag in PLAIN or tag in _BEARERS else f"<{tag[:40]}>"

    def _check_read_alike(self, tag: str) -> None:
        around = self._open[-1][0] if self._open else ""
        if around in _OTHERWISE or tag in _NEVER:
            self._break(f"has <{(around if around in _OTHERWISE else tag)[:40]}> before its text or total ends")

    def _break(self, said: str) -> None:
        self.broken = self.broken or f"The letter's page {said}."

    def _named(self, tag: str, given: Mapping[str, str], classes: list[str], around: set[str]) -> str:
        if "data-edition" in given:
            self._note("edition", given["data-edition"])
            return "count"
        if tag == "data" and "count" in around:
            self._note("value", given.get("value"))
        if tag == "strong" and "count-total" in classes and "count" in around:
            return "total"
        if tag == "article" and "letter" in classes:
            return "article" if _AROUND.issuperset(name for name, _part, _odd in self._open) else ""
        if "article" in around and tag == "h1":
            return "title"
        return "body" if "article" in around and tag == "div" and "prose" in classes else ""

    def _check_inside(self, inside: str, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self.behind:
            self._check_read_alike(tag)
        if inside in ("title", "body"):
            self._check_plain(tag, attrs)
        elif inside == "total" and (tag, [name for name, _value in attrs]) != ("data", ["value"]):
            self._break(f"has <{tag[:40]}> in its total: expected <data value='…'> alone")

    def _check_plain(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        odd = {name for name, _value in attrs} - ATTRIBUTES.get(tag, frozenset())
        if tag not in BLOCKS | INLINE or odd:
            shown = " ".join([tag, *sorted(odd)])
            self.hiding = f"The letter's text holds <{shown[:60]}>, which can hide words: expected plain text."

    def _note(self, part: str, value: str | None) -> None:
        if value is not None:
            self._found[part].append([value])


# verification.ledger.leaves

BEGINNING, SIGNATURE, WITHDRAWAL, VOID, TALLY = b"L", b"S", b"W", b"V", b"T"

_HIDDEN = 32
_REASON = re.compile(rb"[a-z]{1,32}")


class BadLeaf(Refusal):
    """An entry of the log is none of the kinds that a letter's log holds."""


@dataclass(frozen=True)
class Opening:
    """What opens a signature's leaf, 32 bytes each. It is known to the server and, with a receipt, to the signer."""

    nullifier: bytes
    blinding: bytes
    seal_hash: bytes

    @classmethod
    def of(cls, secret: bytes, sealed: bytes) -> Opening:
        """From a signature's random 32 bytes and its identity, sealed to the letter's key."""
        return cls(nullifier_of(secret), _derived(secret, b"blinding"), hashlib.sha256(sealed).digest())

    @property
    def commitment(self) -> bytes:
        """HMAC-SHA256 under the blinding over the nullifier's SHA-256 and the sealed identity's."""
        hidden = hashlib.sha256(self.nullifier).digest() + self.seal_hash
        return hmac.digest(self.blinding, hidden, "sha256")


def nullifier_of(secret: bytes) -> bytes:
    """What the log shows of a signature that is withdrawn or voided; it leads to no other leaf."""
    return _derived(secret, b"nullifier")


def _derived(secret: bytes, name: bytes) -> bytes:
    return hmac.digest(secret, b"undersigned " + name + b" 1", "sha256")


@dataclass(frozen=True)
class Beginning:
    """Leaf 0, as JSON: which letter with which text, the key that names are sealed to, the rules of its figures."""

    content: Mapping[str, Any]

    def encode(self) -> bytes:
        return BEGINNING + canonical(self.content)


@dataclass(frozen=True)
class Signature:
    """Somebody signed."""

    commitment: bytes

    def encode(self) -> bytes:
        return SIGNATURE + self.commitment


@dataclass(frozen=True)
class Withdrawal:
    """Somebody whom the log counts has withdrawn."""

    nullifier: bytes

    def encode(self) -> bytes:
        return WITHDRAWAL + self.nullifier


@dataclass(frozen=True)
class Void:
    """Organisers threw out a signature that the log counts, for this reason."""

    nullifier: bytes
    reason: str

    def encode(self) -> bytes:
        return VOID + self.nullifier + self.reason.encode("ascii")


@dataclass(frozen=True)
class Tally:
    """What an edition prints, as JSON: the last leaf of each."""

    content: Mapping[str, Any]

    def encode(self) -> bytes:
        return TALLY + canonical(self.content)


Leaf = Beginning | Signature | Withdrawal | Void | Tally


def decode_leaf(entry: bytes) -> Leaf:
    """The leaf that an entry holds. Raises `BadLeaf` for anything that `encode` does not make."""
    kind, content = entry[:1], entry[1:]
    if kind == SIGNATURE and len(content) == _HIDDEN:
        return Signature(content)
    if kind == WITHDRAWAL and len(content) == _HIDDEN:
        return Withdrawal(content)
    if kind == VOID and _REASON.fullmatch(content[_HIDDEN:]):
        return Void(content[:_HIDDEN], content[_HIDDEN:].decode("ascii"))
    if kind in (BEGINNING, TALLY):
        return (Beginning if kind == BEGINNING else Tally)(_read_canonical(content))
    raise BadLeaf(f"An entry of {len(entry)} bytes that begins with {kind!r} is no leaf of a letter's log.")


def canonical(content: Mapping[str, Any]) -> bytes:
    """JSON in the one way in which a leaf holds it: keys in order, no spaces, UTF-8 as it is."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def hashed_pairs(pairs: Sequence[Sequence[str | int]]) -> dict[str, int | str]:
    """What a tally says of professions by region, which can be more than a leaf holds: how many pairs, and their hash.

    `pairs` are profession, region and count, in the order in which they are printed.
    """
    listed = json.dumps([list(pair) for pair in pairs], ensure_ascii=False, separators=(",", ":"))
    return {"pairs": len(pairs), "sha256": hashlib.sha256(listed.encode()).hexdigest()}


def _read_canonical(data: bytes) -> Mapping[str, Any]:
    try:
        content = json.loads(data)
        if isinstance(content, dict) and canonical(content) == data:
            return content
    except (ValueError, RecursionError):
        pass
    raise BadLeaf("A leaf holds JSON that is damaged, or not written in the one way in which leaves are.")


# verification.ledger.auditing.printed

DIMENSIONS_PRINTED = ("profession", "region", "standing")
MOST_CELLS = 10_000
"""Cells in the largest dimension that is read."""

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")

Span = tuple[int, int]
"""The least and the most that something can be."""


@dataclass(frozen=True)
class PrintedCells:
    """One dimension: the cells that are shown, by code, and how many everybody else can be, None if there is nobody."""

    shown: Mapping[str, int]
    rest: Span | None


@dataclass(frozen=True)
class PrintedPairs:
    """Professions by region: how many, and their hash, as a tally has them. The JSON lists them: `counts`."""

    many: int
    sha256: str
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class PrintedEdition:
    """All that an edition prints. `pairs` are in a letter's last edition only."""

    edition: int
    released_at: str
    signatures: int
    withdrawn: int
    voided: int
    total: int
    cells: Mapping[str, PrintedCells]
    pairs: PrintedPairs | None

    @property
    def figures(self) -> Mapping[str, int]:
        return {
            "signatures": self.signatures,
            "withdrawn": self.withdrawn,
            "voided": self.voided,
            "total": self.total,
        }


@dataclass(frozen=True)
class LoggedTally:
    """A tally: what the edition prints, how many cells each dimension has, and how old a cell's reading can be."""

    printed: PrintedEdition
    of: Mapping[str, int]
    unread: int


@dataclass(frozen=True)
class PrintedHead:
    """The log's head as the site prints it beside an edition; `checkpoint` is None until it is signed."""

    origin: str
    key: str
    size: int
    root: str
    checkpoint: str | None


@dataclass(frozen=True)
class PrintedStep:
    """An edition in the site's history: its figures, what changed, why signatures were voided, and the log's head."""

    printed: PrintedEdition
    changes: Mapping[str, int]
    reasons: Mapping[str, int]
    head: PrintedHead | None


def read_tally(content: Mapping[str, Any]) -> LoggedTally:
    """A tally's content. Raises `BadAnswer`."""
    figures = as_object(content.get("figures"), "the figures")
    dimensions = {name: as_object(figures.get(name), name) for name in DIMENSIONS_PRINTED}
    cells = {name: _cells_logged(found, name) for name, found in dimensions.items()}
    pairs = figures.get("profession_region")
    printed = _edition(content, cells, None if pairs is None else _pairs_logged(pairs))
    of = {name: as_figure(found.get("of"), f"the number of cells by {name}") for name, found in dimensions.items()}
    return LoggedTally(printed, of, as_figure(figures.get("unread"), "how many events were not read"))


def read_printed(answer: Mapping[str, Any]) -> PrintedEdition:
    """The figures of an edition in the site's JSON. Raises `BadAnswer`."""
    cells = {name: _cells_shown(answer.get(f"by_{name}"), name) for name in DIMENSIONS_PRINTED}
    pairs = answer.get("by_profession_and_region")
    return _edition(answer, cells, None if pairs is None else _pairs_shown(pairs))


def read_step(answer: Mapping[str, Any]) -> PrintedStep:
    """An edition of the site's history. Raises `BadAnswer`."""
    changes = as_object(answer.get("changes"), "the changes")
    least = {"signatures": 0, "withdrawn": 0, "voided": 0, "total": -(10**12)}
    moved = {name: as_figure(changes.get(name), f"the change of {name}", low) for name, low in least.items()}
    reasons = as_object(answer.get("reasons"), "the reasons")
    head = answer.get("log")
    return PrintedStep(
        read_printed(answer),
        moved,
        {reason: as_figure(count, f"the number of {in_short(reason)}") for reason, count in reasons.items()},
        None if head is None else _head_of(as_object(head, "the log's head")),
    )


def _edition(found: Mapping[str, Any], cells: Mapping[str, PrintedCells], pairs: PrintedPairs | None) -> PrintedEdition:
    released_at = as_text(found.get("released_at"), "the moment of release")
    if not _MOMENT.fullmatch(released_at):
        raise BadAnswer(f"Found {in_short(released_at)} as the moment of release: expected one in UTC, to the second.")
    signatures, withdrawn, voided, total = (
        as_figure(found.get(name), name) for name in ("signatures", "withdrawn", "voided", "total")
    )
    number = as_figure(found.get("edition"), "the edition", 1)
    return PrintedEdition(number, released_at, signatures, withdrawn, voided, total, cells, pairs)


def _cells_logged(found: Mapping[str, Any], name: str) -> PrintedCells:
    shown = as_object(found.get("shown"), f"the cells by {name}")
    if len(shown) > MOST_CELLS:
        raise BadAnswer(f"There are {len(shown)} cells by {name}: expected at most {MOST_CELLS}.")
    rest = found.get("rest")
    counts = {code: as_figure(count, f"the cell {in_short(code)}") for code, count in shown.items()}
    return PrintedCells(counts, None if rest is None else _span_of(rest, name))


def _cells_shown(found: object, name: str) -> PrintedCells:
    shown: dict[str, int] = {}
    rest: Span | None = None
    for cell in as_list(found, f"the cells by {name}", MOST_CELLS):
        code = as_object(cell, f"a cell by {name}").get("code")
        if code is None and rest is None:
            rest = _span_of(cell.get("range"), name)
        elif isinstance(code, str) and code not in shown:
            shown[code] = as_figure(cell.get("count"), f"the cell {in_short(code)}")
        else:
            raise BadAnswer(f"Found {in_short(code)} as a cell by {name}: expected codes, each once.")
    return PrintedCells(shown, rest)


def _span_of(value: object, name: str) -> Span:
    span = as_list(value, f"the rest by {name}", 2)
    if len(span) != 2:
        raise BadAnswer(f"Found {in_short(span)} as the rest by {name}: expected two numbers.")
    return as_figure(span[0], "the least"), as_figure(span[1], "the most")


def _pairs_logged(value: object) -> PrintedPairs:
    found = as_object(value, "the pairs")
    return PrintedPairs(as_figure(found.get("pairs"), "how many pairs"), as_text(found.get("sha256"), "their hash"))


def _pairs_shown(value: object) -> PrintedPairs:
    pairs = [as_object(pair, "a pair") for pair in as_list(value, "the pairs", MOST_CELLS)]
    listed = [
        (_code(pair, "profession"), _code(pair, "region"), as_figure(pair.get("count"), "a pair")) for pair in pairs
    ]
    counts = {(profession, region): count for profession, region, count in listed}
    if len(counts) < len(listed):
        raise BadAnswer("A pair stands there twice.")
    return PrintedPairs(len(listed), str(hashed_pairs(listed)["sha256"]), counts)


def _code(pair: Mapping[str, Any], side: str) -> str:
    return as_text(as_object(pair.get(side), f"the {side} of a pair").get("code"), "a code")


def _head_of(found: Mapping[str, Any]) -> PrintedHead:
    checkpoint = found.get("checkpoint")
    return PrintedHead(
        as_text(found.get("origin"), "the log's origin"),
        as_text(found.get("key"), "the log's key"),
        as_figure(found.get("size"), "the log's size"),
        as_text(found.get("root"), "the log's root"),
        None if checkpoint is None else as_text(checkpoint, "the checkpoint"),
    )


# verification.ledger.auditing.asking

EDITIONS_ON_A_PAGE = 100
MOST_PAGES = 1_000
"""Pages in the longest list of editions that is read."""

MOST_LANGUAGES = 64

GONE = 410
"""What a site answers where a letter was taken down."""


@dataclass(frozen=True)
class ShownText:
    """A page with the letter's text in a language, "" for whichever, and `where` that is."""

    where: str
    language: str
    page: LetterPage


@dataclass
class Answers:
    """What the site prints; whatever is missing has a finding, or in `notes` a harmless reason.

    `count` is None also before the first edition, when `uncounted` holds.
    """

    letter: Mapping[str, Any] | None = None
    count: PrintedEdition | None = None
    uncounted: bool = False
    down: bool = False
    steps: list[PrintedStep] = field(default_factory=list)
    newest: PrintedStep | None = None
    texts: list[ShownText] = field(default_factory=list)
    figures: dict[str, PageFigures] = field(default_factory=dict)
    """By page: the letter's in each language, the count's, and the newest edition's, which is there to be cited; what
    readers open of these on a mirror; and the page that was named."""
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The key of the log as the site names it: beside its newest edition, or else beside the letter."""
        for step in reversed(self.steps):
            if step.head:
                return step.head.key
        log = (self.letter or {}).get("log")
        key = log.get("key") if isinstance(log, dict) else None
        return key if isinstance(key, str) else ""


def ask_site(site: Site, languages: Sequence[str]) -> Answers:
    """Ask for all that is compared with the log; pages in these languages, or in those the JSON names when there are
    none. Raises `Unreachable`."""
    answers, api = Answers(), site.address.api
    answers.letter = _object_at(site, api, answers)
    if answers.down:
        return answers
    _take_count(_object_at(site, f"{api}/count", answers), answers)
    answers.steps += _steps(site, answers)
    number = answers.steps[-1].printed.edition if answers.steps else 0
    if number:
        answers.newest = _step_of(_object_at(site, f"{api}/editions/{number}", answers), answers)
    texts = answers.letter.get("texts") if answers.letter else None
    named = languages or (list(texts) if isinstance(texts, dict) else [])
    _take_pages(site, page_places(site, _spoken(site, named, answers), number), answers)
    return answers


def _object_at(site: Site, path: str, answers: Answers) -> Mapping[str, Any] | None:
    try:
        return parsed_object(site.get(path, JSON_BYTES))
    except (BadStatus, BadAnswer) as wrong:
        if isinstance(wrong, BadStatus) and wrong.status == GONE and path == site.address.api:
            said = "The letter was taken down (410). There is nothing to check until the host puts it back."
            answers.findings.append(Finding(Code.TAKEN_DOWN, said))
            answers.down = True
            return None
        answers.findings.append(_unreadable(f"at {path}", wrong))
        return None


def _take_count(count: Mapping[str, Any] | None, answers: Answers) -> None:
    if count is None or count.get("edition") != 0:
        answers.count = _edition_of(count, "the count", answers)
        return
    answers.uncounted = True
    figures = {name: count.get(name) for name in ("signatures", "withdrawn", "voided", "total")}
    if any(type(figure) is not int or figure for figure in figures.values()):
        said = f"The count prints {in_short(figures)} before the first edition: expected 0 of each."
        answers.findings.append(Finding(Code.PRINTED_FIGURE, said))


def _steps(site: Site, answers: Answers) -> Iterator[PrintedStep]:
    """Every edition of the history, page by page."""
    page = pages = 1
    while page <= pages:
        path = f"{site.address.api}/editions?page={page}"
        found = _object_at(site, path, answers)
        if found is None:
            return
        try:
            pages = as_figure(found.get("pages"), "the number of pages", 1)
            listed = as_list(found.get("editions"), "the editions", EDITIONS_ON_A_PAGE)
            _check_length(pages, len(listed))
            yield from [read_step(as_object(edition, "an edition")) for edition in listed]
        except BadAnswer as wrong:
            answers.findings.append(_unreadable(f"at {path}", wrong))
            return
        page += 1


def _check_length(pages: int, listed: int) -> None:
    if pages > MOST_PAGES or (listed == 0 and pages > 1):
        raise BadAnswer(f"It says that it has {pages} pages, and {listed} editions on this one.")


def _edition_of(answer: Mapping[str, Any] | None, what: str, answers: Answers) -> PrintedEdition | None:
    try:
        return None if answer is None else read_printed(answer)
    except BadAnswer as wrong:
        answers.findings.append(_unreadable(f"of {what}", wrong))
        return None


def _step_of(answer: Mapping[str, Any] | None, answers: Answers) -> PrintedStep | None:
    try:
        return None if answer is None else read_step(answer)
    except BadAnswer as wrong:
        answers.findings.append(_unreadable("of the newest edition", wrong))
        return None


def _spoken(site: Site, named: Sequence[str], answers: Answers) -> list[str]:
    """The languages that a page can be in."""
    spoken = []
    for language in sorted(named)[:MOST_LANGUAGES]:
        try:
            site.address.page(language)
        except BadAddress as wrong:
            said = f"The letter's page in {in_short(language)} cannot be read. {wrong}"
            answers.findings.append(Finding(Code.UNREADABLE_PAGE, said))
        else:
            spoken.append(language)
    return spoken


def _take_pages(site: Site, places: Sequence[Place], answers: Answers) -> None:
    for place in places:
        _take_page(site, place, answers)
    unknown = not any(text.language for text in answers.texts)
    if unknown and not any(finding.code is Code.UNREADABLE_PAGE for finding in answers.findings):
        answers.notes.append("The site has no page in any of the letter's languages: only its JSON shows the text.")
    if said := unread(site.address):
        answers.notes.append(said)


def _take_page(site: Site, place: Place, answers: Answers) -> None:
    try:
        page = LetterPage(site.get(place.path, PAGE_BYTES, exactly=True).decode("utf-8", "replace"))
        if place.language is not None:
            answers.texts.append(ShownText(place.where, place.language, page))
        answers.figures[place.what] = page.figures
    except (BadStatus, BadPage) as wrong:
        if isinstance(wrong, BadStatus) and wrong.status in NOT_THERE and place.absent:
            answers.notes += [place.absent] if place.absent not in answers.notes else []
        else:
            said = f"The {place.what} cannot be read. {wrong}"
            answers.findings.append(Finding(Code.UNREADABLE_PAGE, said))


def _unreadable(what: str, wrong: Exception) -> Finding:
    return Finding(Code.UNREADABLE_API, f"The JSON {what} cannot be read. {wrong}")


# verification.ledger.auditing.cell_rules

@dataclass(frozen=True)
class CellPolicy:
    """A cell is shown from `threshold` on, rounded down to `step`; it is read again after `moves_after` events, and a
    shown one is hidden only below `hides_below`."""

    threshold: int
    step: int
    moves_after: int
    hides_below: int

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> CellPolicy:
        """From leaf 0. Raises `BadAnswer`."""
        figures = as_object(content.get("figures"), "the rules of figures")
        threshold, step, moves_after = (
            as_figure(figures.get(name), name, 1) for name in ("threshold", "step", "moves_after")
        )
        return cls(threshold, step, moves_after, as_figure(figures.get("hides_below"), "hides_below"))

    @property
    def least_shown(self) -> int:
        """The smallest figure that a shown cell has."""
        return -(-self.threshold // self.step) * self.step

    @property
    def hides(self) -> bool:
        """Whether it hides anything at all."""
        return max(self.threshold, self.step, self.moves_after) > 1

    def bounds(self, printed: int, unread: int) -> Span:
        """Between which counts the truth lies behind a printed cell of which so many events were not read."""
        lowest = self.hides_below if printed == self.least_shown else printed
        return max(0, lowest - unread), printed + self.step - 1 + unread

    def rest(self, total: int, shown: Mapping[str, int], unread: int) -> Span | None:
        """How many everybody else can be, as it follows from the total and the shown cells; None when nobody."""
        bounds = [self.bounds(count, unread) for count in shown.values()]
        most = total - sum(low for low, _high in bounds)
        return (max(0, total - sum(high for _low, high in bounds)), most) if most > 0 else None


def cell_findings(tally: LoggedTally, policy: CellPolicy) -> Iterator[Finding]:
    """What the cells of an edition give away or make up, against the letter's own rules."""
    for name, cells in tally.printed.cells.items():
        where = f"Edition {tally.printed.edition} by {name}"
        yield from _too_small(where, cells.shown, policy)
        yield from _of_all(where, cells, tally.of[name], policy)
        yield from _of_the_rest(where, cells, tally, policy)


def pair_findings(printed: PrintedEdition, policy: CellPolicy) -> Iterator[Finding]:
    """What professions by region, as the JSON lists them, give away or make up."""
    where = f"Edition {printed.edition} by profession and region"
    pairs = printed.pairs.counts if printed.pairs else {}
    yield from _too_small(where, {"/".join(pair): count for pair, count in pairs.items()}, policy)
    for side, name in enumerate(("profession", "region")):
        sums: Counter[str] = Counter()
        for pair, count in pairs.items():
            sums[pair[side]] += count
        for code, found in sums.items():
            most = printed.cells[name].shown.get(code, 0)
            if found > most:
                said = f"prints {found} for the {name} {in_short(code)}: expected at most {most}, which its cell prints"
                yield Finding(Code.CELLS_TOO_LARGE, f"{where} {said}.")


def _too_small(where: str, shown: Mapping[str, int], policy: CellPolicy) -> Iterator[Finding]:
    for code, count in shown.items():
        if count < policy.least_shown:
            said = f"expected at least {policy.least_shown}, the letter's threshold"
            yield Finding(Code.CELL_TOO_SMALL, f"{where} prints the cell {in_short(code)} as {count}: {said}.")
        elif count % policy.step:
            said = f"expected a multiple of {policy.step}, the letter's step"
            yield Finding(Code.CELL_NOT_ROUNDED, f"{where} prints the cell {in_short(code)} as {count}: {said}.")


def _of_all(where: str, cells: PrintedCells, of: int, policy: CellPolicy) -> Iterator[Finding]:
    hidden = of - len(cells.shown)
    if hidden < 0:
        yield Finding(Code.CELLS_TOO_MANY, f"{where} prints {len(cells.shown)} cells: expected at most {of}.")
    if hidden == 1 and cells.shown and policy.hides:
        said = f"prints {of - 1} of {of} cells: expected never exactly one to be hidden, as it can be worked out"
        yield Finding(Code.CELL_ALONE, f"{where} {said}.")


def _of_the_rest(where: str, cells: PrintedCells, tally: LoggedTally, policy: CellPolicy) -> Iterator[Finding]:
    total, unread = tally.printed.total, tally.unread
    for code, count in cells.shown.items():
        if count > tally.printed.signatures:
            most = f"expected at most {tally.printed.signatures}, as many as ever signed"
            yield Finding(Code.CELLS_TOO_LARGE, f"{where} prints the cell {in_short(code)} as {count}: {most}.")
    least = sum(policy.bounds(count, unread)[0] for count in cells.shown.values())
    if least > total:
        said = f"prints cells of at least {least} together: expected no more than its total, {total}"
        yield Finding(Code.CELLS_TOO_LARGE, f"{where} {said}.")
    expected = policy.rest(total, cells.shown, unread)
    if cells.rest != expected:
        said = f"prints {_said(cells.rest)} as the rest: expected {_said(expected)}, as total and shown cells leave it"
        yield Finding(Code.WRONG_REST, f"{where} {said}.")


def _said(rest: Span | None) -> str:
    return "nobody" if rest is None else f"{rest[0]} to {rest[1]}"


# verification.ledger.hashing

HASH = 32
"""Bytes in a hash."""

EMPTY_ROOT = sha256(b"").digest()
"""The root of the tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry; the leading 0 keeps leaves and inner nodes apart."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node above two others."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """The Merkle tree hash over hashed leaves, `EMPTY_ROOT` without any.

    Pairing level by level, with an odd last node moved up as it is, gives the tree that the RFC defines by splitting
    at the largest power of two. Hence roots of subtrees may stand for leaves, if all but the last are equally high.
    """
    level = list(leaf_hashes)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        above = [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        level = above if len(level) % 2 == 0 else [*above, level[-1]]
    return level[0]


# verification.ledger.tiles

WIDTH = 256
"""Hashes in a full tile, entries in a full bundle."""

ENTRIES = -1
"""The level of entry bundles, which lie below the leaf hashes."""

HIGHEST = 63
"""The highest level that an address can name."""

LONGEST_ENTRY = 2**16 - 1
"""Bytes in the longest entry: a bundle gives the length in 16 bits."""

MOST_TILES = 2**55
"""Tiles of one level in the largest tree, of 2**63 leaves."""

_LENGTH = Struct(">H")
_TILE_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([0-9]{1,3}))?")


class BadTile(Refusal):
    """The address or the bytes of a tile are not as the specification has them."""


@dataclass(frozen=True)
class TileAddress:
    """Where a tile is: its level, its number in the level, and how many hashes or entries of it are meant.

    Raises `BadTile` for an address that no tree has.
    """

    level: int
    number: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if not ENTRIES <= self.level <= HIGHEST:
            raise BadTile(f"There is no tile level {self.level}: expected 0 to {HIGHEST}, or the entries.")
        if not 0 <= self.number < MOST_TILES:
            raise BadTile(f"There is no tile number {self.number}: expected 0 to {MOST_TILES - 1}.")
        if not 1 <= self.width <= WIDTH:
            raise BadTile(f"A tile is never {self.width} wide: expected 1 to {WIDTH}.")

    @property
    def path(self) -> str:
        """The address below the log's own, as `tile/0/x001/067.p/3`."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_in_threes(self.number)}{partial}"

    @classmethod
    def parse(cls, path: str) -> TileAddress:
        """Read a path in the one form that `path` writes. Raises `BadTile`."""
        found = _TILE_PATH.fullmatch(path)
        if not found:
            raise BadTile(f"No tile has the path {path[:80]!r}: expected one like 'tile/0/x001/067.p/3'.")
        level, number, width = found.groups()
        address = cls(
            ENTRIES if level == "entries" else int(level),
            int(re.sub("[x/]", "", number)),
            WIDTH if width is None else int(width),
        )
        if address.path != path:
            raise BadTile(f"The path {path!r} has zeros or a width that do not belong: expected {address.path!r}.")
        return address


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Entries one after another, each behind its length in two bytes, big-endian. Raises `BadTile`."""
    return b"".join(part for entry in entries for part in (_length_of(entry), entry))


def decode_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises `BadTile` when it ends inside an entry, or holds more than `WIDTH`."""
    entries: list[bytes] = []
    at, length_at = 0, _LENGTH.unpack_from
    while at + 2 <= len(data):
        start = at + 2
        at = start + length_at(data, at)[0]
        entries.append(data[start:at])
    if at != len(data):
        raise BadTile(f"The bundle of {len(data)} bytes ends inside an entry: it was cut short. Fetch it again.")
    if len(entries) > WIDTH:
        raise BadTile(f"The bundle holds {len(entries)} entries: expected at most {WIDTH}.")
    return entries


def hashes_in(data: bytes) -> list[bytes]:
    """The hashes of a tile. Raises `BadTile` when it ends inside a hash, or holds more than `WIDTH`."""
    if len(data) % HASH or len(data) > WIDTH * HASH:
        raise BadTile(f"The tile has {len(data)} bytes: expected up to {WIDTH} hashes of {HASH} bytes each.")
    return [data[at : at + HASH] for at in range(0, len(data), HASH)]


def parts_of(address: TileAddress, data: bytes) -> list[bytes]:
    """The first `width` hashes or entries of a stored tile. Raises `BadTile` when it is not that wide, or damaged."""
    parts = decode_bundle(data) if address.level == ENTRIES else hashes_in(data)
    if len(parts) < address.width:
        raise BadTile(f"The tile {address.path} is only {len(parts)} wide: expected {address.width}. Fetch it again.")
    return parts[: address.width]


def cut(address: TileAddress, data: bytes) -> bytes:
    """A stored tile cut to the first `width` hashes or entries. Raises `BadTile` when it is not that wide."""
    parts = parts_of(address, data)
    return encode_bundle(parts) if address.level == ENTRIES else b"".join(parts)


def _in_threes(number: int) -> str:
    parts = [f"{number % 1000:03}"]
    while number := number // 1000:
        parts.append(f"x{number % 1000:03}")
    return "/".join(reversed(parts))


def _length_of(entry: bytes) -> bytes:
    if len(entry) > LONGEST_ENTRY:
        raise BadTile(f"An entry has {len(entry)} bytes: expected at most {LONGEST_ENTRY}.")
    return _LENGTH.pack(len(entry))


# verification.ledger.auditing.growing

class GrowingTree:
    """A Merkle tree (RFC 6962, section 2.1) that keeps no leaves: as much as `root_at` its newest bundle needs."""

    def __init__(self) -> None:
        self._full = 0
        self._peaks: list[bytes] = []
        """Roots of the largest full subtrees over full bundles, from the left."""
        self._levels: list[list[bytes]] = [[]]

    def add(self, hashes: list[bytes]) -> None:
        """Add a bundle of leaf hashes; every one but the last is `WIDTH` long."""
        if len(self._levels[0]) == WIDTH:
            self._put_away(self._levels[-1][0])
        self._levels = _levels_over(hashes)

    def roots_at(self, sizes: Iterable[int]) -> dict[int, bytes]:
        """The roots at these sizes, of which each ends in the newest bundle."""
        return {size: self._root_at(size) for size in sizes}

    def _root_at(self, size: int) -> bytes:
        within = size - self._full * WIDTH
        inside = [
            level[(within >> height) - 1]
            for height, level in reversed(list(enumerate(self._levels)))
            if within >> height & 1
        ]
        *lefts, root = [*self._peaks, *inside] or [EMPTY_ROOT]
        for left in reversed(lefts):
            root = node_hash(left, root)
        return root

    def _put_away(self, peak: bytes) -> None:
        count = self._full
        while count & 1:
            peak = node_hash(self._peaks.pop(), peak)
            count >>= 1
        self._peaks.append(peak)
        self._full += 1


def _levels_over(hashes: list[bytes]) -> list[list[bytes]]:
    """Every full node over these hashes, level by level; pairs alone, so that an odd last one has nothing above it."""
    levels = [hashes]
    while len(level := levels[-1]) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        levels.append([sha256(b"\x01" + left + right).digest() for left, right in pairs])
    return levels


# verification.ledger.auditing.log_reading

MOST_LEAVES = 10_000_000
"""Leaves in the largest log that is read: what one newsroom's computer holds in memory."""

MOST_SEARCHES = 10
"""Blocks in which repeated signatures are looked up by name, so that a log full of them does not take for ever."""

BUNDLE_BYTES = WIDTH * (2 + LONGEST_ENTRY)

_SIGNATURE = re.compile(rb"S.{32}", re.DOTALL)

_SIGNATURES = re.compile(rb"(?:\x00\x21S.{32})+", re.DOTALL)
"""Signatures one after another in a bundle: most of a log, read without a step of Python for each."""


class BadBundle(Refusal):
    """A bundle that is not as wide as the log says, so that no leaf after it can be read."""


@dataclass(frozen=True)
class LoggedEdition:
    """The leaves of one edition: they are from `first` up to and without `size`, and the last is its tally.

    `content` is the tally as it stands there; `root` is the log's when the edition ends.
    """

    first: int
    size: int
    root: bytes
    signatures: int
    withdrawn: int
    voided: int
    reasons: Mapping[str, int]
    content: Mapping[str, Any]


@dataclass
class _Counted:
    """The leaves since the last tally."""

    first: int
    signatures: int = 0
    withdrawn: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


class LogReading:
    """A log of `size` leaves. After every bundle was taken, `root` and `editions` say what it holds.

    `roots` has the root at every size of `wanted` and at the end of every edition, and `removed` what became of which
    nullifier, at which leaf.
    """

    def __init__(self, size: int, wanted: Collection[int] = ()) -> None:
        self.size = size
        self.beginning: Mapping[str, Any] | None = None
        self.editions: list[LoggedEdition] = []
        self.findings: list[Finding] = []
        self.roots: dict[int, bytes] = {0: EMPTY_ROOT}
        self.removed: dict[bytes, tuple[int, str]] = {}
        self._commitments: set[bytes] = set()
        self._searches = 0
        self._blocks: list[tuple[int, list[bytes]]] = []
        self._wanted = sorted({*wanted, size})
        self._tree = GrowingTree()
        self._counted = _Counted(1)
        self._ended: list[tuple[int, _Counted, Mapping[str, Any]]] = []

    @property
    def root(self) -> bytes:
        """The root that all the leaves have together."""
        return self.roots[self.size]

    @property
    def loose(self) -> int:
        """How many leaves stand behind the last tally; leaf 0 needs none."""
        return self.size - (self.editions[-1].size if self.editions else 1)

    def take(self, number: int, bundle: bytes) -> None:
        """Read the bundle of that number; they come in their order. Raises `BadBundle`."""
        first, entries = number * WIDTH, list[bytes]()
        width = min(WIDTH, self.size - first)
        for block in _blocks(number, bundle):
            self._take_block(first + len(entries), block)
            entries += block
            if len(entries) > width:
                break
        if len(entries) != width:
            raise BadBundle(f"Bundle {number} of the log holds {_count(len(entries), width)} leaves: expected {width}.")
        self._tree.add([sha256(b"\x00" + entry).digest() for entry in entries])
        self._end_editions(first, first + width)

    def signature_at(self, index: int) -> bytes | None:
        """The entry at this index, None when it is no signature."""
        block = bisect_right(self._blocks, index, key=lambda block: block[0]) - 1
        first, entries = self._blocks[block] if block >= 0 else (0, [])
        return entries[index - first] if index - first < len(entries) else None

    def _end_editions(self, first: int, end: int) -> None:
        sizes = [size for size in self._wanted if first < size <= end]
        roots = self._tree.roots_at({*sizes, *(size for size, _counted, _content in self._ended)})
        self.roots |= roots
        for size, counted, content in self._ended:
            voided = counted.reasons.total()
            figures = counted.signatures, counted.withdrawn, voided, counted.reasons
            self.editions.append(LoggedEdition(counted.first, size, roots[size], *figures, content))
        self._ended = []

    def _take_block(self, index: int, block: list[bytes]) -> None:
        if _SIGNATURE.fullmatch(block[0]):
            self._take_signatures(index, block)
        else:
            self._take_other(index, block[0])
        if index == 0 and self.beginning is None:
            self._find(Code.NO_BEGINNING, "Leaf 0 does not begin the log: expected the letter's text and rules there.")

    def _take_signatures(self, index: int, block: list[bytes]) -> None:
        self._counted.signatures += len(block)
        known = len(self._commitments)
        self._commitments.update(block)
        if len(self._commitments) < known + len(block) and self._searches < MOST_SEARCHES:
            self._searches += 1
            self._find_repeated(index, block)
        self._blocks.append((index, block))

    def _find_repeated(self, index: int, block: list[bytes]) -> None:
        blocks = reversed(self._blocks)  # so that the first place of each is the one that stays
        earlier = {entry: first + at for first, entries in blocks for at, entry in enumerate(entries)}
        for place, entry in enumerate(block, start=index):
            first = earlier.setdefault(entry, place)
            if first != place:
                said = f"Leaf {place} is the same signature as leaf {first}: expected each to be counted once."
                self._find(Code.REPEATED_COMMITMENT, said)

    def _take_other(self, index: int, entry: bytes) -> None:
        try:
            leaf = decode_leaf(entry)
        except BadLeaf as wrong:
            self._find(Code.BAD_LEAF, f"Leaf {index} cannot be read. {wrong}")
            return
        match leaf:
            case Withdrawal(nullifier):
                self._counted.withdrawn += 1
                self._take_nullifier(index, nullifier, "withdrawn")
            case Void(nullifier, reason):
                self._counted.reasons[reason] += 1
                self._take_nullifier(index, nullifier, f"voided ({reason})")
            case Tally(content):
                self._ended.append((index + 1, self._counted, content))
                self._counted = _Counted(index + 1)
            case Beginning(content):
                self._take_beginning(index, content)
            case Signature():
                raise AssertionError("signatures come in blocks")

    def _take_beginning(self, index: int, content: Mapping[str, Any]) -> None:
        if index == 0:
            self.beginning = content
        else:
            self._find(Code.SECOND_BEGINNING, f"Leaf {index} begins the log again: expected that of leaf 0 alone.")

    def _take_nullifier(self, index: int, nullifier: bytes, what: str) -> None:
        earlier = self.removed.setdefault(nullifier, (index, what))
        if earlier[0] != index:
            said = f"Leaf {index} removes the same signature as leaf {earlier[0]}: expected each to be removed once."
            self._find(Code.REPEATED_NULLIFIER, said)

    def _find(self, code: Code, sentence: str) -> None:
        self.findings.append(Finding(code, sentence))


def _count(found: int, width: int) -> str:
    return str(found) if found <= width else f"more than {width}"


def bundle_widths(size: int) -> Iterator[tuple[int, int]]:
    """Number and width of every bundle of a log."""
    for number in range(-(-size // WIDTH)):
        yield number, min(WIDTH, size - number * WIDTH)


def _blocks(number: int, bundle: bytes) -> Iterable[list[bytes]]:
    """The entries of a bundle: signatures by the block, and any other by itself. Raises `BadBundle`."""
    at = 0
    while at < len(bundle):
        run = _SIGNATURES.match(bundle, at)
        if run:
            end = run.end()
            yield [bundle[start : start + 33] for start in range(at + 2, end, 35)]
        else:
            end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
            if end > len(bundle) or at + 2 > len(bundle):
                raise BadBundle(
                    f"Bundle {number} of the log is cut short: expected {end} bytes or more, found {len(bundle)}."
                )
            yield [bundle[at + 2 : end]]
        at = end


# verification.ledger.auditing.edition_checks

COUNTED = ("signatures", "withdrawn", "voided")


@dataclass(frozen=True)
class CheckedEdition:
    """An edition's leaves, and its tally as far as it can be read."""

    number: int
    leaves: LoggedEdition
    tally: LoggedTally | None


@dataclass
class EditionChecks:
    """The editions of a log in their order, by number, and what is wrong with them."""

    findings: list[Finding] = field(default_factory=list)
    editions: dict[int, CheckedEdition] = field(default_factory=dict)
    before: int = 0
    """How many editions there were before the log began."""
    policy: CellPolicy | None = None
    """The rules of figures, None where leaf 0 does not say them."""
    start: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    """What those had counted."""

    @property
    def newest(self) -> int:
        return self.before + len(self.editions)

    @property
    def start_total(self) -> int:
        return self.start["signatures"] - self.start["withdrawn"] - self.start["voided"]

    def printed(self, number: int) -> PrintedEdition | None:
        """What the log says that an edition prints."""
        found = self.editions.get(number)
        return found.tally.printed if found and found.tally else None


def check_editions(reading: LogReading) -> EditionChecks:
    """Count the leaves of every edition and hold its tally against them and against the letter's rules."""
    checks = EditionChecks()
    policy = checks.policy = _begun(reading.beginning, checks)
    counted, moment = checks.start, ""
    for number, leaves in enumerate(reading.editions, start=checks.before + 1):
        counted = _added(counted, leaves)
        tally = _tally_of(number, leaves, checks)
        checks.editions[number] = CheckedEdition(number, leaves, tally)
        if tally:
            checks.findings += _tally_findings(number, tally.printed, counted, moment)
            checks.findings += cell_findings(tally, policy) if policy else ()
            moment = max(moment, tally.printed.released_at)
    if reading.loose > 0:
        said = f"The last {reading.loose} leaves of the log belong to no edition: expected a tally after them."
        checks.findings.append(Finding(Code.EDITION_WITHOUT_TALLY, said))
    return checks


def _begun(beginning: Mapping[str, Any] | None, checks: EditionChecks) -> CellPolicy | None:
    """Take from leaf 0 what was counted before the log; returns the rules of figures, None where they are not known."""
    if beginning is None:
        return None
    try:
        before = as_object(beginning.get("before"), "what was counted before the log")
        checks.before = as_figure(before.get("edition"), "the last edition before the log")
        checks.start = {name: as_figure(before.get(name), f"{name} before the log") for name in COUNTED}
        return CellPolicy.of(beginning)
    except BadAnswer as wrong:
        checks.findings.append(Finding(Code.BAD_BEGINNING, f"Leaf 0 is not as expected. {wrong}"))
        return None


def _added(counted: Mapping[str, int], leaves: LoggedEdition) -> Mapping[str, int]:
    new = {"signatures": leaves.signatures, "withdrawn": leaves.withdrawn, "voided": leaves.voided}
    return {name: counted[name] + new[name] for name in COUNTED}


def _tally_of(number: int, leaves: LoggedEdition, checks: EditionChecks) -> LoggedTally | None:
    try:
        return read_tally(leaves.content)
    except BadAnswer as wrong:
        said = f"The tally of edition {number}, leaf {leaves.size - 1}, is not as expected. {wrong}"
        checks.findings.append(Finding(Code.BAD_TALLY, said))
        return None


def _tally_findings(number: int, printed: PrintedEdition, counted: Mapping[str, int], moment: str) -> Iterator[Finding]:
    if printed.edition != number:
        said = f"The tally after edition {number - 1} is that of edition {printed.edition}: expected {number}."
        yield Finding(Code.EDITION_ORDER, said)
    if printed.released_at < moment:
        said = f"Edition {number} was released at {printed.released_at}: expected no moment before {moment}."
        yield Finding(Code.TIME_RUNS_BACK, said)
    for name in COUNTED:
        if printed.figures[name] != counted[name]:
            said = f"The tally of edition {number} says {printed.figures[name]} {name}: expected {counted[name]}"
            yield Finding(Code.WRONG_SUM, f"{said}, as many as the leaves up to it.")
    total = counted["signatures"] - counted["withdrawn"] - counted["voided"]
    if printed.total != total:
        said = f"The tally of edition {number} has the total {printed.total}: expected {total}, which is"
        sums = " - ".join(str(counted[name]) for name in COUNTED)
        yield Finding(Code.WRONG_TOTAL, f"{said} signatures - withdrawn - voided = {sums} by the leaves.")


# verification.ledger.auditing.official_checks

@dataclass
class Official:
    """What came of asking for the list; `note` is the newest one that is known, "" for none. A `copied` letter is at
    another address than its site's own, and may be an older one. `languages` are the letter's."""

    note: str = ""
    copied: bool = False
    languages: Sequence[str] = ()
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def ask_addresses(site: Site, key: VerifierKey, known: str, languages: Sequence[str] = ()) -> Official:
    """Ask for the letter's signed list and hold it against the one that was seen before and the address in hand.

    Raises `Unreachable`.
    """
    official = Official(known, _is_copy(site, key.name, _known(known)), languages)
    try:
        text = site.get(f"/letters/{site.address.slug}/addresses.txt", LONGEST_NOTE).decode("utf-8", "replace")
    except BadStatus as wrong:
        _missing(official, site, key.name, wrong)
        return official
    try:
        found = open_addresses(text, key)
    except (UnknownKey, WrongSignature) as wrong:
        said = f"The list of official addresses is not signed by the log's key. {wrong}"
        official.findings.append(Finding(Code.WRONG_ADDRESSES, said))
    except Refusal as wrong:
        said = f"The list of official addresses cannot be read. {wrong}"
        official.findings.append(Finding(Code.UNREADABLE_ADDRESSES, said))
    else:
        official.copied = _is_copy(site, key.name, _known(known) or found)
        _take_list(official, site, text, found)
    return official


def _missing(official: Official, site: Site, log: str, wrong: BadStatus) -> None:
    known = _known(official.note)
    if wrong.status not in NOT_THERE:
        said = f"The list of official addresses cannot be read. {wrong}"
        official.findings.append(Finding(Code.UNREADABLE_ADDRESSES, said))
    elif known is None:
        _unlisted(official, site, log)
    else:
        if official.copied:  # it may have been made before there was one
            official.notes.append(f"The copy has no list of official addresses; list {known.number} is known.")
        else:
            said = "The site has no list of official addresses, and had one when it was seen before."
            official.findings.append(Finding(Code.NO_ADDRESSES, said))
        _place(official, site, known)


def _unlisted(official: Official, site: Site, log: str) -> None:
    """Nobody has ever seen a list: leaving it out is not to help an impostor, nor to accuse a site from before there
    were any, at the address where its log began.

    A mirror is no exception: with a mirror.json besides an impostor would pass again.
    """
    began_here = site.address.origin == log and not (site.mirror and site.mirror.root)
    if began_here or site.address.on_this_machine:
        official.notes.append("The site has no signed list of official addresses: nobody can tell it from an impostor.")
        return
    said = f"This address is on no signed list of official addresses, as the site has none, and the log began at {log}"
    official.findings.append(
        Finding(Code.NO_ADDRESSES, f"{said}. Take it for an impostor's until it has one; a mirror has to be made anew.")
    )


def _take_list(official: Official, site: Site, text: str, found: AddressList) -> None:
    known = _known(official.note)
    if known and found.number < known.number and official.copied:
        official.notes.append(f"The copy has list {found.number} of official addresses; list {known.number} is known.")
        found = known
    else:
        official.findings += _order(found, known)
        official.note = text
    _place(official, site, found)


def _is_copy(site: Site, log: str, listed: AddressList | None = None) -> bool:
    """Whether a mirror is one of another address than its own. What a site says of itself does not make it one: its own
    address is the first on the list, and where there is none, the one that it names or at which the log began."""
    address, mirror = site.address, site.mirror
    if mirror is None or not address.may_be_live:
        return mirror is not None
    if listed:
        return address.url != listed.addresses[0]
    return address.site != mirror.of and address.origin != log


def _known(note: str) -> AddressList | None:
    """The list in a note that was opened once."""
    try:
        return parse_addresses(Note.parse(note).text) if note else None
    except Refusal:
        return None


def _order(found: AddressList, known: AddressList | None) -> Iterator[Finding]:
    if known and found.number < known.number:
        said = f"The site shows list {found.number} of official addresses, and list {known.number} was seen before."
        yield Finding(Code.OLD_ADDRESSES, f"{said} It was set back, or this is a copy.")
    elif known and found.number == known.number and found != known:
        said = f"Two different lists of official addresses have the number {found.number}. Keep both as proof."
        yield Finding(Code.FORKED_ADDRESSES, said)


def _place(official: Official, site: Site, found: AddressList) -> None:
    listed = f"the organisers' signed list of official addresses (list {found.number} of {found.day})"
    if _written(site, official.languages) & set(found.addresses):
        official.notes.append(f"This address is on {listed}.")
    elif site.address.on_this_machine:
        official.notes.append(f"This address is not on {listed}, as it is one of your own machine.")
    else:
        said = f"This address is not on {listed}. The letter is at: {', '.join(found.addresses)}."
        official.findings.append(Finding(Code.IMPOSTOR, said))


def _written(site: Site, languages: Sequence[str]) -> set[str]:
    """How a list may write the address in hand: a letter's page, perhaps in one of its languages, or the root of a
    mirror or of a whole host."""
    own, root = site.address, site.mirror.root if site.mirror else ""
    folders = (root, own.before, *(f"{root}/{language}" for language in languages))
    places = (root, *(f"{folder}/letters/{own.slug}" for folder in folders))
    try:
        return {plain_official(f"{own.site}{place}") for place in places}
    except Refusal:
        return set()


# verification.ledger.auditing.remembering

STATE_FORMAT = "undersigned audit state 1"
LARGEST_STATE = 16 * 1024 * 1024
"""Bytes in the largest file that is read; a letter with a hundred thousand editions fits in."""

Height = tuple[int, bytes]
"""A size, and the root of so many leaves."""


class BadState(Refusal):
    """The file is none that an audit of this letter has written."""


@dataclass(frozen=True)
class Remembered:
    """What was seen of a letter's log: its key, its signed checkpoint, where each edition ended; and the signed list of
    the letter's official addresses, "" for none."""

    slug: str
    key: VerifierKey
    size: int
    root: bytes
    note: str
    editions: Mapping[int, Height] = field(default_factory=dict)
    addresses: str = ""

    @property
    def heights(self) -> Mapping[int, bytes]:
        """Every root that was seen, by its size."""
        return {**dict(self.editions.values()), self.size: self.root}


def read_state(path: Path, address: LetterAddress) -> Remembered | None:
    """What an earlier audit of this letter remembered, None where there is no file yet. Raises `BadState`."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_STATE + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadState(f"The state {path} cannot be read: {error.strerror}.") from None
    try:
        found = _state_of(data)
    except (BadAnswer, BadVerifierKey, ValueError) as wrong:
        raise BadState(f"The file {path} is no state of an audit, or damaged. {wrong}") from None
    if found.slug != address.slug:
        said = f"The state {path} is of the letter {found.slug!r}, and not of {address.slug!r}"
        raise BadState(f"{said}: keep one file for each letter.")
    return found


def write_state(path: Path, state: Remembered) -> None:
    """Write the file for its owner alone, whole or not at all. Raises `BadState`."""
    content = {
        "format": STATE_FORMAT,
        "letter": state.slug,
        "key": str(state.key),
        "size": state.size,
        "root": base64_of(state.root),
        "checkpoint": state.note,
        "addresses": state.addresses,
        "editions": {str(number): [size, base64_of(root)] for number, (size, root) in state.editions.items()},
    }
    try:
        _put_in_place(path, json.dumps(content, indent=1).encode())
    except OSError as error:
        raise BadState(f"The state {path} cannot be written: {error.strerror}.") from None


def _put_in_place(path: Path, data: bytes) -> None:
    handle, draft = tempfile.mkstemp(".unfinished", f"{path.name}.", path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)


def _state_of(data: bytes) -> Remembered:
    found = parsed_object(data)
    if found.get("format") != STATE_FORMAT:
        raise BadAnswer(f"It does not say that it is an {STATE_FORMAT!r}.")
    editions = as_object(found.get("editions"), "the editions")
    return Remembered(
        as_text(found.get("letter"), "the letter"),
        VerifierKey.parse(as_text(found.get("key"), "the key")),
        *_height_of([found.get("size"), found.get("root")]),
        as_text(found.get("checkpoint"), "the checkpoint"),
        {int(number): _height_of(height) for number, height in editions.items()},
        as_text(found.get("addresses", ""), "the list of official addresses"),
    )


def _height_of(value: object) -> Height:
    if not isinstance(value, list) or len(value) != 2:
        raise BadAnswer("A size and a root are missing.")
    root = strict_base64(as_text(value[1], "a root"))
    if len(root) != HASH:
        raise BadAnswer(f"A root has {len(root)} bytes: expected {HASH}.")
    return as_figure(value[0], "a size"), root


# verification.ledger.checkpoints

class BadCheckpoint(Refusal):
    """The text of a note is not a checkpoint, or is one of another log."""


@dataclass(frozen=True)
class Checkpoint:
    """A log's origin, size in leaves, and root. Other logs may add extension lines; ours never does."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text of the note, which signers and cosigners sign."""
        lines = [self.origin, str(self.size), base64_of(self.root), *self.extensions]
        return "".join(f"{line}\n" for line in lines)


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a note. Raises `BadCheckpoint`."""
    if not text.endswith("\n"):
        raise BadCheckpoint("The checkpoint does not end in a newline: it was cut short, or not copied whole.")
    lines = text[:-1].split("\n")
    if len(lines) < 3 or "" in lines:
        raise BadCheckpoint(f"Found {len(lines)} lines, {lines.count('')} of them empty: expected origin, size, root.")
    origin, size, root, *extensions = lines
    return _checked(Checkpoint(origin, _read_size(size), _read_root(root), tuple(extensions)))


def open_checkpoint(note: str, key: VerifierKey) -> Checkpoint:
    """The checkpoint in a note that the log's key signed; the key is named as the log's origin.

    Raises `BadNote`, `UnknownKey`, `WrongSignature`, `BadCheckpoint`.
    """
    opened = Note.parse(note)
    verify_note(opened, key)
    checkpoint = parse_checkpoint(opened.text)
    if checkpoint.origin != key.name:
        raise BadCheckpoint(f"The checkpoint is of the log {checkpoint.origin}: expected {key.name}.")
    return checkpoint


def _read_size(line: str) -> int:
    try:
        return strict_number(line)
    except ValueError as wrong:
        raise BadCheckpoint(f"The size of the checkpoint cannot be read: {wrong}.") from None


def _read_root(line: str) -> bytes:
    try:
        root = strict_base64(line)
    except ValueError as wrong:
        raise BadCheckpoint(f"The root of the checkpoint cannot be read: {wrong}.") from None
    if len(root) != HASH:
        raise BadCheckpoint(f"The root of the checkpoint has {len(root)} bytes: expected {HASH}.")
    return root


def _checked(checkpoint: Checkpoint) -> Checkpoint:
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise BadCheckpoint(f"The checkpoint has no leaves and the root {checkpoint.root.hex()}: only one is possible.")
    return checkpoint


# verification.ledger.auditing.site_checks

def printed_findings(where: str, printed: PrintedEdition, logged: PrintedEdition | None) -> Iterator[Finding]:
    """What an answer prints of an edition, held against its tally."""
    where = f"{where} prints edition {printed.edition} with"
    if logged is None or printed == logged:
        return
    if printed.released_at != logged.released_at:
        said = f"the moment {printed.released_at}: expected {logged.released_at}, as its tally in the log has it"
        yield Finding(Code.PRINTED_FIGURE, f"{where} {said}.")
    for name, found in printed.figures.items():
        if found != logged.figures[name]:
            said = f"{name} {found}: expected {logged.figures[name]}, as its tally in the log has it"
            yield Finding(Code.PRINTED_FIGURE, f"{where} {said}.")
    for name, cells in logged.cells.items():
        shown = printed.cells[name]
        yield from _cell_findings(f"{where} the cell by {name}", shown.shown, cells.shown)
        if shown.rest != cells.rest:
            said = f"{in_short(shown.rest)} as the rest by {name}: expected {in_short(cells.rest)}"
            yield Finding(Code.PRINTED_CELLS, f"{where} {said}, as its tally in the log has it.")
    if printed.pairs != logged.pairs:
        said = f"{in_short(printed.pairs)} as professions by region: expected {in_short(logged.pairs)}"
        yield Finding(Code.PRINTED_CELLS, f"{where} {said}, as its tally in the log has it.")


def step_findings(
    step: PrintedStep, before: PrintedStep | None, found: CheckedEdition | None, key: VerifierKey | None
) -> Iterator[Finding]:
    """What the history says of an edition besides its figures: changes, reasons, the log's head."""
    printed = step.printed
    earlier = before.printed.figures if before else dict.fromkeys(printed.figures, 0)
    for name, count in printed.figures.items():
        if step.changes[name] != count - earlier[name]:
            said = f"a change of {step.changes[name]} {name}: expected {count - earlier[name]}"
            yield Finding(Code.PRINTED_CHANGES, f"The JSON says of edition {printed.edition} {said}.")
    if found is None:
        return
    if step.reasons != found.leaves.reasons:
        expected = in_short(dict(sorted(found.leaves.reasons.items())))
        said = f"{in_short(dict(step.reasons))} as the reasons of voids: expected {expected}, as the leaves have them"
        yield Finding(Code.PRINTED_REASONS, f"The JSON says of edition {printed.edition} {said}.")
    yield from _head_findings(printed.edition, step.head, found, key)


def page_findings(page: str, figures: PageFigures, checks: EditionChecks) -> Iterator[Finding]:
    """The number that a reader sees, held against the log."""
    logged = checks.printed(figures.edition)
    expected = logged.total if logged else 0
    if logged is None and figures.edition:
        return
    for found, what in ((figures.in_digits, "shows"), (figures.total, "is marked up with")):
        if found != expected:
            said = f"{what} {found} signatures in edition {figures.edition}: expected {expected}, as the log has it"
            yield Finding(Code.PAGE_TOTAL, f"The {page} {said}.")


def text_findings(
    beginning: Mapping[str, Any], written: Mapping[str, Any], shown: Sequence[ShownText]
) -> Iterator[Finding]:
    """The letter's text in every language, in the JSON and on the pages, held against the hashes in leaf 0."""
    try:
        hashes = {language: as_object(found, "hashes") for language, found in _texts(beginning, "leaf 0").items()}
        texts = _texts(written, "the JSON")
    except BadAnswer as wrong:
        yield Finding(Code.API_TEXT, f"The letter's texts cannot be compared. {wrong}")
        return
    for language in sorted(hashes.keys() ^ texts.keys()):
        place = "leaf 0 alone" if language in hashes else "the JSON alone"
        yield Finding(Code.API_TEXT, f"The text in {in_short(language)} is in {place}: expected it in both.")
    for language in sorted(hashes.keys() & texts.keys()):
        yield from _written_findings(language, hashes[language], texts[language])
    for text in shown:
        bound = [hashes[text.language]] if text.language in hashes else [] if text.language else hashes.values()
        if bound:
            yield from _shown_findings(text, [each.get("page") for each in bound])


def rule_findings(
    beginning: Mapping[str, Any], letter: Mapping[str, Any], slug: str, key: VerifierKey | None
) -> Iterator[Finding]:
    """The letter's name and rules as the JSON has them, held against leaf 0, and its log against the key in use."""
    for name, found in (("letter", letter.get("letter")), ("letter", slug)):
        if found != beginning.get(name):
            said = f"Leaf 0 is of the letter {in_short(beginning.get(name))}: expected {in_short(found)}."
            yield Finding(Code.BAD_BEGINNING, said)
    log = letter.get("log")
    if key and isinstance(log, dict) and (log.get("origin"), log.get("key")) != (key.name, str(key)):
        said = f"The JSON says {in_short(log)} of the letter's log: expected {key}, the key that signs it."
        yield Finding(Code.OTHER_KEY, said)
    for ours, theirs in (("figures", "figures"), ("editions", "edition_rule")):
        bound, shown = beginning.get(ours), letter.get(theirs)
        if not (isinstance(bound, dict) and isinstance(shown, dict) and shown.items() <= bound.items()):
            said = f"The JSON says {in_short(shown)} as {theirs}: expected what leaf 0 binds, {in_short(bound)}."
            yield Finding(Code.PRINTED_RULES, said)


def letter_findings(letter: Mapping[str, Any], checks: EditionChecks) -> Iterator[Finding]:
    """The total that the letter's own JSON prints, held against the log."""
    number = letter.get("edition")
    logged = checks.printed(number) if isinstance(number, int) else None
    if logged and letter.get("total") != logged.total:
        said = f"The letter's JSON prints the total {in_short(letter.get('total'))} in edition {number}"
        yield Finding(Code.PRINTED_FIGURE, f"{said}: expected {logged.total}, as the log has it.")


def order_findings(steps: Sequence[PrintedStep], checks: EditionChecks) -> Iterator[Finding]:
    """Whether the history has every edition of the log, each once and in order."""
    numbers = [step.printed.edition for step in steps]
    if numbers != list(range(1, len(numbers) + 1)):
        yield Finding(Code.WRONG_EDITIONS, "The JSON does not list editions from 1 on in their order, each once.")
    for step in steps:
        if step.printed.edition == checks.before and any(
            step.printed.figures[name] != checks.start[name] for name in COUNTED
        ):
            said = f"The JSON prints other figures of edition {checks.before}, the last before the log, than leaf 0."
            yield Finding(Code.PRINTED_FIGURE, said)


def _cell_findings(where: str, shown: Mapping[str, int], logged: Mapping[str, int]) -> Iterator[Finding]:
    for code in sorted(shown.keys() | logged.keys()):
        if shown.get(code) != logged.get(code):
            found, expected = shown.get(code, "hidden"), logged.get(code, "hidden")
            said = f"{in_short(code)} {found}: expected {expected}, as its tally in the log has it"
            yield Finding(Code.PRINTED_CELLS, f"{where} {said}.")


def _head_findings(
    number: int, head: PrintedHead | None, found: CheckedEdition, key: VerifierKey | None
) -> Iterator[Finding]:
    where = f"The JSON says of edition {number}"
    if head is None:
        yield Finding(Code.PRINTED_HEAD, f"{where} that it has no log: expected the log's head after it.")
        return
    expected = found.leaves.size, base64_of(found.leaves.root)
    if (head.size, head.root) != expected:
        said = f"that the log has {head.size} leaves and the root {in_short(head.root)} after it"
        yield Finding(Code.PRINTED_HEAD, f"{where} {said}: expected {expected[0]} leaves and {expected[1]}.")
    if key and (head.origin, head.key) != (key.name, str(key)):
        said = f"that the log {in_short(head.origin)} has the key {in_short(head.key)}: expected {key}"
        yield Finding(Code.PRINTED_HEAD, f"{where} {said}.")
    if key and head.checkpoint is not None:
        yield from _checkpoint_findings(where, head.checkpoint, found, key)


def _checkpoint_findings(where: str, note: str, found: CheckedEdition, key: VerifierKey) -> Iterator[Finding]:
    try:
        checkpoint = open_checkpoint(note, key)
    except Refusal as wrong:
        yield Finding(Code.PRINTED_HEAD, f"{where} a checkpoint that does not hold. {wrong}")
        return
    if (checkpoint.size, checkpoint.root) != (found.leaves.size, found.leaves.root):
        said = f"a checkpoint of {checkpoint.size} leaves and the root {checkpoint.root.hex()}"
        yield Finding(Code.PRINTED_HEAD, f"{where} {said}: this log has another one there.")


def _texts(found: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    return as_object(found.get("texts"), f"the texts in {where}")


def _written_findings(language: str, hashes: Mapping[str, Any], text: object) -> Iterator[Finding]:
    try:
        found = as_object(text, f"the text in {language}")
        written = f"{as_text(found.get('title'), 'the title')}\n{as_text(found.get('markdown'), 'the text')}"
    except BadAnswer as wrong:
        yield Finding(Code.API_TEXT, f"The letter's text in {language} cannot be read in the JSON. {wrong}")
        return
    if (found_hash := _hash_of(written)) != hashes.get("markdown"):
        said = f"has the hash {found_hash}: expected {in_short(hashes.get('markdown'))}, as leaf 0 binds it"
        yield Finding(Code.API_TEXT, f"The letter's text in {language} in the JSON {said}. It is another text.")


def _shown_findings(shown: ShownText, bound: Sequence[object]) -> Iterator[Finding]:
    """Whether the text on a page is one of those with these hashes."""
    try:
        found = _hash_of(shown.page.text)
    except Refusal as wrong:
        yield Finding(Code.PAGE_TEXT, f"The letter's text cannot be read on {shown.where}. {wrong}")
        return
    if found not in bound:
        expected = in_short(bound[0]) if len(bound) == 1 else "that of one of the letter's languages"
        said = f"has the hash {found}: expected {expected}, as leaf 0 binds it"
        yield Finding(Code.PAGE_TEXT, f"The letter's text on {shown.where} {said}. It is another text.")


def _hash_of(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# verification.ledger.cosignatures

_TIME_BYTES = 8
_COSIGNATURE_BYTES = _TIME_BYTES + 64


def cosigner(name: str, seed: bytes) -> VerifierKey:
    """The public half of a witness's key. Raises `BadVerifierKey`."""
    return NoteSigner(name, seed, COSIGNATURE).verifier


def cosign(checkpoint_text: str, name: str, seed: bytes, seconds: int) -> NoteSignature:
    """Cosign the text of a checkpoint at a time in seconds since 1970.

    The caller vouches that the log is consistent with what it cosigned before. Raises `BadCheckpoint`, `BadNote`.
    """
    parse_checkpoint(checkpoint_text)
    signed = NoteSigner(name, seed, COSIGNATURE).sign(_message(seconds, checkpoint_text))
    return NoteSignature(name, signed.id, seconds.to_bytes(_TIME_BYTES, "big") + signed.signature)


def cosigned_at(note: Note, key: VerifierKey) -> int:
    """When the witness cosigned the note, in seconds since 1970.

    Raises `UnknownKey` when it did not, and `WrongSignature` when its cosignature is not over this text and time.
    """
    if key.algorithm != COSIGNATURE:
        raise UnknownKey(f"The key of {key.name} does not belong to a witness: expected a key that cosigns.")
    signature = note.by(key).signature
    if len(signature) != _COSIGNATURE_BYTES:
        raise WrongSignature(
            f"The cosignature of {key.name} has {len(signature)} bytes: expected {_COSIGNATURE_BYTES}."
        )
    seconds = int.from_bytes(signature[:_TIME_BYTES], "big")
    if seconds > LARGEST:
        raise WrongSignature(f"The cosignature of {key.name} gives the time {seconds}: expected at most {LARGEST}.")
    check_ed25519(key, signature[_TIME_BYTES:], _message(seconds, note.text))
    return seconds


def _message(seconds: int, checkpoint_text: str) -> str:
    return f"cosignature/v1\ntime {seconds}\n{checkpoint_text}"


# verification.ledger.policies

LONGEST_POLICY = 64 * 1024
"""Characters in the longest policy that is read."""

MOST_OF_A_KIND = 64
"""Logs, witnesses, and groups in one policy; the specification recommends 32 or more."""

_BLANKS = re.compile("[ \t]+")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class BadPolicy(Refusal):
    """A line of a policy that says nothing, or not clearly."""


@dataclass(frozen=True)
class PolicyLog:
    """A log whose checkpoints are accepted, and where it can be read, if that is said."""

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True)
class PolicyWitness:
    """A witness under the name that groups use for it, and where checkpoints are submitted, if that is said."""

    name: str
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True)
class PolicyGroup:
    """So many of these members must have witnessed a checkpoint."""

    name: str
    needed: int
    members: tuple[PolicyWitness | PolicyGroup, ...]


@dataclass(frozen=True)
class Policy:
    """Logs that are accepted (any, when none is listed), known witnesses, and the quorum: `None` asks for nobody."""

    logs: tuple[PolicyLog, ...]
    witnesses: tuple[PolicyWitness, ...]
    quorum: PolicyWitness | PolicyGroup | None

    def satisfied_by(self, note: Note) -> bool:
        """Whether a listed log signed the checkpoint and the quorum cosigned it.

        Raises `WrongSignature` when a signature of a known key is not over this text, and `BadCheckpoint`.
        """
        return self._signed_by_a_log(note) and _witnessed(self.quorum, self.cosigned_by(note))

    def cosigned_by(self, note: Note) -> dict[str, int]:
        """The names of the witnesses that cosigned, and when, in seconds since 1970. Raises `WrongSignature`."""
        found: dict[str, int] = {}
        for witness in self.witnesses:
            try:
                found[witness.name] = cosigned_at(note, witness.key)
            except UnknownKey:
                continue
        return found

    def _signed_by_a_log(self, note: Note) -> bool:
        origin = parse_checkpoint(note.text).origin
        return not self.logs or any(log.key.name == origin and _signed_by(note, log.key) for log in self.logs)


def parse_policy(text: str) -> Policy:
    """Read a policy file. Raises `BadPolicy`, whose text names the line.

    Names are compared as they are; a file that is not UTF-8 may be decoded with `surrogateescape`.
    """
    if len(text) > LONGEST_POLICY:
        raise BadPolicy(f"The policy has {len(text)} characters: at most {LONGEST_POLICY} are read.")
    if not text.endswith("\n"):
        raise BadPolicy("The policy does not end in a newline: it was cut short, or its last line needs one.")
    reading = _Reading()
    for number, line in enumerate(text[:-1].split("\n"), start=1):
        try:
            reading.take(line)
        except (BadPolicy, BadVerifierKey) as wrong:
            raise BadPolicy(f"Line {number} of the policy: {wrong}") from None
    return reading.policy()


@dataclass
class _Reading:
    """What the lines so far have defined."""

    logs: list[PolicyLog] = field(default_factory=list)
    witnesses: list[PolicyWitness] = field(default_factory=list)
    named: dict[str, PolicyWitness | PolicyGroup] = field(default_factory=dict)
    quorums: list[PolicyWitness | PolicyGroup | None] = field(default_factory=list)
    grouped: set[str] = field(default_factory=set)

    def take(self, line: str) -> None:
        if _FORBIDDEN.search(line):
            raise BadPolicy("It has control characters: expected none but tabs.")
        word, *rest = _BLANKS.split(line.strip(" \t"))
        if word == "" or word.startswith("#"):
            return
        take = self._takers().get(word)
        if not take:
            raise BadPolicy(f"It begins with {word[:40]!r}: expected log, witness, group, quorum, or # for a comment.")
        take(rest)

    def policy(self) -> Policy:
        if not self.quorums:
            raise BadPolicy(
                "The policy has no quorum: end it with a line as 'quorum none', or with the name of a group."
            )
        return Policy(tuple(self.logs), tuple(self.witnesses), self.quorums[0])

    def _takers(self) -> Mapping[str, Callable[[list[str]], None]]:
        return {"log": self._log, "witness": self._witness, "group": self._group, "quorum": self._quorum}

    def _log(self, words: list[str]) -> None:
        if len(words) not in (1, 2):
            raise BadPolicy("Expected 'log', a key and perhaps an address.")
        key = _key_of_kind(words[0], ED25519, "log")
        _check_new(key, [log.key for log in self.logs], "log")
        self.logs.append(PolicyLog(key, *words[1:]))

    def _witness(self, words: list[str]) -> None:
        if len(words) not in (2, 3):
            raise BadPolicy("Expected 'witness', a name, a key and perhaps an address.")
        self._check_free(words[0])
        key = _key_of_kind(words[1], COSIGNATURE, "witness")
        _check_new(key, [witness.key for witness in self.witnesses], "witness")
        witness = PolicyWitness(words[0], key, *words[2:])
        self.witnesses.append(witness)
        self.named[witness.name] = witness

    def _group(self, words: list[str]) -> None:
        if len(words) < 3:
            raise BadPolicy("Expected 'group', a name, how many ('any', 'all' or a number), and members.")
        name, needed, *members = words
        self._check_free(name)
        if len(self.named) - len(self.witnesses) >= MOST_OF_A_KIND:
            raise BadPolicy(f"There are more than {MOST_OF_A_KIND} groups.")
        self.named[name] = PolicyGroup(name, _needed(needed, len(members)), tuple(map(self._member, members)))

    def _member(self, name: str) -> PolicyWitness | PolicyGroup:
        if name in self.grouped:
            raise BadPolicy(f"{name!r} is already a member of a group: each may be one once.")
        self.grouped.add(name)
        return self._known(name)

    def _quorum(self, words: list[str]) -> None:
        if len(words) != 1:
            raise BadPolicy("Expected 'quorum' and one name: a witness, a group, or none.")
        if self.quorums:
            raise BadPolicy("There is a quorum already: expected exactly one.")
        self.quorums.append(None if words[0] == "none" else self._known(words[0]))

    def _known(self, name: str) -> PolicyWitness | PolicyGroup:
        if name not in self.named:
            raise BadPolicy(f"Nothing is named {name!r} so far: define it above the line that uses it.")
        return self.named[name]

    def _check_free(self, name: str) -> None:
        if name == "none" or name in self.named:
            raise BadPolicy(f"The name {name!r} is taken: choose another.")


def _key_of_kind(text: str, algorithm: int, kind: str) -> VerifierKey:
    key = VerifierKey.parse(text)
    if key.algorithm != algorithm:
        raise BadPolicy(f"The key has type {key.algorithm:#04x}: expected {algorithm:#04x}, the key of a {kind}.")
    return key


def _check_new(key: VerifierKey, known: list[VerifierKey], kind: str) -> None:
    """A key counts once, under whatever names."""
    if any(key.key == other.key for other in known):
        raise BadPolicy(f"The key of {key.name} belongs to another {kind} already.")
    if len(known) >= MOST_OF_A_KIND:
        raise BadPolicy(f"There are more than {MOST_OF_A_KIND} lines of the kind {kind}.")


def _needed(text: str, members: int) -> int:
    if text in ("any", "all"):
        return 1 if text == "any" else members
    try:
        needed = strict_number(text)
    except ValueError as wrong:
        raise BadPolicy(f"How many are needed cannot be read: {wrong}.") from None
    if not 1 <= needed <= members:
        raise BadPolicy(f"It needs {needed} of {members} members: expected 1 to {members}.")
    return needed


def _signed_by(note: Note, key: VerifierKey) -> bool:
    try:
        verify_note(note, key)
    except UnknownKey:
        return False
    return True


def _witnessed(quorum: PolicyWitness | PolicyGroup | None, cosigners: Mapping[str, int]) -> bool:
    if quorum is None:
        return True
    if isinstance(quorum, PolicyWitness):
        return quorum.name in cosigners
    return sum(_witnessed(member, cosigners) for member in quorum.members) >= quorum.needed


# verification.ledger.auditing.trusting

class Source(Enum):
    """Where the key came from that the checkpoint was checked by."""

    GIVEN = "given"
    POLICY = "policy"
    STATE = "state"
    SITE = "site"


@dataclass(frozen=True)
class Trust:
    """What an auditor believes before it asks: a key, a policy, what it saw before. Each may be missing.

    `besides` are other sights of the same log, such as the checkpoint of a receipt.
    """

    key: VerifierKey | None = None
    policy: Policy | None = None
    seen: Remembered | None = None
    besides: tuple[Remembered, ...] = ()

    @property
    def sights(self) -> tuple[Remembered, ...]:
        """All that the log has to continue."""
        return (self.seen, *self.besides) if self.seen else self.besides

    def key_for(self, origin: str) -> tuple[VerifierKey, Source] | None:
        """The key for a log, None when only the site itself can name one."""
        if self.key:
            return self.key, Source.GIVEN
        listed = [log.key for log in self.policy.logs] if self.policy else []
        if listed:
            return next((key for key in listed if key.name == origin), listed[0]), Source.POLICY
        return (self.seen.key, Source.STATE) if self.seen else None


@dataclass(frozen=True)
class SignedHead:
    """A checkpoint that could be read, whoever signed it."""

    note: Note
    checkpoint: Checkpoint


def read_head(data: bytes) -> SignedHead:
    """Read a checkpoint as it came. Raises `BadNote` or `BadCheckpoint`."""
    try:
        note = Note.parse(data.decode())
    except UnicodeDecodeError:
        raise BadNote("It is no UTF-8 text.") from None
    return SignedHead(note, parse_checkpoint(note.text))


def key_of(text: str) -> VerifierKey | None:
    """The verifier key that a site names, None when it is none."""
    try:
        return VerifierKey.parse(text)
    except BadVerifierKey:
        return None


def signature_findings(head: SignedHead, key: VerifierKey | None, address: LetterAddress) -> Iterator[Finding]:
    """Whether the key signed the head, and whether it is one of this letter's log."""
    origin = head.checkpoint.origin
    if not origin.endswith(address.log):
        said = f"The checkpoint is of the log {origin}: expected one whose name ends in {address.log}."
        yield Finding(Code.OTHER_ORIGIN, said)
    if key is None:
        yield Finding(Code.UNKNOWN_KEY, "The site names no key to check its log by: give one with --key or --policy.")
        return
    try:
        verify_note(head.note, key)
    except UnknownKey as wrong:
        yield Finding(Code.UNKNOWN_KEY, f"The checkpoint is not signed by the log's key. {wrong}")
    except WrongSignature as wrong:
        yield Finding(Code.WRONG_SIGNATURE, f"The checkpoint's signature is wrong. {wrong}")
    if origin != key.name:
        said = f"The checkpoint is of the log {origin}: expected {key.name}, as its key says."
        yield Finding(Code.OTHER_ORIGIN, said)


def witness_findings(head: SignedHead, policy: Policy) -> Iterator[Finding]:
    """Whether the policy's witnesses cosigned the head, as many as its quorum asks for."""
    try:
        if Policy((), policy.witnesses, policy.quorum).satisfied_by(head.note):
            return
        cosigned = policy.cosigned_by(head.note)
    except WrongSignature as wrong:
        yield Finding(Code.WRONG_COSIGNATURE, f"A cosignature under the checkpoint is wrong. {wrong}")
        return
    names = ", ".join(sorted(cosigned)) or "nobody"
    missing = ", ".join(sorted({witness.name for witness in policy.witnesses} - cosigned.keys())) or "nobody"
    said = f"Of the policy's witnesses {names} cosigned the checkpoint of {head.checkpoint.size} leaves, not {missing}"
    yield Finding(Code.NO_QUORUM, f"{said}: expected its quorum.")


def seen_findings(
    checkpoint: Checkpoint, reading: LogReading | None, seen: Remembered, *, copied: bool = False
) -> Iterator[Finding]:
    """Whether the log begins with every leaf that it had when it was seen before; a copy may be older than that."""
    if checkpoint.size < seen.size and not copied:
        said = f"The log has {checkpoint.size} leaves, and had {seen.size} when it was seen before: it shrank."
        yield Finding(Code.LOG_SHRANK, f"{said} {_PROOF}")
    elif checkpoint.size == seen.size and checkpoint.root != seen.root:
        said = f"The log has the root {checkpoint.root.hex()} at {seen.size} leaves, and had {seen.root.hex()} before"
        yield Finding(Code.LOG_FORKED, f"{said}: these are two different logs. {_PROOF}")
    elif reading and (changed := _first_changed(reading, seen)):
        last, size = changed
        said = f"The first {size} leaves had the root {seen.heights[size].hex()} when they were seen before, and have"
        where = f"{reading.roots[size].hex()} now: one of the leaves {last} to {size - 1} was rewritten."
        yield Finding(Code.LOG_REWRITTEN, f"{said} {where} {_PROOF}")


_PROOF = "Keep the state file and these answers as proof."


def _first_changed(reading: LogReading, seen: Remembered) -> tuple[int, int] | None:
    """Between which sizes a leaf was rewritten: the last root that is as it was, and the first that is not."""
    last = 0
    for size, root in sorted(seen.heights.items()):
        if reading.roots.get(size, root) != root:
            return last, size
        last = size
    return None


# verification.ledger.auditing.looking

PASSING = frozenset({Code.WRONG_EDITIONS, Code.PAGE_EDITION, Code.NO_QUORUM, Code.NO_LOG, Code.NO_ADDRESSES})
"""What is found for a moment after a letter opens, until its log begins, after each edition, until the log's head is
signed and witnesses have cosigned it, and while a new list of official addresses is being signed."""


@dataclass
class Look:
    """What one look found."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    head: SignedHead | None = None
    key: VerifierKey | None = None
    source: Source | None = None
    reading: LogReading | None = None
    checks: EditionChecks = field(default_factory=EditionChecks)
    mirror: Mirror | None = None
    copied: bool = False
    """Whether it is a mirror, and not at the site's own address: it may be older than what was seen."""
    addresses: str = ""

    @property
    def unsettled(self) -> bool:
        """Whether all that is wrong may come from a site that is just between two editions."""
        return self.mirror is None and bool(self.findings) and all(finding.code in PASSING for finding in self.findings)

    @property
    def total(self) -> int:
        """The total that the log's newest tally has, 0 before the first."""
        newest = self.checks.printed(self.checks.newest)
        return newest.total if newest else self.checks.start_total

    def remembered(self, slug: str) -> Remembered | None:
        """What to remember of a look without findings, None when there is no signed head."""
        if not (self.head and self.key):
            return None
        heights = {number: (found.leaves.size, found.leaves.root) for number, found in self.checks.editions.items()}
        checkpoint = self.head.checkpoint
        return Remembered(
            slug, self.key, checkpoint.size, checkpoint.root, str(self.head.note), heights, self.addresses
        )


def look_at(site: Site, trust: Trust, known: LogReading | None = None) -> Look:
    """Look at the letter. A log that was read before, and has the same root still, is not read again.

    Raises `Unreachable`.
    """
    site.mirror = find_mirror(site)
    look = Look(mirror=site.mirror)
    _take_head(site, look)
    if look.head:
        _take_log(site, trust, look, look.head, known)
    languages = _languages(look)
    if site.mirror and languages:
        check_folder(site, site.mirror, languages)
    answers = ask_site(site, languages)
    if answers.down:
        look.findings = answers.findings
        return look
    if look.head is None and _not_begun(trust, answers):
        said = (
            "The letter has no log so far, and nobody can check its number: it begins a moment after the letter opens."
        )
        look.findings = [Finding(Code.NO_LOG, said)]
    look.findings += answers.findings
    look.notes += answers.notes
    if look.head:
        _check_trust(site, trust, look, look.head, answers)
    if look.reading:
        _check_answers(site, look, look.reading, answers)
    return look


def _not_begun(trust: Trust, answers: Answers) -> bool:
    """Whether the site says that there is no log, and nobody has ever seen one."""
    known = trust.key or trust.policy or trust.sights
    return not known and answers.letter is not None and answers.letter.get("log") is None and answers.uncounted


def _take_head(site: Site, look: Look) -> None:
    try:
        look.head = read_head(site.get(f"{site.address.log}/checkpoint", LONGEST_NOTE))
    except (BadStatus, BadNote, BadCheckpoint) as wrong:
        look.findings.append(Finding(Code.UNREADABLE_CHECKPOINT, f"The checkpoint cannot be read. {wrong}"))


def _take_log(site: Site, trust: Trust, look: Look, head: SignedHead, known: LogReading | None) -> None:
    size, root = head.checkpoint.size, head.checkpoint.root
    if size > MOST_LEAVES:
        said = f"The log says that it has {size} leaves: at most {MOST_LEAVES} are read."
        look.findings.append(Finding(Code.LOG_TOO_LARGE, said))
        return
    try:
        same = known and (known.size, known.root) == (size, root)
        reading = known if known and same else _read_log(site, trust, size)
    except (BadStatus, BadBundle) as wrong:
        look.findings.append(Finding(Code.BAD_BUNDLE, f"The log's leaves cannot be read. {wrong}"))
        return
    look.reading, look.checks = reading, check_editions(reading)
    look.findings += [*_root_findings(reading, root), *reading.findings, *look.checks.findings]


def _read_log(site: Site, trust: Trust, size: int) -> LogReading:
    reading = LogReading(size, {height for sight in trust.sights for height in sight.heights})
    paths = (f"{site.address.log}/{TileAddress(ENTRIES, *bundle).path}" for bundle in bundle_widths(size))
    for number, bundle in enumerate(site.get_each(paths, BUNDLE_BYTES)):
        reading.take(number, bundle)
    return reading


def _root_findings(reading: LogReading, root: bytes) -> Iterator[Finding]:
    if reading.size == 0:
        yield Finding(Code.NO_BEGINNING, "The log is empty: expected leaf 0 with the letter's text.")
    if reading.root != root:
        said = f"The {reading.size} leaves of the log have the root {reading.root.hex()}"
        yield Finding(Code.WRONG_ROOT, f"{said}: expected {root.hex()}, as its checkpoint says.")


def _languages(look: Look) -> list[str]:
    beginning: Mapping[str, Any] = (look.reading.beginning if look.reading else None) or {}
    texts = beginning.get("texts")
    return list(texts) if isinstance(texts, dict) else []


def _check_trust(site: Site, trust: Trust, look: Look, head: SignedHead, answers: Answers) -> None:
    look.key, look.source = trust.key_for(head.checkpoint.origin) or (key_of(answers.key), Source.SITE)
    look.findings += signature_findings(head, look.key, site.address)
    look.addresses = trust.seen.addresses if trust.seen else ""
    official = ask_addresses(site, look.key, look.addresses, _languages(look)) if look.key else Official()
    look.copied = official.copied
    if look.mirror and look.copied:
        look.notes.append(_copied(look.mirror, look))
    elif head.checkpoint.origin != site.address.origin:
        look.notes.append(f"The log calls itself {head.checkpoint.origin}: it began at another address than this one.")
    if look.mirror and look.key and not look.copied:
        look.findings += own_folder_findings(site.address, look.mirror)
    if trust.policy:
        look.findings += witness_findings(head, trust.policy)
    for sight in trust.sights:
        look.findings += seen_findings(head.checkpoint, look.reading, sight, copied=look.copied)
    look.addresses = official.note
    look.findings += official.findings
    look.notes += official.notes


def _copied(mirror: Mirror, look: Look) -> str:
    made = f"of {in_short(mirror.of)}, made on {in_short(mirror.made_on)}"
    return f"This is a copy {made}, as of edition {look.checks.newest}; there may be newer ones."


def _check_answers(site: Site, look: Look, reading: LogReading, answers: Answers) -> None:
    _check_history(look, answers)
    if look.mirror:
        _check_age(look, "The mirror.json", look.mirror.editions.get(site.address.slug, 0), Code.WRONG_EDITIONS)
    if answers.count or answers.uncounted:
        number = answers.count.edition if answers.count else 0
        _check_age(look, "The count", number, Code.WRONG_EDITIONS)
    if answers.count:
        look.findings += printed_findings("The count", answers.count, look.checks.printed(answers.count.edition))
    for page, figures in answers.figures.items():
        _check_age(look, f"The {page}", figures.edition, Code.PAGE_EDITION)
        look.findings += page_findings(page, figures, look.checks)
    if reading.beginning is not None and answers.letter is not None:
        look.findings += text_findings(reading.beginning, answers.letter, answers.texts)
        look.findings += rule_findings(reading.beginning, answers.letter, site.address.slug, look.key)
        look.findings += letter_findings(answers.letter, look.checks)


def _check_history(look: Look, answers: Answers) -> None:
    checks, last = look.checks, None
    for step in answers.steps:
        number = step.printed.edition
        look.findings += printed_findings("The list of editions", step.printed, checks.printed(number))
        look.findings += step_findings(step, last, checks.editions.get(number), look.key)
        look.findings += pair_findings(step.printed, checks.policy) if checks.policy else ()
        if step.printed.pairs and step is not answers.steps[-1]:
            said = f"Edition {number} prints professions by region: expected them in the last edition of all only."
            look.findings.append(Finding(Code.CELLS_TOO_MANY, said))
        last = step
    look.findings += order_findings(answers.steps, checks)
    number = last.printed.edition if last else 0
    _check_age(look, "The list of editions", number, Code.WRONG_EDITIONS)
    if last and answers.newest:
        logged = checks.printed(number) or last.printed
        look.findings += printed_findings("The newest edition", answers.newest.printed, logged)
        before = answers.steps[-2] if len(answers.steps) > 1 else None
        look.findings += step_findings(answers.newest, before, checks.editions.get(number), look.key)


def _check_age(look: Look, where: str, edition: int, code: Code) -> None:
    if edition != look.checks.newest:
        said = f"{where} shows edition {edition}: expected {look.checks.newest}, the newest in the log."
        look.findings.append(Finding(code, said))


# verification.ledger.auditing.wording

MOST_OF_ONE_KIND = 10
"""Findings of one code that are listed; how many more there are is said."""

_SOURCES = {
    Source.GIVEN: "The log's key is the one you gave.",
    Source.POLICY: "The log's key is the one in your policy.",
    Source.STATE: "The log's key is the one that was seen before.",
    Source.SITE: (
        "The log's key came from the site itself, and was trusted because it is the first one seen. Keep it with "
        "--state, or compare it with one from elsewhere:"
    ),
}

PROVES = """\
What this proves
- The number is the sum of the log's leaves, in every edition. None was counted twice or taken away in silence.
- The text on the page is the one that the log was begun with, before anybody signed here.
- The figures by profession, region and standing are the ones in the log, and keep to the letter's own rules."""

CANNOT = """\
What it cannot prove
- That each signature is a person. Each was confirmed from a mailbox; one person may have several.
- Who signed: nothing in the log says anything about anybody.
- That organisers were right to void a signature, or let every signature in.
- Where a link in the text leads, what a style sheet hides or adds on a screen, and what other words beside it say.
- What the site shows elsewhere: charts and tables on pages, older editions' pages, badge, feeds.
- What it shows to others: a site may take the auditor for itself, and them for somebody else."""

_ALONE = """\
- That others are shown the same log. Ask again with --state, and with --policy for witnesses that you trust."""
_AGAIN = """\
- That others are shown the same log. It does continue the one seen before; --policy asks witnesses too."""
_OLDER = """\
- That others are shown the same log. The copy is older than the one seen before; --policy asks witnesses too."""
_WITNESSED = """\
- That others are shown the same log, unless the witnesses in your policy are honest: then nobody is shown another."""


def findings_said(findings: list[Finding]) -> Iterator[str]:
    """A line for each finding, and for those that are too many to list."""
    seen: Counter[str] = Counter()
    for finding in findings:
        seen[finding.code] += 1
        if seen[finding.code] <= MOST_OF_ONE_KIND:
            yield f"{finding.code}: {finding.sentence}"
    for code, count in seen.items():
        if count > MOST_OF_ONE_KIND:
            yield f"{code}: {count - MOST_OF_ONE_KIND} more of this kind."


def look_said(look: Look, trust: Trust, *, briefly: bool = False) -> Iterator[str]:
    """The lines of one look: its figures, where the key came from, what was found, and otherwise what that proves.

    Briefly is for whoever has just read the rest.
    """
    if look.reading and look.head:
        checkpoint = look.head.checkpoint
        yield f"Log {checkpoint.origin}: {checkpoint.size} leaves, {look.checks.newest} editions, total {look.total}."
    if look.source and look.key and not briefly:
        yield _SOURCES[look.source]
        yield from [f"  {look.key}"] if look.source is Source.SITE else []
    yield from _cosigned_said(look, trust)
    yield from look.notes
    if look.findings:
        count = len(look.findings)
        yield f"FOUND: {count} things are wrong." if count > 1 else "FOUND: one thing is wrong."
        yield from findings_said(look.findings)
        return
    yield "NOTHING WRONG was found."
    if briefly:
        return
    yield PROVES
    yield CANNOT
    yield _others_said(look, trust)


def _others_said(look: Look, trust: Trust) -> str:
    """How far it is known that others are shown the same log."""
    if trust.policy is not None and trust.policy.quorum is not None:
        return _WITNESSED
    if trust.seen is None:
        return _ALONE
    older = look.head is not None and look.head.checkpoint.size < trust.seen.size
    return _OLDER if older else _AGAIN


def _cosigned_said(look: Look, trust: Trust) -> Iterator[str]:
    if not (trust.policy and look.head) or look.findings:
        return
    names = sorted(trust.policy.cosigned_by(look.head.note))
    yield f"Witnesses of your policy that cosigned: {', '.join(names) or 'none, and it asks for none'}."


def printable(line: str) -> str:
    """A line that no stranger's text can turn into commands of a terminal."""
    return "".join(sign if sign.isprintable() or sign == "\n" else ascii(sign)[1:-1] for sign in line)


# verification.ledger.auditing.running

CLEAN, FOUND = 0, 1
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before a site that is between two editions is looked at again."""

WATCH_EVERY = 300
"""Seconds between two looks of a watch, unless said otherwise."""

Say = Callable[[str], None]


class BadRequest(Refusal):
    """What was asked for does not go together, or a file for it cannot be used."""


@dataclass(frozen=True)
class Asked:
    """What an audit is asked to do. `watch` is in seconds, None for one look."""

    address: LetterAddress
    key: VerifierKey | None = None
    policy: Policy | None = None
    state: Path | None = None
    watch: float | None = None

    def trust(self) -> Trust:
        """What is believed from the start. Raises `BadState`."""
        return Trust(self.key, self.policy, read_state(self.state, self.address) if self.state else None)


def audit(asked: Asked, say: Say, sleep: Callable[[float], None] = time.sleep) -> int:
    """Audit a letter, once or until there is a finding, and say what came of it. Returns `CLEAN` or `FOUND`.

    Raises `BadState`.
    """
    trust, reading, spoken = asked.trust(), None, False
    while True:
        try:
            look = settled_look(asked.address, trust, sleep, reading)
        except Unreachable as silence:
            say(printable(str(silence)))
            if asked.watch is None:
                return FOUND
        else:
            changed = look.reading is not reading or not spoken
            if look.findings or changed:
                _say_look(look, trust, say, briefly=spoken)
            if look.findings:
                return FOUND
            trust, reading, spoken = _remember(asked, trust, look, changed=changed), look.reading, True
            if asked.watch is None:
                return CLEAN
        sleep(asked.watch)


def settled_look(
    address: LetterAddress, trust: Trust, sleep: Callable[[float], None], known: LogReading | None = None
) -> Look:
    """Look at the letter, and again for some seconds while its site is between two editions. Each look has to continue
    the log of the one before. Raises `Unreachable`."""
    with _connected(address) as site:
        look = look_at(site, trust, known)
        for pause in PAUSES:
            if not look.unsettled:
                break
            sleep(pause)
            earlier = look.remembered(address.slug)
            besides = replace(trust, besides=(*trust.besides, earlier)) if earlier else trust
            look = look_at(site, besides, look.reading)
    return look


def read_policy_file(path: Path) -> Policy:
    """Raises `BadRequest`, whose text names the line that is wrong."""
    try:
        with path.open("rb") as file:
            return parse_policy(file.read(4 * LONGEST_POLICY).decode("utf-8", "surrogateescape"))
    except OSError as error:
        raise BadRequest(f"The policy {path} cannot be read: {error.strerror}.") from None
    except Refusal as wrong:
        raise BadRequest(f"The policy {path} cannot be used. {wrong}") from None


def _remember(asked: Asked, trust: Trust, look: Look, *, changed: bool) -> Trust:
    seen = look.remembered(asked.address.slug)
    if seen is None:
        return trust
    known = trust.seen
    if known and seen.size < known.size:  # an older copy tells nothing new of the log
        seen = replace(known, addresses=seen.addresses)
    if asked.state and (changed or known is None or seen.addresses != known.addresses):
        write_state(asked.state, seen)
    return replace(trust, seen=seen)


def _say_look(look: Look, trust: Trust, say: Say, *, briefly: bool) -> None:
    for line in look_said(look, trust, briefly=briefly):
        say(printable(line))


@contextmanager
def _connected(address: LetterAddress) -> Iterator[Site]:
    site = Site(address)
    try:
        yield site
    finally:
        site.close()


# verification.ledger.proofs

LONGEST_PROOF = 63
"""Hashes in a proof of the largest tree."""


class BadProof(Refusal):
    """A proof that does not prove what it is shown for."""


@dataclass(frozen=True)
class Node:
    """A place in the tree: the node over the leaves from `index << height`, at most `1 << height` of them."""

    height: int
    index: int


def path_of(start: Node, size: int) -> list[Node]:
    """The siblings on the way from a node up to the root of a tree of `size` leaves, the lowest first."""
    siblings = (
        Node(height, (start.index >> (height - start.height)) ^ 1)
        for height in range(start.height, (size - 1).bit_length())
    )
    return [node for node in siblings if node.index << node.height < size]


def consistency_nodes(old_size: int, new_size: int) -> tuple[Node, list[Node]]:
    """The highest full node that ends the old tree, and its path in the new one. Both sizes are positive."""
    height = (old_size & -old_size).bit_length() - 1
    start = Node(height, (old_size - 1) >> height)
    return start, path_of(start, new_size)


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Raises `BadProof` unless the leaf of that hash is number `index` (from 0) in the tree of `size` and `root`."""
    if not 0 <= index < size:
        raise BadProof(f"A tree of {size} leaves has no leaf {index}: expected an index from 0 to {size - 1}.")
    path = path_of(Node(0, index), size)
    _check_lengths({"leaf": leaf, "root": root}, proof, len(path))
    found = leaf
    for node, sibling in zip(path, proof, strict=True):
        found = _joined(found, sibling, left=node.index % 2 == 0)
    _check_root("The root that the leaf and its proof lead to", found, root)


def verify_consistency(old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raises `BadProof` unless the new tree begins with all the leaves of the old one, in their order.

    From an empty tree, and between equal sizes, the proof is empty (C2SP tlog-witness).
    """
    if not 0 <= old_size <= new_size:
        raise BadProof(f"The tree shrank from {old_size} to {new_size} leaves: a log only grows.")
    roots = {"old root": old_root, "new root": new_root}
    if old_size in (0, new_size):
        _check_lengths(roots, proof, 0)
        _check_root(f"The root of {old_size} leaves", old_root, new_root if old_size else EMPTY_ROOT)
        return
    start, path = consistency_nodes(old_size, new_size)
    _check_lengths(roots, proof, len(path) + (start.index > 0))
    first, rest = (proof[0], proof[1:]) if start.index else (old_root, proof)
    _check_growth(first, list(zip(path, rest, strict=True)), old_root, new_root)


def _check_growth(start: bytes, steps: list[tuple[Node, bytes]], old_root: bytes, new_root: bytes) -> None:
    """What lies left of the start belongs to both trees, what lies right of it to the new one only."""
    old = new = start
    for node, sibling in steps:
        is_left = node.index % 2 == 0
        new = _joined(new, sibling, left=is_left)
        old = _joined(old, sibling, left=True) if is_left else old
    _check_root("The old root that the proof leads to", old, old_root)
    _check_root("The new root that the proof leads to", new, new_root)


def _joined(node: bytes, sibling: bytes, *, left: bool) -> bytes:
    return node_hash(sibling, node) if left else node_hash(node, sibling)


def _check_lengths(named: dict[str, bytes], proof: Sequence[bytes], needed: int) -> None:
    for name, value in named.items():
        if len(value) != HASH:
            raise BadProof(f"The {name} has {len(value)} bytes: expected a hash of {HASH}.")
    if len(proof) != needed:
        raise BadProof(f"The proof has {len(proof)} hashes: these sizes need exactly {needed}.")
    for number, value in enumerate(proof, start=1):
        if len(value) != HASH:
            raise BadProof(f"Hash {number} of the proof has {len(value)} bytes: expected {HASH}.")


def _check_root(what: str, found: bytes, expected: bytes) -> None:
    if found != expected:
        raise BadProof(f"{what} is {found.hex()}: expected {expected.hex()}. These are different trees.")


# verification.ledger.receipts

OPENING_TAG = b"undersigned opening 1\n"
"""What `extra` begins with: what follows is a nullifier, a blinding and a seal hash, 32 bytes each."""

LONGEST_RECEIPT = LONGEST_NOTE + 4096
"""Characters in the longest receipt that is read."""

_FORMAT = "c2sp.org/tlog-proof@v1"


class BadReceipt(Refusal):
    """Text that is not a receipt in its one exact form."""


@dataclass(frozen=True)
class Receipt:
    """Where a signature's leaf is (from 0), its proof, the checkpoint as a signed note, and what opens the leaf."""

    index: int
    proof: Sequence[bytes]
    note: str
    opening: Opening

    def encode(self) -> str:
        """The receipt as text, to be kept in a file."""
        opening = self.opening.nullifier + self.opening.blinding + self.opening.seal_hash
        lines = [_FORMAT, f"extra {base64_of(OPENING_TAG + opening)}", f"index {self.index}"]
        return "\n".join([*lines, *map(base64_of, self.proof), "", self.note])

    @classmethod
    def parse(cls, text: str) -> Receipt:
        """Read what `encode` wrote; nothing is verified yet. Raises `BadReceipt`."""
        if len(text) > LONGEST_RECEIPT:
            raise BadReceipt(f"The receipt has {len(text)} characters: at most {LONGEST_RECEIPT} are read.")
        head, blank, note = text.partition("\n\n")
        form, *lines = head.split("\n")
        if form != _FORMAT:
            raise BadReceipt(f"Found {form[:60]!r} as the first line: expected {_FORMAT!r}. This is no receipt.")
        if not blank or len(lines) < 2:
            raise BadReceipt("The receipt is cut short: expected an opening, an index, a proof and a checkpoint.")
        _check_note(note)
        opening, index, *proof = lines
        return cls(opening=_read_opening(opening), index=_read_index(index), proof=_read_proof(proof), note=note)


def check_receipt(receipt: Receipt, key: VerifierKey) -> Checkpoint:
    """The checkpoint, signed by the log's key, of a tree that holds the receipt's leaf.

    Raises `BadNote`, `UnknownKey`, `WrongSignature`, `BadCheckpoint`, or `BadProof` for a leaf that is not there.
    """
    checkpoint = open_checkpoint(receipt.note, key)
    leaf = leaf_hash(Signature(receipt.opening.commitment).encode())
    verify_inclusion(receipt.index, checkpoint.size, leaf, receipt.proof, checkpoint.root)
    return checkpoint


def _after(word: str, line: str) -> str:
    found, _, value = line.partition(" ")
    if found != word:
        raise BadReceipt(f"Found {line[:60]!r}: expected a line that begins with {word!r}.")
    return value


def _read_index(line: str) -> int:
    try:
        return strict_number(_after("index", line))
    except ValueError as wrong:
        raise BadReceipt(f"The index of the receipt cannot be read: {wrong}.") from None


def _read_opening(line: str) -> Opening:
    data = _read_bytes("The opening", _after("extra", line))
    if not data.startswith(OPENING_TAG) or len(data) != len(OPENING_TAG) + 3 * HASH:
        raise BadReceipt("The receipt opens no signature: it is of another kind, or of a newer version.")
    nullifier, blinding, seal_hash = (data[len(OPENING_TAG) + at : len(OPENING_TAG) + at + HASH] for at in (0, 32, 64))
    return Opening(nullifier, blinding, seal_hash)


def _read_proof(lines: list[str]) -> tuple[bytes, ...]:
    if len(lines) > LONGEST_PROOF:
        raise BadReceipt(f"The proof of the receipt has {len(lines)} hashes: expected at most {LONGEST_PROOF}.")
    hashes = tuple(_read_bytes(f"Hash {number} of the proof", line) for number, line in enumerate(lines, start=1))
    for number, value in enumerate(hashes, start=1):
        if len(value) != HASH:
            raise BadReceipt(f"Hash {number} of the proof has {len(value)} bytes: expected {HASH}.")
    return hashes


def _read_bytes(what: str, text: str) -> bytes:
    try:
        return strict_base64(text)
    except ValueError as wrong:
        raise BadReceipt(f"{what} cannot be read: {wrong}.") from None


def _check_note(note: str) -> None:
    try:
        Note.parse(note)
    except BadNote as wrong:
        raise BadReceipt(f"The checkpoint of the receipt cannot be read. {wrong}") from None


# verification.ledger.auditing.receipt_check

SHOWS = """\
What a receipt shows: whoever made it knew the secret of this one leaf of the log. It names nobody.
It shows that somebody holding it could know who signed: keep it as you would keep the signature itself."""


KEEP_RECEIPT = "Keep the receipt and these answers as proof."


@dataclass(frozen=True)
class Held:
    """A receipt that holds, and the checkpoint in it."""

    receipt: Receipt
    checkpoint: Checkpoint


def read_receipt(path: Path) -> Receipt:
    """Raises `BadRequest` when there is no such file, and `BadReceipt` for one that is no receipt."""
    try:
        with path.open("rb") as file:
            return Receipt.parse(file.read(4 * LONGEST_RECEIPT).decode("utf-8", "replace"))
    except OSError as error:
        raise BadRequest(f"The receipt {path} cannot be read: {error.strerror}.") from None


def check_offline(path: Path, key: VerifierKey, say: Say) -> int:
    """Say whether a receipt holds by the log's key. Returns `CLEAN` or `FOUND`. Raises `BadRequest`."""
    held = _receipt_said(_opened_receipt(path, key), say)
    if held is None:
        return FOUND
    say("Whether it was withdrawn or voided since, only the log can tell: add the letter's address.")
    say(SHOWS)
    return CLEAN


def check_online(path: Path, asked: Asked, say: Say, sleep: Callable[[float], None] = time.sleep) -> int:
    """Audit the letter, which has to continue the log that the receipt is from, and say what became of its signature.

    Returns `CLEAN` or `FOUND`. Raises `BadRequest` or `BadState`.
    """
    trust = asked.trust()
    try:
        look = settled_look(asked.address, _with_receipt(path, asked, trust), sleep)
    except Unreachable as silence:
        say(printable(str(silence)))
        return FOUND
    held = _opened_receipt(path, look.key) if look.key else None
    if isinstance(held, Held):
        look.findings += [finding for finding in _held_findings(held, look) if finding not in look.findings]
    for line in look_said(look, trust):
        say(printable(line))
    held = _receipt_said(held, say)
    if held is None or look.findings:
        return FOUND
    if _is_older(held, look):
        say("The copy is older than the receipt and knows nothing of its signature: ask the letter's own site.")
        return CLEAN
    return _say_removed(held, look, say)


def _opened_receipt(path: Path, key: VerifierKey) -> Held | Refusal:
    try:
        receipt = read_receipt(path)
        return Held(receipt, check_receipt(receipt, key))
    except BadRequest:
        raise
    except Refusal as wrong:
        return wrong


def _receipt_said(held: Held | Refusal | None, say: Say) -> Held | None:
    if isinstance(held, Refusal):
        say(printable(f"FOUND: the receipt does not hold. {held}"))
        return None
    if held:
        where = f"leaf {held.receipt.index} of {held.checkpoint.size} in the log {held.checkpoint.origin}"
        say(printable(f"The receipt holds: {where} is its signature."))
    return held


def _held_findings(held: Held, look: Look) -> Iterator[Finding]:
    """Whether the log that was read is the one of the receipt: with its root at that size, and its leaf.

    Every checkpoint with a signature is of a whole edition, so that its root is known of any log that was read.
    """
    if not (look.head and look.reading and look.key):
        return
    size, index, reading = held.checkpoint.size, held.receipt.index, look.reading
    sight = Remembered("", look.key, size, held.checkpoint.root, held.receipt.note)
    wrong = list(seen_findings(look.head.checkpoint, reading, sight, copied=look.copied))
    yield from wrong
    if wrong or _is_older(held, look):
        return
    if size not in reading.roots:
        said = f"No edition of the log ends at {size} leaves, and one did when the receipt was made"
        yield Finding(Code.LOG_REWRITTEN, f"{said}: leaves were rewritten. {KEEP_RECEIPT}")
    elif reading.signature_at(index) != Signature(held.receipt.opening.commitment).encode():
        said = f"Leaf {index} of the log is not the signature of the receipt, and was when the receipt was made"
        yield Finding(Code.LOG_REWRITTEN, f"{said}: it was rewritten. {KEEP_RECEIPT}")


def _is_older(held: Held, look: Look) -> bool:
    """Whether the log that was read is a copy from before the receipt."""
    return look.copied and look.head is not None and look.head.checkpoint.size < held.checkpoint.size


def _with_receipt(path: Path, asked: Asked, trust: Trust) -> Trust:
    """The log's root in the receipt is one more that the log has to have; a receipt that is none is said later."""
    receipt = _readable(path)
    origin = receipt.note.partition("\n")[0] if receipt else ""
    known = trust.key_for(origin)
    try:
        checkpoint = check_receipt(receipt, known[0]) if receipt and known else None
    except Refusal:
        checkpoint = None
    if not (receipt and known and checkpoint):
        return trust
    sight = Remembered(asked.address.slug, known[0], checkpoint.size, checkpoint.root, receipt.note)
    return replace(trust, besides=(*trust.besides, sight))


def _readable(path: Path) -> Receipt | None:
    try:
        return read_receipt(path)
    except BadRequest:
        raise
    except Refusal:
        return None


def _say_removed(held: Held, look: Look, say: Say) -> int:
    assert look.reading
    removed = look.reading.removed.get(held.receipt.opening.nullifier)
    if removed:
        say(f"Its signature was {removed[1]} since, by leaf {removed[0]}: the total counts it no more.")
    else:
        say(f"It was not withdrawn or voided since: the total of {look.total} counts it.")
    say(SHOWS)
    return CLEAN


# verification.ledger.auditing.command

USAGE, INTERRUPTED = 2, 130
LEAST_WATCH = 1.0
"""Seconds that a watch leaves between two looks at the least."""

HELP = {
    "url": "The letter's page, as https://example.org/letters/name, or a static mirror",
    "state": "Remembers what was seen of the log, so that the next audit proves that it only grew",
    "policy": "The log's key and the witnesses that you trust (C2SP tlog-policy)",
    "key": "The log's key, from somewhere else than the site",
    "watch": f"Look again every so many seconds (default {WATCH_EVERY}), until something is wrong",
    "receipt": "Check a signer's receipt: offline, or with URL against the log as it is now",
    "insecure": "Accept http:// to another machine: whoever is on the way can change what you read",
}
"""What each option is for."""


@dataclass(frozen=True)
class Request:
    """What was asked for on a command line. `watch` is in seconds."""

    url: str | None = None
    state: Path | None = None
    policy: Path | None = None
    key: str | None = None
    watch: float | None = None
    receipt: Path | None = None
    insecure: bool = False


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the auditor. Returns 0, 1 for a finding, or 2 for a request that makes no sense."""
    return run(Request(**vars(_parser().parse_args(arguments))), say_to_terminal)


def run(request: Request, say: Say) -> int:
    """Do what was asked for, say what came of it, and return the exit code."""
    try:
        return _run(request, say)
    except (BadAddress, BadRequest, BadState, BadVerifierKey, WhichLetter) as wrong:
        sys.stderr.write(printable(f"Error: {wrong}") + "\n")
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED


def say_to_terminal(line: str) -> None:
    """A line on standard output, at once and in whatever encoding that has."""
    encoding = sys.stdout.encoding or "ascii"
    sys.stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    sys.stdout.flush()


def _run(request: Request, say: Say) -> int:
    policy = read_policy_file(request.policy) if request.policy else None
    key = VerifierKey.parse(request.key) if request.key else None
    if request.url is None:
        return _check_alone(request.receipt, key, policy, say)
    if request.watch is not None and not request.watch >= LEAST_WATCH:
        raise BadRequest(f"A watch looks every {LEAST_WATCH:g} seconds at the most: give --watch a larger number.")
    if request.receipt and request.watch is not None:
        raise BadRequest("A receipt is checked once: leave out --watch.")
    address = asked_letter(request.url, insecure=request.insecure)
    asked = Asked(address, key, policy, request.state, request.watch)
    return check_online(request.receipt, asked, say) if request.receipt else audit(asked, say)


def _check_alone(receipt: Path | None, key: VerifierKey | None, policy: Policy | None, say: Say) -> int:
    if receipt is None:
        raise BadRequest("Nothing to audit: give the address of a letter, as https://example.org/letters/name.")
    listed = [log.key for log in policy.logs] if policy else []
    if key is None and not listed:
        raise BadRequest("Offline a receipt is checked by the log's key: give it with --key or --policy, or add a URL.")
    return check_offline(receipt, key or listed[0], say)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="audit.py",
        description="Check that an open letter's number, text and figures are those in its public log.",
        epilog="Exit code 0: nothing wrong. 1: something is wrong, or nothing could be checked. 2: wrong usage.",
    )
    parser.add_argument("url", nargs="?", metavar="URL", help=HELP["url"])
    parser.add_argument("--state", type=Path, metavar="FILE", help=HELP["state"])
    parser.add_argument("--policy", type=Path, metavar="FILE", help=HELP["policy"])
    parser.add_argument("--key", metavar="KEY", help=HELP["key"])
    parser.add_argument("--watch", type=float, nargs="?", const=WATCH_EVERY, metavar="SECONDS", help=HELP["watch"])
    parser.add_argument("--receipt", type=Path, metavar="FILE", help=HELP["receipt"])
    parser.add_argument("--insecure", action="store_true", help=HELP["insecure"])
    return parser


if __name__ == "__main__":
    sys.exit(main())
