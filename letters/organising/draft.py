"""A letter as its folder describes it: as values that were checked, and as the files say it, checked or not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from letters.models.signatures import Display
from letters.models.values import Correction, EditionRule, FigurePolicy, LetterText, Person


@dataclass(frozen=True)
class FolderText:
    """What the files of a letter hold, finished or not.

    `toml` is `letter.toml` as `tomllib` reads it. By language: `texts` are whole Markdown files with their `# title`,
    `privacy` the notices.
    """

    toml: Mapping[str, Any]
    texts: Mapping[str, str] = field(default_factory=dict)
    privacy: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """A letter as its folder describes it, whole and fit to be stored."""

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
    pact: int | None = None

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
