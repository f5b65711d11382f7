"""Sealing identities to a letter's public key: HPKE base mode (RFC 9180) with MLKEM768-X25519.

The hybrid holds as long as either half does, so what is seized today stays closed when quantum computers come. The
server holds the public half only; whoever holds the secret half opens.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke, serialization
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from verification.errors import Refusal

PUBLIC_PREFIX = "undersigned-public-1:"
SECRET_PREFIX = "undersigned-secret-1:"
BLOCK = 1024
"""Bytes to whose next multiple a record is padded, so that its size does not tell a long name."""

_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_MLKEM_PUBLIC, _X25519, _MLKEM_SEED = 1184, 32, 64


class BadPublicKey(Refusal):
    """The text is no usable public key; without one no letter opens."""


class BadSecretKey(Refusal):
    """The text is no usable secret key."""


class CannotOpen(Refusal):
    """The key does not fit the record, or the record was altered."""


@dataclass(frozen=True)
class KeyPair:
    """Both halves of a letter's key as text; `secret` never touches the server under custody `offline`."""

    public: str
    secret: str


def new_key_pair() -> KeyPair:
    """A fresh key pair from the operating system's randomness."""
    mlkem, x25519 = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
    secret = mlkem.private_bytes_raw() + x25519.private_bytes_raw()
    return KeyPair(_public_text(mlkem, x25519), SECRET_PREFIX + base64.b64encode(secret).decode("ascii"))


def public_key_of(secret: str) -> str:
    """The public half that belongs to a secret one. Raises `BadSecretKey`."""
    return _public_text(*_read_secret(secret))


def seal(public: str, plaintext: bytes, context: bytes) -> bytes:
    """Seal `plaintext`, padded, so that only the secret key opens it, and only under the same `context`.

    Raises `BadPublicKey`.
    """
    return _encrypt(public, _pad(plaintext), context)


def unseal(secret: str, sealed: bytes, context: bytes) -> bytes:
    """Open what `seal` closed. Raises `BadSecretKey`, or `CannotOpen` for another key, context or altered bytes."""
    mlkem, x25519 = _read_secret(secret)
    key = hpke.MLKEM768X25519PrivateKey(mlkem, x25519)
    try:
        return _unpad(_SUITE.decrypt(sealed, key, info=context))
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("The key does not open this record, or the record is damaged.") from error


def check_public_key(text: str) -> None:
    """Raises `BadPublicKey` unless records can be sealed to the key."""
    _encrypt(text, b"", b"")


def _encrypt(public: str, padded: bytes, context: bytes) -> bytes:
    key = _read_public(public)
    try:
        return _SUITE.encrypt(padded, key, info=context)
    except ValueError as error:  # a point of low order (RFC 7748, section 6.1)
        raise BadPublicKey("The public key seals nothing. Make another with `undersigned keys new FILE`.") from error


@lru_cache(maxsize=64)
def _read_public(text: str) -> hpke.MLKEM768X25519PublicKey:
    raw = _decode(text, PUBLIC_PREFIX)
    if raw is None or len(raw) != _MLKEM_PUBLIC + _X25519 or not any(raw[:_MLKEM_PUBLIC]) or not any(raw[-_X25519:]):
        raise BadPublicKey(
            "The public key is missing or damaged. Make a key with `undersigned keys new FILE` "
            "and put the line it prints into letter.toml."
        )
    try:
        return hpke.MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC]),
            X25519PublicKey.from_public_bytes(raw[_MLKEM_PUBLIC:]),
        )
    except ValueError as error:
        raise BadPublicKey(
            "The public key is damaged. Copy the whole line that `undersigned keys new` printed."
        ) from error


def _read_secret(text: str) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    raw = _decode(text, SECRET_PREFIX)
    if raw is None or len(raw) != _MLKEM_SEED + _X25519:
        raise BadSecretKey("This is not a secret key file made by `undersigned keys new`, or it is damaged.")
    return (
        MLKEM768PrivateKey.from_seed_bytes(raw[:_MLKEM_SEED]),
        X25519PrivateKey.from_private_bytes(raw[_MLKEM_SEED:]),
    )


def _public_text(mlkem: MLKEM768PrivateKey, x25519: X25519PrivateKey) -> str:
    raw = _raw(mlkem.public_key()) + _raw(x25519.public_key())
    return PUBLIC_PREFIX + base64.b64encode(raw).decode("ascii")


def _raw(key: MLKEM768PublicKey | X25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _decode(text: str, prefix: str) -> bytes | None:
    if not text.startswith(prefix):
        return None
    try:
        return base64.b64decode(text.removeprefix(prefix).strip(), validate=True)
    except (binascii.Error, ValueError):
        return None


def _pad(plaintext: bytes) -> bytes:
    """Pad to whole blocks with 0x80 and zeros (ISO/IEC 7816-4)."""
    return plaintext + b"\x80" + bytes(-(len(plaintext) + 1) % BLOCK)


def _unpad(padded: bytes) -> bytes:
    plaintext, mark, rest = padded.rpartition(b"\x80")
    if not mark or any(rest):
        raise ValueError("padding")
    return plaintext
