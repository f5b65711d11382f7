"""Signed notes: text, and who signed it (C2SP signed-note), with Ed25519 keys."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from verification.errors import Refusal
from verification.ledger.strict import base64_of, strict_base64

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
