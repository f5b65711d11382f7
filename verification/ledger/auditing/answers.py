"""JSON as a stranger may have written it: every value is looked at before it is believed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from verification.errors import Refusal
from verification.ledger.auditing.findings import in_short

LARGEST_FIGURE = 10**12
"""No count of people, leaves or editions is larger."""


class BadAnswer(Refusal):
    """JSON that cannot be read, or has another shape than this kind of answer has."""


def parsed_object(data: bytes | str) -> Mapping[str, Any]:
    """Read a JSON object. Raises `BadAnswer` also for one that is nested too deeply or has a number without end."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise BadAnswer("It is no JSON that can be read.") from None
    return as_object(found, "the answer")


def as_object(value: object, what: str) -> Mapping[str, Any]:
    """Raises `BadAnswer` unless it is a JSON object."""
    if not isinstance(value, dict):
        raise BadAnswer(f"Found {in_short(value)} as {what}: expected a JSON object.")
    return value


def as_list(value: object, what: str, most: int = 1_000_000) -> list[Any]:
    """Raises `BadAnswer` unless it is a JSON array of at most so many values."""
    if not isinstance(value, list) or len(value) > most:
        raise BadAnswer(f"Found {in_short(value)} as {what}: expected a JSON array of at most {most} values.")
    return value


def as_text(value: object, what: str) -> str:
    """Raises `BadAnswer` unless it is a string."""
    if not isinstance(value, str):
        raise BadAnswer(f"Found {in_short(value)} as {what}: expected a string.")
    return value


def as_figure(value: object, what: str, least: int = 0) -> int:
    """Raises `BadAnswer` unless it is a whole number from `least` to `LARGEST_FIGURE`."""
    if type(value) is not int or not least <= value <= LARGEST_FIGURE:
        raise BadAnswer(f"Found {in_short(value)} as {what}: expected a whole number from {least} on.")
    return value
