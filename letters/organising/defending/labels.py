"""What the codes of a letter's vocabularies are called for an organiser."""

from __future__ import annotations

from dataclasses import dataclass

from letters.models.values import Letter
from letters.vocabularies.labels import Choices
from letters.vocabularies.professions import Professions
from letters.vocabularies.regions import Regions
from letters.web.site import Site


@dataclass(frozen=True)
class Labels:
    """Each vocabulary speaks the organiser's language where it is complete in that, otherwise the letter's own."""

    professions: Professions
    regions: Regions
    professions_in: str
    regions_in: str

    @classmethod
    def of(cls, site: Site, letter: Letter, language: str) -> Labels:
        professions, regions = site.professions(letter), site.regions(letter)
        own = letter.languages[0]
        return cls(
            professions,
            regions,
            language if language in professions.languages else own,
            language if regions.complete_in([language]) else own,
        )

    def profession(self, code: str | None) -> str:
        """A single person's profession; empty where it is erased."""
        if code is None:
            return ""
        return self.professions.one(code, self.professions_in) if code in self.professions else code

    def region(self, code: str | None) -> str:
        """Empty where it is erased."""
        if code is None:
            return ""
        return self.regions.label(code, self.regions_in) if code in self.regions else code

    @property
    def profession_choices(self) -> Choices:
        return self.professions.choices(self.professions_in)

    @property
    def region_choices(self) -> Choices:
        return self.regions.choices(self.regions_in)
