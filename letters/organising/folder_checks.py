"""Checking what a letter's folder holds, field by field and file by file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import PurePath
from typing import Any

from letters.models.signatures import Display
from letters.models.values import Correction, EditionRule, FigurePolicy, LetterText, Person
from letters.organising.draft import Draft, FolderText
from letters.organising.fields import Fields
from letters.organising.folder_files import files_of, folder_text, privacy_file, text_file
from letters.organising.needs import LARGEST, BadFolder, Need, bad_file, flaw_of, too_large
from letters.vocabularies.languages import LANGUAGES
from letters.web.markdown import split_title

LONGEST_INTERVAL = timedelta(days=365)
LARGEST_PACT = 100_000

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_EVERY = re.compile(r"([1-9]\d{0,5})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_KNOWN = {
    "slug", "languages", "addressee", "countries", "professions", "opens", "closes", "goal", "custody", "public_key",
    "display", "edition", "figures", "responsible", "first_signatories", "corrections", "delivered",
    "identities_until", "organisers", "pact",
}  # fmt: skip


@dataclass(frozen=True)
class _Folder:
    """A letter being checked: all its readers note what they refuse in the same list."""

    text: FolderText
    fields: Fields
    where: PurePath

    def file(self, name: str) -> PurePath:
        return self.where.with_name(name)

    def note(self, refusal: BadFolder) -> None:
        self.fields.note(refusal)


def check(text: FolderText, where: str, public_key: str | None = None) -> tuple[Draft, list[BadFolder]]:
    """The letter and what was refused; it is a letter only where that is nothing."""
    folder = _Folder(text, Fields(where, text.toml), PurePath(where))
    folder.fields.check_names(_KNOWN)
    draft = _draft(folder, public_key)
    if not folder.fields.refused:
        _check_size(folder, draft)
    return draft, folder.fields.refused


def _draft(folder: _Folder, public_key: str | None) -> Draft:
    fields = folder.fields
    slug, languages = _slug(fields), fields.some_of("languages", LANGUAGES)
    opens_at, closes_at = _span(fields)
    delivered_on, answer = _delivery(fields, languages)
    displays = _displays(fields)
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
        displays=displays,
        pact=_pact(fields, displays),
        rule=_rule(fields),
        policy=_policy(fields),
        first_signatories=_first_signatories(fields, languages),
        corrections=_corrections(fields, languages),
        delivered_on=delivered_on,
        answer=answer,
    )


def _check_size(folder: _Folder, draft: Draft) -> None:
    """Refuse what would be read, but not again once it was written: our spelling may be longer."""
    for name, content in files_of(folder_text(draft)).items():
        if len(content) > LARGEST:
            folder.note(too_large(folder.file(name)))


def _slug(fields: Fields) -> str:
    slug = fields.values.get("slug")
    if isinstance(slug, str) and _SLUG.fullmatch(slug) and len(slug) <= 80:
        return slug
    fields.refuse("slug", Need.SLUG)
    return ""


def _span(fields: Fields) -> tuple[datetime | None, datetime | None]:
    opens_at, closes_at = fields.moment("opens"), fields.moment("closes")
    if opens_at and closes_at and closes_at <= opens_at:
        fields.refuse("closes", Need.AFTER_OPENING)
    return opens_at, closes_at


def _identities_until(fields: Fields, closes_at: datetime | None) -> date | None:
    """The day is a promise to signers, so the letter has to be closed by then."""
    if "identities_until" not in fields:
        return None
    until = fields.day("identities_until")
    if "closes" not in fields or (closes_at is not None and closes_at.date() > until):
        fields.refuse("identities_until", Need.CLOSING_FIRST)
    return until


def _text(folder: _Folder, language: str) -> LetterText:
    title, body = split_title(_content(folder, folder.text.texts.get(language), text_file(language), language))
    notice = _content(folder, folder.text.privacy.get(language), privacy_file(language), language)
    if not title or not body.strip():
        folder.note(bad_file(folder.file(text_file(language)), Need.NO_TITLE, language))
    if not notice.strip():
        folder.note(bad_file(folder.file(privacy_file(language)), Need.NO_NOTICE, language))
    return LetterText(title, body, notice)


def _content(folder: _Folder, text: str | None, name: str, language: str) -> str:
    """The text of a file, empty where it is refused."""
    if text is None:
        folder.note(bad_file(folder.file(name), Need.MISSING, language))
    elif flaw := flaw_of(text):
        folder.note(bad_file(folder.file(name), flaw, language))
    elif len(text.encode()) > LARGEST:
        folder.note(too_large(folder.file(name), language))
    else:
        return text
    return ""


def _responsible(fields: Fields, languages: Sequence[str]) -> dict[str, Any]:
    table = fields.table("responsible")
    table.check_names(("name", "contact"))
    return {"name": table.by_language("name", languages), "contact": table.text("contact")}


def _displays(fields: Fields) -> tuple[Display, ...]:
    names = fields.some_of("display", [display.value for display in Display], [Display.COUNTED.value])
    return tuple(Display(name) for name in names)


def _pact(fields: Fields, displays: Sequence[Display]) -> int | None:
    """How many have to be named before those who wait for one another are: one alone waits for nobody."""
    if "pact" not in fields:
        return None
    needed = fields.values["pact"]
    is_whole = isinstance(needed, int) and not isinstance(needed, bool)
    if is_whole and 2 <= needed <= LARGEST_PACT and Display.NAMED in displays:
        return int(needed)
    fields.refuse("pact", Need.PACT, most=str(LARGEST_PACT))
    return None


def _rule(fields: Fields) -> EditionRule:
    table = fields.table("edition")
    table.check_names(("every", "at_least"))
    match = _EVERY.fullmatch(table.text("every", "6h"))
    every = timedelta(seconds=int(match[1]) * _SECONDS[match[2]]) if match else timedelta.max
    if every > LONGEST_INTERVAL:
        table.refuse("every", Need.INTERVAL, days=str(LONGEST_INTERVAL.days))
    return EditionRule(every, table.whole("at_least", 50))


def _policy(fields: Fields) -> FigurePolicy:
    table = fields.table("figures")
    table.check_names(("threshold", "step", "moves_after", "hides_below"))
    usual = FigurePolicy.usual(table.whole("threshold", 10), table.whole("step", 10))
    hides_below = table.whole("hides_below", usual.hides_below)
    if hides_below > usual.threshold:
        table.refuse("hides_below", Need.UP_TO_THRESHOLD)
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
