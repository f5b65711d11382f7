"""Sealing identities to a letter's public key, which one organiser made or three combined (two of them open).

The server holds the public half only; whoever holds the secret half opens (`custody`).
"""

from __future__ import annotations

from verification.identity.hybrid import CannotOpen, decrypt, encrypt
from verification.identity.keypairs import (
    PUBLIC_PREFIX,
    SECRET_PREFIX,
    BadPublicKey,
    BadSecretKey,
    KeyPair,
    decode_public,
    encode_key,
    new_key_pair,
    public_key_of,
    read_secret,
)
from verification.identity.two_of_three import COMBINED_PREFIX, parts_of, seal_record

__all__ = [
    "BLOCK",
    "PUBLIC_PREFIX",
    "SECRET_PREFIX",
    "BadPublicKey",
    "BadSecretKey",
    "CannotOpen",
    "KeyPair",
    "check_public_key",
    "new_key_pair",
    "public_key_of",
    "seal",
    "unpad",
    "unseal",
]

BLOCK = 1024
"""Bytes to whose next multiple a record is padded, so that its size does not tell a long name."""


def seal(public: str, plaintext: bytes, context: bytes) -> bytes:
    """Seal `plaintext`, padded, so that only the secret key opens it, and only under the same `context`.

    Under a combined key any two of its three secret keys open it. Raises `BadPublicKey`.
    """
    padded = _pad(plaintext)
    if public.startswith(COMBINED_PREFIX):
        return seal_record(public, padded, context)
    return encrypt(public, padded, context)


def unseal(secret: str, sealed: bytes, context: bytes) -> bytes:
    """Open what `seal` closed to one key. Raises `BadSecretKey`, or `CannotOpen` for another key, context or record."""
    return unpad(decrypt(read_secret(secret), sealed, context))


def check_public_key(text: str) -> None:
    """Raises `BadPublicKey` unless records can be sealed to the key, or to each of the three in a combined one."""
    for part in members_of(text):
        encrypt(part, b"", b"")


def members_of(public: str) -> tuple[str, ...]:
    """The public keys of those who open: one, or the three of a combined key. Raises `BadPublicKey`."""
    if public.startswith(COMBINED_PREFIX):
        return parts_of(public)
    return (encode_key(PUBLIC_PREFIX, decode_public(public)),)


def unpad(padded: bytes) -> bytes:
    """What was padded. Raises `CannotOpen`."""
    plaintext, mark, rest = padded.rpartition(b"\x80")
    if not mark or any(rest):
        raise CannotOpen("The record is damaged.")
    return plaintext


def _pad(plaintext: bytes) -> bytes:
    """Pad to whole blocks with 0x80 and zeros (ISO/IEC 7816-4)."""
    return plaintext + b"\x80" + bytes(-(len(plaintext) + 1) % BLOCK)
