"""What the codes of a letter's vocabularies are called on a page."""

from __future__ import annotations

from dataclasses import dataclass

from letters.vocabularies.errors import UnknownProfession, UnknownRegion
from letters.vocabularies.labels import Choices, Label
from letters.vocabularies.professions import Professions
from letters.vocabularies.regions import Regions

_NOTHING = Label("")


@dataclass(frozen=True)
class Labels:
    """Each label is in the first of `languages` that it is there in: the page's, then the letter's own.

    A page is there in every language of its site; labels are certain in those of their letter only. A code that a
    vocabulary no longer has stays a code; no code is an empty label.
    """

    professions: Professions
    regions: Regions
    languages: tuple[str, ...]

    def profession(self, code: str | None) -> Label:
        """A single person's profession."""
        try:
            return self.professions.one(code, *self.languages) if code else _NOTHING
        except UnknownProfession as unknown:
            return Label(unknown.key)

    def people(self, code: str) -> Label:
        """All those of one profession, for figures."""
        try:
            return self.professions.label(code, *self.languages)
        except UnknownProfession:
            return Label(code)

    def region(self, code: str | None) -> Label:
        """A region, or a country."""
        try:
            return self.regions.label(code, *self.languages) if code else _NOTHING
        except UnknownRegion as unknown:
            return Label(unknown.code)

    @property
    def profession_choices(self) -> Choices:
        return self.professions.choices(*self.languages)

    @property
    def region_choices(self) -> Choices:
        return self.regions.choices(*self.languages)
