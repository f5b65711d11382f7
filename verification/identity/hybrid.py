"""HPKE base mode (RFC 9180) with MLKEM768-X25519, HKDF-SHA256 and AES-256-GCM, to one key.

The hybrid holds as long as either half does, so what is seized today stays closed when quantum computers come.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke

from verification.errors import Refusal
from verification.identity.keypairs import BadPublicKey, read_public

OVERHEAD = 1136
"""Bytes that sealing adds: the encapsulated key (1088 and 32) and the tag (16)."""

_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


class CannotOpen(Refusal):
    """The key does not fit the record, or the record was altered."""


def encrypt(public: str, plaintext: bytes, info: bytes) -> bytes:
    """Seal to one public key; opens under the same `info` only. Raises `BadPublicKey`."""
    key = read_public(public)
    try:
        return _SUITE.encrypt(plaintext, key, info=info)
    except ValueError as error:  # a point of low order (RFC 7748, section 6.1)
        raise BadPublicKey("The public key seals nothing. Make another with `undersigned keys new FILE`.") from error


def decrypt(key: hpke.MLKEM768X25519PrivateKey, sealed: bytes, info: bytes) -> bytes:
    """Open what `encrypt` closed. Raises `CannotOpen`."""
    try:
        return _SUITE.decrypt(sealed, key, info=info)
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("The key does not open this record, or the record is damaged.") from error
