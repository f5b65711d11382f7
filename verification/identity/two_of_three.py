"""Sealing so that any two of three organisers open, and one alone opens nothing: nested HPKE, pair by pair.

A fresh content key encrypts the record once (AES-256-GCM); for each pair of organisers it is sealed to the second of
them, and that to the first. The record binds all three sealed keys, so no bit of it can be altered unnoticed.

    sealed  = pair(0,1) || pair(0,2) || pair(1,2) || AES-256-GCM(content key, record)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from verification.errors import Refusal
from verification.identity.hybrid import OVERHEAD, CannotOpen, decrypt, encrypt
from verification.identity.keypairs import (
    PUBLIC_BYTES,
    PUBLIC_PREFIX,
    SECRET_PREFIX,
    BadPublicKey,
    decode_key,
    decode_public,
    encode_key,
)

COMBINED_PREFIX = "undersigned-public-2of3-1:"
PAIRS = ((0, 1), (0, 2), (1, 2))

_CONTENT_KEY = 32
_SEALED_KEY = _CONTENT_KEY + 2 * OVERHEAD
_NONCE = bytes(12)
"""A content key encrypts one record and is gone, so its nonce never repeats (NIST SP 800-38D, section 8)."""


class CannotCombine(Refusal):
    """The keys are not three different organisers' public keys."""


class SecretKeyGiven(Refusal):
    """A secret key stands where a public one belongs."""


def combine(publics: Sequence[str]) -> str:
    """One public key from three, the same in whatever order they come.

    Raises `CannotCombine`, `SecretKeyGiven`, or `BadPublicKey` for one that is damaged.
    """
    if len(publics) != 3:
        raise CannotCombine(f"Two of three needs three public keys, one from each organiser; here are {len(publics)}.")
    for position, public in enumerate(publics, start=1):
        _check_part(position, public)
    raws = sorted({decode_public(public) for public in publics})
    if len(raws) != 3:
        raise CannotCombine("The same public key is there twice. Each of the three organisers makes their own.")
    return encode_key(COMBINED_PREFIX, b"".join(raws))


@lru_cache(maxsize=64)
def parts_of(combined: str) -> tuple[str, str, str]:
    """The three public keys within a combined one. Raises `BadPublicKey`."""
    raw = decode_key(combined, COMBINED_PREFIX)
    if raw is None or len(raw) != 3 * PUBLIC_BYTES:
        raise BadPublicKey(
            "The combined public key is damaged. Copy the whole line that `undersigned keys combine` printed, "
            "or make the three keys with `undersigned keys new FILE` and combine them again."
        )
    first, second, third = (
        encode_key(PUBLIC_PREFIX, raw[start : start + PUBLIC_BYTES]) for start in range(0, len(raw), PUBLIC_BYTES)
    )
    if len({first, second, third}) != 3:
        raise BadPublicKey(
            "The combined public key holds the same key twice. Make one more with `undersigned keys new FILE`."
        )
    return first, second, third


def seal_record(combined: str, padded: bytes, context: bytes) -> bytes:
    """Seal so that any two of the three open, under the same `context` only. Raises `BadPublicKey`."""
    parts, content_key = parts_of(combined), AESGCM.generate_key(_CONTENT_KEY * 8)
    keys = b"".join(_seal_key(parts, pair, content_key, context) for pair in PAIRS)
    return keys + AESGCM(content_key).encrypt(_NONCE, padded, keys + context)


def open_record(secrets: Mapping[int, hpke.MLKEM768X25519PrivateKey], sealed: bytes, context: bytes) -> bytes:
    """Open with two or three secret keys, by their places in the combined one. Raises `CannotOpen`."""
    number, pair = next((number, pair) for number, pair in enumerate(PAIRS) if secrets.keys() >= set(pair))
    end = len(PAIRS) * _SEALED_KEY
    keys, record = sealed[:end], sealed[end:]
    sealed_key, info = keys[number * _SEALED_KEY :][:_SEALED_KEY], _info(pair, context)
    outer, inner = (secrets[place] for place in pair)
    content_key = decrypt(inner, decrypt(outer, sealed_key, info), info)
    try:
        return AESGCM(content_key).decrypt(_NONCE, record, keys + context)
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("The record is damaged.") from error


def _seal_key(parts: Sequence[str], pair: tuple[int, int], content_key: bytes, context: bytes) -> bytes:
    outer, inner, info = parts[pair[0]], parts[pair[1]], _info(pair, context)
    return encrypt(outer, encrypt(inner, content_key, info), info)


def _info(pair: tuple[int, int], context: bytes) -> bytes:
    return b"undersigned 2of3 1\0" + bytes(pair) + context


def _check_part(position: int, public: str) -> None:
    if public.startswith(SECRET_PREFIX):
        raise SecretKeyGiven(
            f"STOP: number {position} is a SECRET key, which must never leave its owner's computer. If it came in a "
            "message, it is spoilt: its owner has to make a new one with `undersigned keys new FILE`, and to send only "
            "the public_key line."
        )
    if public.startswith(COMBINED_PREFIX):
        raise CannotCombine(
            f"Number {position} is a combined key already. Combine the three keys that organisers made."
        )
    try:
        encrypt(public, b"", b"")
    except BadPublicKey as error:
        raise BadPublicKey(
            f"Number {position} is no usable public key; ask for the whole line that `undersigned keys new` printed."
        ) from error
