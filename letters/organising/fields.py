"""One table of a TOML file, read field by field: a refusal names the file, the field and what it needs.

Reading goes on after a refusal, so that whoever mends a letter sees at once all that it needs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from letters.organising.needs import BadFolder, Need, Problem, flaw_of

LARGEST_NUMBER = 1_000_000_000

MOST_REFUSED = 100
"""Problems noted of one letter; nobody reads on, and a hostile file holds many thousands."""


@dataclass(frozen=True)
class Fields:
    """A table of the file called `where`, at the place called `prefix` (empty, or ending in a dot).

    What is refused is noted in `refused`, in the order of reading, and read as an empty value of its kind: nothing that
    was read may be used unless `refused` is empty in the end.
    """

    where: str
    values: Mapping[str, Any]
    prefix: str = ""
    number: int = 0
    refused: list[BadFolder] = field(default_factory=list)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def check_names(self, known: Collection[str]) -> None:
        """Refuse a field that nothing reads: it is a misspelt one."""
        for name in sorted(self.values.keys() - set(known)):
            problem = Problem(self.prefix + name, Need.UNKNOWN_FIELD, number=self.number)
            sentence = f"nobody knows the field `{problem.field}`; take it out or correct its spelling."
            self.note(BadFolder(f"{self.where}: {sentence}", problem))

    def text(self, name: str, default: str | None = None) -> str:
        """A text without the white space around it; empty only where that is the default."""
        value = self.values.get(name, default)
        if isinstance(value, str) and (_is_text(value) or value == default):
            return value.strip()
        self.refuse(name, Need.TEXT)
        return ""

    def texts(self, name: str, default: Sequence[str] | None = None) -> tuple[str, ...]:
        """One or more texts, each once."""
        values = self.values.get(name, default)
        if not isinstance(values, list | tuple) or not values or not all(_is_text(value) for value in values):
            self.refuse(name, Need.TEXTS)
            return ()
        if len(set(values)) < len(values):
            self.refuse(name, Need.ONCE)
        return tuple(values)

    def some_of(self, name: str, allowed: Collection[str], default: Sequence[str] | None = None) -> tuple[str, ...]:
        """One or more of the allowed texts, each once."""
        values = self.texts(name, default)
        if set(values) <= set(allowed):
            return values
        self.refuse(name, Need.SOME_OF, choices=", ".join(allowed))
        return ()

    def by_language(self, name: str, languages: Sequence[str]) -> dict[str, str]:
        """A text for each language; a single one stands for all."""
        value = self.values.get(name)
        texts = dict.fromkeys(languages, value) if isinstance(value, str) else value
        if not isinstance(texts, dict):
            texts = {}
        lacking = tuple(language for language in languages if not _is_text(texts.get(language)))
        if lacking:
            self.refuse(name, Need.EACH_LANGUAGE, lacking, languages=", ".join(languages))
            return {}
        if not value:  # and no languages either
            self.refuse(name, Need.TEXT)
        return {language: texts[language].strip() for language in languages}

    def choice(self, name: str, allowed: Sequence[str]) -> str:
        value = self.values.get(name)
        if value not in allowed:
            self.refuse(name, Need.ONE_OF, choices=", ".join(allowed))
        return str(value)

    def whole(self, name: str, default: int) -> int:
        value = self.values.get(name, default)
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= LARGEST_NUMBER:
            return value
        self.refuse(name, Need.NUMBER, most=str(LARGEST_NUMBER))
        return default

    def moment(self, name: str) -> datetime | None:
        """The moment of that name; None where there is none, or a refused one."""
        if name not in self.values:
            return None
        value = self.values[name]
        if isinstance(value, datetime) and value.tzinfo is not None and _is_near(value):
            return value.astimezone(UTC)
        self.refuse(name, Need.MOMENT)
        return None

    def day(self, name: str) -> date:
        """The day of that name; the calendar's last in place of a refused one."""
        value = self.values.get(name)
        if isinstance(value, date) and not isinstance(value, datetime) and _is_near(value):
            return value
        self.refuse(name, Need.DAY)
        return date.max

    def table(self, name: str) -> Fields:
        """The table of that name; an empty one where there is none."""
        value = self.values.get(name, {})
        if not isinstance(value, dict):
            self.refuse(name, Need.TABLE)
            value = {}
        return Fields(self.where, value, f"{self.prefix}{name}.", refused=self.refused)

    def tables(self, name: str) -> list[Fields]:
        """The tables written as `[[name]]`."""
        values = self.values.get(name, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            self.refuse(name, Need.TABLES, table=name)
            return []
        prefix = f"{self.prefix}{name}."
        return [Fields(self.where, value, prefix, number, self.refused) for number, value in enumerate(values, start=1)]

    def refuse(self, name: str, need: Need, lacking: tuple[str, ...] = (), **values: str) -> None:
        problem = Problem(self.prefix + name, need, values, self.number, lacking)
        self.note(BadFolder(f"{self.where}: `{problem.field}` {problem.words}.", problem))

    def note(self, refusal: BadFolder) -> None:
        """Keep a refusal, unless its field, or the table around it, was refused before."""
        if len(self.refused) >= MOST_REFUSED:
            return
        if not any(_covers(earlier.problem, refusal.problem) for earlier in self.refused):
            self.refused.append(refusal)


def _covers(earlier: Problem, later: Problem) -> bool:
    same = (earlier.field, earlier.number) == (later.field, later.number)
    within = later.field.startswith(f"{earlier.field}.")
    return same or (within and earlier.need in (Need.TABLE, Need.TABLES))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and flaw_of(value) is None


def _is_near(value: date) -> bool:
    """Whether a day lies where one can count with it: the calendar ends in the year 9999."""
    return 2000 <= value.year < 2100
