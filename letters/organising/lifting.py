"""The codes that lift a lockdown: each is sealed to one organiser's key, who answers by opening it at home.

The server keeps the sealed code and its SHA-256, and forgets the code itself.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from verification.errors import Refusal
from verification.identity.keypairs import fingerprint, public_key_of
from verification.identity.sealing import CannotOpen, seal, unseal

FORMAT = "undersigned-request-1"
CODE_BYTES = 10

_GROUP = 4
_MISREAD = str.maketrans("018", "OIB")
"""Base32 (RFC 4648) has no 0, 1 and 8; whoever types one read a letter."""

Kept = Mapping[str, str]
"""What the server keeps of a code: whose it is (a fingerprint), its hash, and itself sealed."""


class NoRequest(Refusal):
    """The file holds no request that this key answers."""


def keep_code(slug: str, public: str, code: bytes) -> dict[str, str]:
    """Seal a random code of `CODE_BYTES` to an organiser's public key. Raises `BadPublicKey`."""
    text = base64.b32encode(code).decode("ascii")
    return {
        "organiser": fingerprint(public),
        "code_hash": _hash(text),
        "sealed": base64.b64encode(seal(public, text.encode("ascii"), _context(slug))).decode("ascii"),
    }


def place_of(code: str, kept: Sequence[Kept]) -> int | None:
    """Which of the kept codes was typed, in whatever grouping and case."""
    given = _hash("".join(code.split()).replace("-", "").upper().translate(_MISREAD))
    places = [place for place, one in enumerate(kept) if hmac.compare_digest(given, one["code_hash"])]
    return places[0] if places else None


def request_line(slug: str, kept: Kept) -> str:
    """What an organiser has to answer, as a line of JSON; safe to send by any way."""
    request = {"format": FORMAT, "letter": slug, "organiser": kept["organiser"], "sealed": kept["sealed"]}
    return json.dumps(request)


def answer(requests: str, secret: str) -> tuple[str, str]:
    """The letter and the code that the holder of this secret key finds among requests.

    Raises `BadSecretKey`, or `NoRequest` where none of them is for this key.
    """
    mine = fingerprint(public_key_of(secret))
    for line in requests.splitlines():
        request = _read(line)
        if request.get("organiser") == mine:
            return _open(request, secret)
    raise NoRequest("No request in this file is for this key. Ask for the whole file that the server's host has.")


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _context(slug: str) -> bytes:
    return b"undersigned lift 1\0" + slug.encode()


def _read(line: str) -> dict[str, Any]:
    """The request in a line, or nothing where it holds none."""
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return request if isinstance(request, dict) and request.get("format") == FORMAT else {}


def _open(request: dict[str, Any], secret: str) -> tuple[str, str]:
    try:
        slug = str(request["letter"])
        text = unseal(secret, base64.b64decode(str(request["sealed"]), validate=True), _context(slug)).decode("ascii")
    except (CannotOpen, KeyError, ValueError):
        raise NoRequest("The request for this key is damaged. Ask for the file once more.") from None
    return slug, "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))
