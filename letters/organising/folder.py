"""A letter as files: `letter.toml`, and per language the text and the privacy notice. Pure reading and checking."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from letters.models.signatures import Display
from letters.models.values import Correction, EditionRule, FigurePolicy, LetterText, Person
from letters.vocabularies.languages import LANGUAGES
from letters.web.markdown import split_title
from verification.errors import Refusal

LARGEST = 256 * 1024
"""Bytes of one file; a letter of 10,000 words in Cyrillic needs about 150 kB."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TIMES = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_KNOWN = {
    "slug", "languages", "addressee", "countries", "professions", "opens", "closes", "goal", "custody", "public_key",
    "display", "edition", "figures", "responsible", "first_signatories", "corrections", "delivered",
}  # fmt: skip


class BadFolder(Refusal):
    """A letter's folder cannot be loaded; nothing was stored."""


@dataclass(frozen=True)
class Draft:
    """A letter as its folder describes it."""

    slug: str
    languages: tuple[str, ...]
    texts: Mapping[str, LetterText]
    addressee: Mapping[str, str]
    responsible: Mapping[str, Any]
    countries: tuple[str, ...]
    professions: str
    opens_at: datetime | None
    closes_at: datetime | None
    goal: int | None
    custody: str
    public_key: str
    displays: tuple[Display, ...]
    rule: EditionRule
    policy: FigurePolicy
    first_signatories: Sequence[Person]
    corrections: Sequence[Correction]
    delivered_on: date | None
    answer: Mapping[str, str] | None

    @property
    def text_hash(self) -> str:
        """SHA-256, in hexadecimal, of what opening freezes: texts, addressee, and the key names are sealed to."""
        frozen = {
            "slug": self.slug,
            "languages": self.languages,
            "texts": {code: [text.title, text.body] for code, text in self.texts.items()},
            "addressee": dict(self.addressee),
            "public_key": self.public_key,
        }
        text = json.dumps(frozen, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def read_folder(folder: Path, public_key: str | None = None) -> Draft:
    """Read and check a letter's folder; `public_key` stands in for a missing one. Raises `BadFolder`."""
    table = _read_toml(folder / "letter.toml")
    read = _Reader(table, folder)
    languages = read.languages()
    return Draft(
        slug=read.slug(),
        languages=languages,
        texts={code: read.text(code) for code in languages},
        addressee=read.by_language(table, "addressee"),
        responsible=read.responsible(),
        countries=tuple(read.strings("countries")),
        professions=str(table.get("professions", "health")),
        opens_at=read.moment("opens"),
        closes_at=read.moment("closes"),
        goal=read.whole(table, "goal", None),
        custody=read.one_of("custody", ("offline", "team")),
        public_key=str(table.get("public_key") or public_key or ""),
        displays=read.displays(),
        rule=read.rule(),
        policy=read.policy(),
        first_signatories=[
            Person(read.by_language(person, "name"), read.by_language(person, "title"))
            for person in read.tables("first_signatories")
        ],
        corrections=[
            Correction(read.day(correction, "on"), read.by_language(correction, "text"))
            for correction in read.tables("corrections")
        ],
        delivered_on=read.day(table["delivered"], "on") if "delivered" in table else None,
        answer=read.by_language(table["delivered"], "answer") if "answer" in table.get("delivered", {}) else None,
    )


@dataclass(frozen=True)
class _Reader:
    """Reads `letter.toml` field by field; every refusal names the field and says what it should be."""

    table: Mapping[str, Any]
    folder: Path

    def slug(self) -> str:
        slug = self.table.get("slug")
        if not isinstance(slug, str) or not _SLUG.fullmatch(slug) or len(slug) > 80:
            raise self.refuse("slug", 'needs small letters, digits and hyphens, such as "stop-the-violence"')
        return slug

    def languages(self) -> tuple[str, ...]:
        languages = self.strings("languages")
        unknown = [code for code in languages if code not in LANGUAGES]
        if unknown or not languages or len(set(languages)) < len(languages):
            raise self.refuse("languages", f"needs one or more of {', '.join(LANGUAGES)}, each once")
        return tuple(languages)

    def text(self, language: str) -> LetterText:
        title, body = split_title(_read_file(self.folder / f"{language}.md"))
        if not title or not body.strip():
            raise BadFolder(f"{self.folder / language}.md needs a first line `# Title` and a text below it.")
        return LetterText(title, body, _read_file(self.folder / f"privacy.{language}.md"))

    def responsible(self) -> dict[str, Any]:
        table = self.table.get("responsible")
        if not isinstance(table, dict) or not isinstance(table.get("contact"), str) or not table["contact"].strip():
            raise self.refuse("responsible", "needs a table with `name` by language and `contact`")
        return {"name": self.by_language(table, "name"), "contact": table["contact"].strip()}

    def by_language(self, table: Mapping[str, Any], name: str) -> dict[str, str]:
        value = table.get(name)
        if isinstance(value, str):
            value = dict.fromkeys(self.languages(), value)
        if not isinstance(value, dict) or not all(
            isinstance(value.get(code), str) and value[code].strip() for code in self.languages()
        ):
            raise self.refuse(name, f"needs a text for each of {', '.join(self.languages())}")
        return {code: value[code].strip() for code in self.languages()}

    def strings(self, name: str) -> list[str]:
        value = self.table.get(name)
        if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
            raise self.refuse(name, "needs a list of texts")
        return value

    def displays(self) -> tuple[Display, ...]:
        names = self.strings("display") if "display" in self.table else [Display.COUNTED.value]
        if any(name not in {item.value for item in Display} for name in names) or len(set(names)) < len(names):
            raise self.refuse("display", 'may name "counted", "pseudonym" and "named", each once')
        return tuple(Display(name) for name in names)

    def tables(self, name: str) -> list[Mapping[str, Any]]:
        value = self.table.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.refuse(name, f"needs [[{name}]] tables")
        return value

    def moment(self, name: str) -> datetime | None:
        value = self.table.get(name)
        if value is None:
            return None
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise self.refuse(name, "needs a moment with its zone, such as 2026-12-01T06:00:00Z")
        return value.astimezone(UTC)

    def day(self, table: Mapping[str, Any], name: str) -> date:
        value = table.get(name)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.refuse(name, "needs a day, such as 2026-12-01")
        return value

    def one_of(self, name: str, allowed: Sequence[str]) -> str:
        if self.table.get(name) not in allowed:
            raise self.refuse(name, f"needs one of {', '.join(allowed)}")
        return str(self.table[name])

    def whole(self, table: Mapping[str, Any], name: str, default: int | None) -> int | None:
        value = table.get(name, default)
        if value is not default and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
            raise self.refuse(name, "needs a whole number, 1 or more")
        return value

    def rule(self) -> EditionRule:
        table = self.subtable("edition")
        match = re.fullmatch(r"([1-9]\d{0,5})([smhd])", str(table.get("every", "6h")))
        if match is None:
            raise self.refuse("edition.every", 'needs a time such as "6h", "1m" or "30s"')
        every = timedelta(seconds=int(match[1]) * _TIMES[match[2]])
        return EditionRule(every, self.whole(table, "at_least", 50) or 50)

    def policy(self) -> FigurePolicy:
        table = self.subtable("figures")
        return FigurePolicy(self.whole(table, "threshold", 10) or 10, self.whole(table, "step", 10) or 10)

    def subtable(self, name: str) -> Mapping[str, Any]:
        value = self.table.get(name, {})
        if not isinstance(value, dict):
            raise self.refuse(name, "needs a table")
        return value

    def refuse(self, field: str, what: str) -> BadFolder:
        return BadFolder(f"{self.folder / 'letter.toml'}: `{field}` {what}.")


def _read_toml(path: Path) -> Mapping[str, Any]:
    try:
        table = tomllib.loads(_read_file(path))
    except tomllib.TOMLDecodeError as error:
        raise BadFolder(f"{path} is not valid TOML: {error}.") from None
    unknown = sorted(table.keys() - _KNOWN)
    if unknown:
        raise BadFolder(f"{path}: nobody knows the field `{unknown[0]}`; take it out or correct its spelling.")
    return table


def _read_file(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise BadFolder(f"{path} is larger than {LARGEST // 1024} kB; a letter is a text, shorten it.")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadFolder(f"{path} is missing; every language of the letter needs it.") from None
    except (UnicodeDecodeError, OSError):
        raise BadFolder(f"{path} cannot be read as UTF-8 text; save it as UTF-8.") from None
    if "\x00" in text:
        raise BadFolder(f"{path} holds a NUL character; save it as plain text.")
    return text
