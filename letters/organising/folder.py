"""A letter as files: `letter.toml`, and per language the text and the privacy notice. Pure reading and checking."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from letters.models.signatures import Display
from letters.models.values import Correction, EditionRule, FigurePolicy, LetterText, Person
from letters.organising.fields import BadFolder, Fields
from letters.vocabularies.languages import LANGUAGES
from letters.web.markdown import split_title

__all__ = ["LARGEST", "BadFolder", "Draft", "read_folder"]

LARGEST = 256 * 1024
"""Bytes of one file; a letter of 10,000 words in Cyrillic needs about 150 kB."""

LONGEST_INTERVAL = timedelta(days=365)

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_EVERY = re.compile(r"([1-9]\d{0,5})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_KNOWN = {
    "slug", "languages", "addressee", "countries", "professions", "opens", "closes", "goal", "custody", "public_key",
    "display", "edition", "figures", "responsible", "first_signatories", "corrections", "delivered",
    "identities_until", "organisers",
}  # fmt: skip


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
    organisers: tuple[str, ...]
    identities_until: date | None
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
    fields = _read_toml(folder / "letter.toml")
    slug, languages = _slug(fields), _languages(fields)
    opens_at, closes_at = _span(fields)
    delivered_on, answer = _delivery(fields, languages)
    return Draft(
        slug=slug,
        languages=languages,
        texts={language: _text(folder, language) for language in languages},
        addressee=fields.by_language("addressee", languages),
        responsible=_responsible(fields, languages),
        countries=fields.texts("countries"),
        professions=fields.text("professions", "health"),
        opens_at=opens_at,
        closes_at=closes_at,
        goal=fields.whole("goal", 1) if "goal" in fields else None,
        custody=fields.choice("custody", ("offline", "team")),
        public_key=fields.text("public_key", "") or public_key or "",
        organisers=fields.texts("organisers") if "organisers" in fields else (),
        identities_until=_identities_until(fields, closes_at),
        displays=_displays(fields),
        rule=_rule(fields),
        policy=_policy(fields),
        first_signatories=_first_signatories(fields, languages),
        corrections=_corrections(fields, languages),
        delivered_on=delivered_on,
        answer=answer,
    )


def _slug(fields: Fields) -> str:
    slug = fields.values.get("slug")
    if not isinstance(slug, str) or not _SLUG.fullmatch(slug) or len(slug) > 80:
        raise fields.refuse("slug", 'up to 80 small letters, digits and hyphens, such as "stop-the-violence"')
    return slug


def _languages(fields: Fields) -> tuple[str, ...]:
    languages = fields.texts("languages")
    if not set(languages) <= set(LANGUAGES):
        raise fields.refuse("languages", f"one or more of {', '.join(LANGUAGES)}")
    return languages


def _span(fields: Fields) -> tuple[datetime | None, datetime | None]:
    opens_at = fields.moment("opens") if "opens" in fields else None
    closes_at = fields.moment("closes") if "closes" in fields else None
    if opens_at and closes_at and closes_at <= opens_at:
        raise fields.refuse("closes", "a moment after `opens`")
    return opens_at, closes_at


def _identities_until(fields: Fields, closes_at: datetime | None) -> date | None:
    """The day is a promise to signers, so the letter has to be closed by then."""
    if "identities_until" not in fields:
        return None
    until = fields.day("identities_until")
    if closes_at is None or closes_at.date() > until:
        raise fields.refuse("identities_until", "`closes`, on that day or before")
    return until


def _text(folder: Path, language: str) -> LetterText:
    letter, privacy = folder / f"{language}.md", folder / f"privacy.{language}.md"
    title, body = split_title(_read_file(letter))
    if not title or not body.strip():
        raise BadFolder(f"{letter} needs a line `# Title` and a text below it.")
    notice = _read_file(privacy)
    if not notice.strip():
        raise BadFolder(f"{privacy} is empty; signers have to read there what is kept about them.")
    return LetterText(title, body, notice)


def _responsible(fields: Fields, languages: Sequence[str]) -> dict[str, Any]:
    table = fields.table("responsible")
    table.check_names(("name", "contact"))
    return {"name": table.by_language("name", languages), "contact": table.text("contact")}


def _displays(fields: Fields) -> tuple[Display, ...]:
    names = fields.texts("display", [Display.COUNTED.value])
    if not set(names) <= {display.value for display in Display}:
        raise fields.refuse("display", f"one or more of {', '.join(Display)}")
    return tuple(Display(name) for name in names)


def _rule(fields: Fields) -> EditionRule:
    table = fields.table("edition")
    table.check_names(("every", "at_least"))
    match = _EVERY.fullmatch(table.text("every", "6h"))
    every = timedelta(seconds=int(match[1]) * _SECONDS[match[2]]) if match else None
    if every is None or every > LONGEST_INTERVAL:
        raise table.refuse("every", f'a time such as "6h", "1m" or "30s", up to "{LONGEST_INTERVAL.days}d"')
    return EditionRule(every, table.whole("at_least", 50))


def _policy(fields: Fields) -> FigurePolicy:
    table = fields.table("figures")
    table.check_names(("threshold", "step", "moves_after", "hides_below"))
    usual = FigurePolicy.usual(table.whole("threshold", 10), table.whole("step", 10))
    hides_below = table.whole("hides_below", usual.hides_below)
    if hides_below > usual.threshold:
        raise table.refuse("hides_below", "a number up to the threshold")
    return replace(usual, moves_after=table.whole("moves_after", usual.moves_after), hides_below=hides_below)


def _first_signatories(fields: Fields, languages: Sequence[str]) -> list[Person]:
    people = fields.tables("first_signatories")
    for person in people:
        person.check_names(("name", "title"))
    return [Person(person.by_language("name", languages), person.by_language("title", languages)) for person in people]


def _corrections(fields: Fields, languages: Sequence[str]) -> list[Correction]:
    corrections = fields.tables("corrections")
    for correction in corrections:
        correction.check_names(("on", "text"))
    return [Correction(item.day("on"), item.by_language("text", languages)) for item in corrections]


def _delivery(fields: Fields, languages: Sequence[str]) -> tuple[date | None, dict[str, str] | None]:
    table = fields.table("delivered")
    table.check_names(("on", "answer"))
    delivered_on = table.day("on") if "delivered" in fields else None
    return delivered_on, table.by_language("answer", languages) if "answer" in table else None


def _read_toml(file: Path) -> Fields:
    text = _read_file(file)
    try:
        fields = Fields(file, tomllib.loads(text))
    except (ValueError, RecursionError) as error:
        raise BadFolder(f"{file} is not valid TOML: {error}.") from None
    fields.check_names(_KNOWN)
    return fields


def _read_file(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except FileNotFoundError:
        raise BadFolder(f"{file} is missing; a letter needs it.") from None
    except OSError as error:
        raise BadFolder(f"{file} cannot be read: {error.strerror}.") from None
    if len(content) > LARGEST:
        raise BadFolder(f"{file} is larger than {LARGEST // 1024} kB; a letter is a text, shorten it.")
    try:
        text = content.decode("utf-8-sig")  # some editors begin a file with a byte order mark
    except UnicodeDecodeError:
        raise BadFolder(f"{file} is not UTF-8 text; save it as UTF-8.") from None
    if "\x00" in text:
        raise BadFolder(f"{file} holds a NUL character; save it as plain text.")
    return text
