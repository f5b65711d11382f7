"""A draft as the letter that it would be, finished or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from letters.models.letters import LetterState
from letters.models.signatures import Display
from letters.models.values import (
    Correction,
    EditionRule,
    FigurePolicy,
    Letter,
    LetterText,
    Pact,
    Person,
    identities_until,
)
from letters.organising.draft import FolderText
from letters.organising.drafting.parts import Side, languages_of
from letters.organising.drafting.rule_parts import PRESETS, RulesPart
from letters.organising.drafting.typed import as_number, in_each, listed, table, tables, written
from letters.vocabularies.languages import LANGUAGES
from letters.web.markdown import split_title

UNNAMED = "letter"
"""Stands in addresses for a slug that is not chosen yet."""

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def preview_letter(text: FolderText) -> Letter:
    """The letter, open and unsigned; what is missing is empty, and what cannot be read is as in a protected letter."""
    toml, languages = text.toml, languages_of(text) or tuple(LANGUAGES)[:1]
    closes_at = _moment(toml.get("closes"))
    responsible, delivered = table(toml.get("responsible")), table(toml.get("delivered"))
    return Letter(
        id=0,
        slug=written(toml.get("slug")).replace("/", "-") or UNNAMED,
        stored_state=LetterState.OPEN,
        languages=languages,
        addressee=in_each(toml.get("addressee"), languages),
        responsible={
            "name": in_each(responsible.get("name"), languages),
            "contact": written(responsible.get("contact")),
        },
        countries=listed(toml.get("countries")),
        professions=written(toml.get("professions", "health")),
        opens_at=_moment(toml.get("opens")),
        closes_at=closes_at,
        closed_on=None,
        goal=_number(toml.get("goal")),
        custody=written(toml.get("custody")),
        public_key="",
        displays=_displays(toml.get("display")),
        rule=_rule(text),
        policy=_policy(text),
        delivered_on=_day(delivered.get("on")),
        answer=in_each(delivered["answer"], languages) if delivered.get("answer") else None,
        identities_until=identities_until(_day(toml.get("identities_until")), None, closes_at),
        forgotten=False,
        erased=False,
        locked=False,
        taken_down_for=None,
        burned=False,
        removals=0,
        revision=0,
        texts={language: _text(text, language) for language in languages},
        first_signatories=[
            Person(in_each(person.get("name"), languages), in_each(person.get("title"), languages))
            for person in tables(toml.get("first_signatories"))
        ],
        corrections=_corrections(toml.get("corrections"), languages),
        institutions=frozenset(),
        unverified=(),
        edition=None,
        pact=_pact(toml.get("pact")),
    )


def announced_until(text: FolderText) -> date | None:
    """The day that the letter names for its sealed identities."""
    return _day(text.toml.get("identities_until"))


def _text(text: FolderText, language: str) -> LetterText:
    title, body = split_title(text.texts.get(language, ""))
    return LetterText(title, body, text.privacy.get(language, ""))


def _corrections(value: object, languages: Sequence[str]) -> list[Correction]:
    dated = ((_day(item.get("on")), in_each(item.get("text"), languages)) for item in tables(value))
    return [Correction(on, said) for on, said in dated if on is not None]


def _displays(value: object) -> tuple[Display, ...]:
    known = tuple(Display(name) for name in listed(value) if name in tuple(Display))
    return known or (Display.COUNTED,)


def _rule(text: FolderText) -> EditionRule:
    part = RulesPart.of(Side(text))
    every = _number(as_number(part.every)) or 6
    seconds = min(every * _SECONDS.get(part.unit, 3600), _SECONDS["d"] * 365)
    return EditionRule(timedelta(seconds=seconds), _number(as_number(part.at_least)) or 50)


def _policy(text: FolderText) -> FigurePolicy:
    figures, usual = table(text.toml.get("figures")), PRESETS["protected"]["figures"]
    threshold = _number(figures.get("threshold")) or usual["threshold"]
    return FigurePolicy.usual(threshold, _number(figures.get("step")) or usual["step"])


def _pact(value: object) -> Pact | None:
    needed = _number(value)
    return Pact(needed) if needed else None


def _moment(value: object) -> datetime | None:
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else None


def _day(value: object) -> date | None:
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
