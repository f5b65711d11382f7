"""The encodings of a public page, and the ETag of each (RFC 9110, sections 8.4, 8.8.3 and 12.5.3).

Only public pages are encoded: compressed beside what a visitor sent, the secrets of a personal page can be guessed.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache

import brotli

PLAIN, GZIP, BR = "", "gzip", "br"

ENCODINGS = (BR, GZIP, PLAIN)
"""By their `Content-Encoding`, the one that is taken first at the beginning."""

LEVEL = {GZIP: 6, BR: 5}
"""From brotli's 6 on a page costs more than rendering it, and is hardly smaller."""

WINDOW = 18
"""Bits of brotli's window: larger pages are not kept, and a larger window would cost each call megabytes."""

LEAST = 256
"""Bytes below which compressing saves nothing."""


@lru_cache(maxsize=64)
def encoding_for(accepted: str) -> str:
    """The encoding for whoever sends this `Accept-Encoding`; only what it names, since nginx knows no `*` here."""
    named: dict[str, bool] = {}
    for item in accepted.lower().split(","):
        name, _, weight = item.partition(";")
        named.setdefault(name.strip(), _is_wanted(weight))
    return next((encoding for encoding in (BR, GZIP) if named.get(encoding)), PLAIN)


def _is_wanted(weight: str) -> bool:
    """Whether a parameter such as `q=0.5` is more than nothing."""
    name, _, value = weight.replace(" ", "").partition("=")
    return name != "q" or value.strip("0.") != ""


def encoded(body: bytes, encoding: str) -> bytes:
    """The body in this encoding; the same bytes on every machine with the same libraries."""
    if encoding == BR:
        return bytes(brotli.compress(body, quality=LEVEL[BR], lgwin=WINDOW))
    if encoding == GZIP:
        return gzip.compress(body, LEVEL[GZIP], mtime=0)
    return body


def stamp_of(body: bytes) -> int:
    """What stands for the time at which a file with this content was changed: a number of 31 bits made of the content.

    A real time would differ between machines, and tell when somebody's signature changed the page.
    """
    number = int.from_bytes(hashlib.sha256(body).digest()[:4]) >> 1
    return max(number, 2)  # a proxy may take 0 and 1 for no time at all


def etag_of(body: bytes) -> str:
    """The strong ETag that nginx gives a file with this content, when `stamp_of` is its time: time and size."""
    return f'"{stamp_of(body):x}-{len(body):x}"'


def has(condition: str, etag: str) -> bool:
    """Whether an `If-None-Match` names this ETag, weak or strong (RFC 9110, section 13.1.2)."""
    return condition == "*" or etag in (tag.strip().removeprefix("W/") for tag in condition.split(","))
