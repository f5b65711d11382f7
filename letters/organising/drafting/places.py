"""The parts of a draft in the order in which they are written, and where each of them is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from letters.organising.draft import FolderText
from letters.organising.drafting.parts import (
    LetterPart,
    Part,
    PrivacyPart,
    Side,
    TextPart,
    languages_of,
)
from letters.organising.drafting.public_parts import PeoplePart
from letters.organising.drafting.rule_parts import CustodyPart, RulesPart, SchedulePart, SignersPart
from letters.organising.folder import Problem
from letters.vocabularies.languages import LANGUAGES

PARTS: Sequence[tuple[str, type[Part]]] = (
    ("letter", LetterPart),
    ("text", TextPart),
    ("people", PeoplePart),
    ("signers", SignersPart),
    ("schedule", SchedulePart),
    ("rules", RulesPart),
    ("custody", CustodyPart),
    ("privacy", PrivacyPart),
)
SPOKEN = ("text", "privacy")
"""Those that are written once in each language."""


@dataclass(frozen=True)
class Place:
    """One part's page; `missing` counts what the part still needs."""

    part: Part
    label: str
    url: str
    missing: int


def places(text: FolderText, draft: str, problems: Sequence[Problem]) -> list[Place]:
    """Every page of a draft; `draft` is its id in hexadecimal."""
    return [
        Place(part, label, url, sum(part.covers(problem) for problem in problems))
        for part, label, url in _pages(text, draft)
    ]


def place_of(field: str, found: Sequence[Place]) -> Place | None:
    """Where a field is written; None for what only a folder holds."""
    return next((place for place in found if place.part.covers_field(field)), None)


def part_words(name: str) -> str:
    """What a part is called."""
    words = {
        "letter": _("Address and languages"),
        "text": _("Text"),
        "people": _("Who stands behind it"),
        "signers": _("Who can sign, and how"),
        "schedule": _("Time and goal"),
        "rules": _("Protection of signers"),
        "custody": _("Who can open names"),
        "privacy": _("Privacy notice"),
        "closing": _("Closing time and goal"),
        "correction": _("A correction"),
        "delivery": _("Delivery and answer"),
        "addresses": _("Official addresses"),
    }
    return words[name]


def _pages(text: FolderText, draft: str) -> Iterator[tuple[Part, str, str]]:
    for name, kind in PARTS:
        label, endpoint = part_words(name), f"workspace_draft_{name}"
        for spoken in languages_of(text) if name in SPOKEN else ("",):
            part = kind.of(Side(text, spoken))
            title = f"{label} ({LANGUAGES[spoken].name})" if spoken else label
            yield part, title, url_for(endpoint, draft=draft, spoken=spoken or None)
