"""Numbers and bytes written in exactly one way, as every text format of the log asks.

If one value had two spellings, a signed text could be changed without changing what it says.
"""

from __future__ import annotations

import base64
import binascii
import re

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
