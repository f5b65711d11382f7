"""Recognising an address, or a whole form, again without keeping it: keyed HMAC-SHA-256 (RFC 2104).

Whoever holds the letter's dedupe key can test guesses; without it the values say nothing. The key is destroyed some
days after the letter closes.
"""

from __future__ import annotations

import hashlib
import hmac

WINDOW = 600
"""Seconds within which the same form is the same form."""


def address_index(key: bytes, canonical: str) -> bytes:
    """32 bytes that are equal for equal canonical addresses of one letter."""
    return hmac.digest(key, b"address\0" + canonical.encode(), hashlib.sha256)


def form_fingerprints(key: bytes, fields: tuple[str, ...], seconds: int) -> tuple[bytes, bytes]:
    """What a form is called in the window of `seconds` (Unix time) and in the one before, 32 bytes each.

    A form repeats another when the other's first is among these two: always within 10 minutes, never after 20.
    """
    window = seconds // WINDOW
    return _fingerprint(key, fields, window), _fingerprint(key, fields, window - 1)


def _fingerprint(key: bytes, fields: tuple[str, ...], window: int) -> bytes:
    parts = (str(window), *fields)
    framed = b"".join(len(part.encode()).to_bytes(4) + part.encode() for part in parts)
    return hmac.digest(key, b"form\0" + framed, hashlib.sha256)
