"""Exports without a server behind them: records sealed to any public key."""

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from letters.organising.exports import Head
from letters.signing.pending import Identity, seal_context
from verification.identity.sealing import seal

SLUG = "fair-shifts"


def record(public: str, number: int = 0, slug: str = SLUG, name: str | None = None, **changes: Any) -> str:
    """The line of one signature, with its end; keywords replace fields, and None takes one out."""
    signature = number.to_bytes(16)
    identity = Identity(f"Signer Example {number}" if name is None else name, f"signer{number}@example.org", "")
    fields = {
        "letter": slug,
        "signature": signature.hex(),
        "state": "confirmed",
        "display": "counted",
        "profession": "nurse",
        "region": "BY-MI",
        "sealed": base64.b64encode(seal(public, identity.as_bytes(), seal_context(slug, signature))).decode(),
        **changes,
    }
    return json.dumps({name: value for name, value in fields.items() if value is not None}) + "\n"


def head(public: str, records: int, slug: str = SLUG) -> str:
    """The head line of an export, with its end."""
    return Head(slug, public, records, "2026-12-01").as_line() + "\n"


def write_export(file: Path, public: str, numbers: Iterable[int] = range(3)) -> Path:
    """Write a whole export of these signers and return it."""
    lines = [record(public, number) for number in numbers]
    file.write_text(head(public, len(lines)) + "".join(lines))
    return file
