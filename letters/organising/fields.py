"""One table of a TOML file, read field by field: a refusal names the file, the field and what it needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from verification.errors import Refusal

LARGEST_NUMBER = 1_000_000_000


class BadFolder(Refusal):
    """A letter's folder cannot be loaded; nothing was stored."""


@dataclass(frozen=True)
class Fields:
    """A table of `file`, at the place called `prefix` (empty, or ending in a dot). Every method raises `BadFolder`."""

    file: Path
    values: Mapping[str, Any]
    prefix: str = ""

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def check_names(self, known: Collection[str]) -> None:
        """Refuse a field that nothing reads: it is a misspelt one."""
        for name in sorted(self.values.keys() - set(known)):
            raise BadFolder(
                f"{self.file}: nobody knows the field `{self.prefix}{name}`; take it out or correct its spelling."
            )

    def text(self, name: str, default: str | None = None) -> str:
        """A text without the white space around it; empty only where that is the default."""
        value = self.values.get(name, default)
        if not isinstance(value, str) or not (_is_text(value) or value == default):
            raise self.refuse(name, "a text")
        return value.strip()

    def texts(self, name: str, default: Sequence[str] | None = None) -> tuple[str, ...]:
        """One or more texts, each once."""
        values = self.values.get(name, default)
        if not isinstance(values, list | tuple) or not values or not all(_is_text(value) for value in values):
            raise self.refuse(name, "a list of texts")
        if len(set(values)) < len(values):
            raise self.refuse(name, "each text once")
        return tuple(values)

    def by_language(self, name: str, languages: Sequence[str]) -> dict[str, str]:
        """A text for each language; a single one stands for all."""
        value = self.values.get(name)
        texts = dict.fromkeys(languages, value) if isinstance(value, str) else value
        if not isinstance(texts, dict) or not all(_is_text(texts.get(language)) for language in languages):
            raise self.refuse(name, f"a text for each of {', '.join(languages)}")
        return {language: texts[language].strip() for language in languages}

    def choice(self, name: str, allowed: Sequence[str]) -> str:
        value = self.values.get(name)
        if value not in allowed:
            raise self.refuse(name, f"one of {', '.join(allowed)}")
        return str(value)

    def whole(self, name: str, default: int) -> int:
        value = self.values.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST_NUMBER:
            raise self.refuse(name, f"a whole number from 1 to {LARGEST_NUMBER}")
        return value

    def moment(self, name: str) -> datetime:
        value = self.values.get(name)
        if not isinstance(value, datetime) or value.tzinfo is None or not _is_near(value):
            raise self.refuse(name, "a moment of this century with its zone, such as 2026-12-01T06:00:00Z")
        return value.astimezone(UTC)

    def day(self, name: str) -> date:
        value = self.values.get(name)
        if not isinstance(value, date) or isinstance(value, datetime) or not _is_near(value):
            raise self.refuse(name, "a day of this century, such as 2026-12-01")
        return value

    def table(self, name: str) -> Fields:
        """The table of that name; an empty one where there is none."""
        value = self.values.get(name, {})
        if not isinstance(value, dict):
            raise self.refuse(name, "a table")
        return Fields(self.file, value, f"{self.prefix}{name}.")

    def tables(self, name: str) -> list[Fields]:
        """The tables written as `[[name]]`."""
        values = self.values.get(name, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.refuse(name, f"[[{name}]] tables")
        return [Fields(self.file, value, f"{self.prefix}{name}.") for value in values]

    def refuse(self, name: str, need: str) -> BadFolder:
        return BadFolder(f"{self.file}: `{self.prefix}{name}` needs {need}.")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\x00" not in value


def _is_near(value: date) -> bool:
    """Whether a day lies where one can count with it: the calendar ends in the year 9999."""
    return 2000 <= value.year < 2100
