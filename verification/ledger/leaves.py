"""What the leaves of a letter's log say. An entry is one byte for its kind, and then its content.

A signature's leaf is a commitment that 256 random bits hide: it says nothing about anybody, and nothing that may change
later. A withdrawal or a void shows a nullifier, to which the signature's own leaf leads only with those bits.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from verification.errors import Refusal

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
