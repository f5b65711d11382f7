"""Encryption at rest under a server key: AES-256-GCM-SIV (RFC 8452), which survives a repeated nonce."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from verification.errors import Refusal

NONCE = 12


class BoxDamaged(Refusal):
    """The key or the context does not fit, or the bytes were altered."""


def lock(key: bytes, plaintext: bytes, context: bytes, nonce: bytes) -> bytes:
    """Encrypt under a 32-byte `key`, bound to `context`; `nonce` is 12 random bytes and is kept in front."""
    return nonce + AESGCMSIV(key).encrypt(nonce, plaintext, context)


def unlock(key: bytes, box: bytes, context: bytes) -> bytes:
    """Decrypt what `lock` made. Raises `BoxDamaged`."""
    try:
        return AESGCMSIV(key).decrypt(box[:NONCE], box[NONCE:], context)
    except (InvalidTag, ValueError) as error:
        raise BoxDamaged("An encrypted value does not open; the key folder is not the one it was made with.") from error
