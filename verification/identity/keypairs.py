"""Both halves of a letter's key as text, for letter.toml and key files: MLKEM768-X25519, raw bytes in Base64."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives import hpke, serialization
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from verification.errors import Refusal

PUBLIC_PREFIX = "undersigned-public-1:"
SECRET_PREFIX = "undersigned-secret-1:"

_MLKEM_PUBLIC, _X25519, _MLKEM_SEED = 1184, 32, 64
PUBLIC_BYTES = _MLKEM_PUBLIC + _X25519


class BadPublicKey(Refusal):
    """The text is no usable public key; without one no letter opens."""


class BadSecretKey(Refusal):
    """The text is no usable secret key."""


@dataclass(frozen=True)
class KeyPair:
    """Both halves of a letter's key as text; `secret` never touches the server under custody `offline`."""

    public: str
    secret: str


def new_key_pair() -> KeyPair:
    """A fresh key pair from the operating system's randomness."""
    mlkem, x25519 = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
    secret = mlkem.private_bytes_raw() + x25519.private_bytes_raw()
    return KeyPair(_public_text(mlkem, x25519), encode_key(SECRET_PREFIX, secret))


def public_key_of(secret: str) -> str:
    """The public half that belongs to a secret one. Raises `BadSecretKey`."""
    return _public_text(*_secret_halves(secret))


def fingerprint(public: str) -> str:
    """What people read to each other to see that they hold the same public key: 128 bits of SHA-256, in fours.

    Raises `BadPublicKey`.
    """
    digits = hashlib.sha256(decode_public(public)).hexdigest()[:32]
    return " ".join(digits[start : start + 4] for start in range(0, 32, 4))


@lru_cache(maxsize=64)
def read_public(text: str) -> hpke.MLKEM768X25519PublicKey:
    """The key that a public text holds. Raises `BadPublicKey`."""
    raw = decode_key(text, PUBLIC_PREFIX)
    if raw is None or len(raw) != PUBLIC_BYTES or not any(raw[:_MLKEM_PUBLIC]) or not any(raw[-_X25519:]):
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


def read_secret(text: str) -> hpke.MLKEM768X25519PrivateKey:
    """The key that a secret text holds. Raises `BadSecretKey`."""
    return hpke.MLKEM768X25519PrivateKey(*_secret_halves(text))


def decode_public(text: str) -> bytes:
    """The bytes of a public key, equal for equal keys. Raises `BadPublicKey`."""
    read_public(text)
    return decode_key(text, PUBLIC_PREFIX) or b""


def encode_key(prefix: str, raw: bytes) -> str:
    return prefix + base64.b64encode(raw).decode("ascii")


def decode_key(text: str, prefix: str) -> bytes | None:
    """The bytes behind `prefix`, or None where there are none."""
    if not text.startswith(prefix):
        return None
    try:
        return base64.b64decode(text.removeprefix(prefix).strip(), validate=True)
    except (binascii.Error, ValueError):
        return None


def _secret_halves(text: str) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    raw = decode_key(text, SECRET_PREFIX)
    if raw is None or len(raw) != _MLKEM_SEED + _X25519:
        raise BadSecretKey("This is not a secret key file made by `undersigned keys new`, or it is damaged.")
    return (
        MLKEM768PrivateKey.from_seed_bytes(raw[:_MLKEM_SEED]),
        X25519PrivateKey.from_private_bytes(raw[_MLKEM_SEED:]),
    )


def _public_text(mlkem: MLKEM768PrivateKey, x25519: X25519PrivateKey) -> str:
    raw = _raw(mlkem.public_key()) + _raw(x25519.public_key())
    return encode_key(PUBLIC_PREFIX, raw)


def _raw(key: MLKEM768PublicKey | X25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
