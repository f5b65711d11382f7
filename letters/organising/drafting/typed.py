"""What organisers type, as `letter.toml` holds it, and back: what cannot be read stays as it was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

LONGEST_NUMBER = 12
"""Digits beyond which a number is none that a letter could have."""


def as_moment(typed: str) -> datetime | str:
    """A moment; UTC where no zone was written."""
    try:
        moment = datetime.fromisoformat(typed.strip())
    except ValueError:
        return typed
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def as_day(typed: str) -> date | str:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return typed


def as_number(typed: str) -> int | str:
    """A whole number, with or without the spaces that part its thousands."""
    digits = "".join(typed.split())
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_NUMBER else typed


def one_line(typed: str) -> str:
    return " ".join(typed.split())


def many_lines(typed: str) -> str:
    """A text with plain line ends; browsers send the other ones."""
    return typed.replace("\r\n", "\n").replace("\r", "\n")


def written(value: object) -> str:
    """A value of `letter.toml` as it stands in a field; empty for tables and lists."""
    if isinstance(value, datetime):
        utc = value.astimezone(UTC) if value.tzinfo else value
        return utc.replace(tzinfo=None).isoformat(timespec="auto" if utc.second or utc.microsecond else "minutes")
    if isinstance(value, date):
        return value.isoformat()
    return "" if isinstance(value, Mapping | list | tuple | bool) or value is None else str(value)


def in_each(value: object, languages: Sequence[str]) -> dict[str, str]:
    """A text for each language; a single one stands for all."""
    if isinstance(value, Mapping):
        return {language: written(value.get(language)) for language in languages}
    return dict.fromkeys(languages, written(value))


def listed(value: object) -> tuple[str, ...]:
    """The texts of a list, each once."""
    texts = [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple) else []
    return tuple(dict.fromkeys(texts))


def table(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def tables(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []
