"""Texts to begin with: a privacy notice that says what the chosen rules do, and a mail that invites to sign."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.units import format_unit

from letters.models.signatures import Display
from letters.models.values import Letter
from letters.signing.appearing import offered
from letters.web.locale import day_pattern, locale_of

FOLDER = Path(__file__).with_name("starters")

_UNITS = {"day": 86400, "hour": 3600, "minute": 60, "second": 1}


@dataclass(frozen=True)
class Mail:
    """A mail for people to send themselves; nothing here sends it."""

    spoken: str
    subject: str
    body: str


def privacy_notice(letter: Letter, spoken: str, until: date | None) -> str:
    """A notice in Markdown; `until` is the day that the letter names for its sealed identities, if it names one.

    What is not written yet stands in square brackets.
    """
    words = _words(spoken)
    values = {
        "responsible": letter.responsible["name"].get(spoken) or words["blank_responsible"],
        "contact": letter.responsible["contact"] or words["blank_contact"],
        "threshold": letter.policy.threshold,
        "needed": letter.pact.needed if letter.pact else 0,
        "every": _interval(letter.rule.every, spoken),
        "until": format_date(until, day_pattern(spoken), locale_of(spoken)) if until else "",
    }
    blocks = [
        *_paragraphs(words["privacy"], letter, dated=until is not None),
        "\n".join(_displays(words["privacy"], letter)),
        *(words["privacy"][name] for name in ("link", "cookies", "honest", "questions")),
    ]
    return "\n\n".join(block.format_map(values) for block in blocks) + "\n"


def invitation(letter: Letter, spoken: str, url: str) -> Mail:
    """A mail in one language that leads to the letter."""
    words = _words(spoken)
    values = {
        "title": letter.texts[spoken].title or words["blank_title"],
        "url": url,
        "responsible": letter.responsible["name"].get(spoken) or words["blank_responsible"],
        "contact": letter.responsible["contact"] or words["blank_contact"],
    }
    mail = words["mail"]
    return Mail(spoken, mail["subject"].format_map(values), mail["body"].strip().format_map(values) + "\n")


def _paragraphs(words: Mapping[str, str], letter: Letter, *, dated: bool) -> Iterator[str]:
    yield words["responsible"]
    yield words["asked"]
    yield words["team" if letter.custody == "team" else "offline"]
    yield words["kept_until" if dated else "kept_days"]
    yield f"{words['public']} {words['figures_protected' if letter.protected else 'figures_ordinary']}"


def _displays(words: Mapping[str, str], letter: Letter) -> Iterator[str]:
    keys = {Display.PSEUDONYM.value: "pseudonym_protected" if letter.protected else "pseudonym_ordinary"}
    return (words[keys.get(choice, choice)] for choice in offered(letter))


def _interval(every: timedelta, spoken: str) -> str:
    """In the largest unit that gives a whole number."""
    seconds = int(every.total_seconds())
    unit, length = next((unit, length) for unit, length in _UNITS.items() if not seconds % length)
    return format_unit(seconds // length, f"duration-{unit}", locale=locale_of(spoken))


@lru_cache(maxsize=8)
def _words(spoken: str) -> Mapping[str, Any]:
    return tomllib.loads((FOLDER / f"{spoken}.toml").read_text(encoding="utf-8"))
