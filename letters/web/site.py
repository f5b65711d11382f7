"""What every page is handed: the runtime, the shelf of letters, the rendered pages, the vocabularies, precautions."""

from __future__ import annotations

from dataclasses import dataclass

from flask.views import MethodView

from letters.models.letters import LetterState
from letters.models.values import Letter
from letters.runtime import Runtime
from letters.vocabularies.professions import Professions
from letters.vocabularies.regions import Regions
from letters.vocabularies.spoken import Labels
from letters.web.pages import Pages
from letters.web.precautions import Precautions
from letters.web.shelf import Shelf


@dataclass(frozen=True)
class Site:
    """One site's public face."""

    runtime: Runtime
    shelf: Shelf
    pages: Pages
    precautions: Precautions | None

    @classmethod
    def of(cls, runtime: Runtime) -> Site:
        return cls(runtime, Shelf(runtime), Pages(), Precautions.of(runtime))

    def professions(self, letter: Letter) -> Professions:
        return Professions.load(letter.professions, self.runtime.settings.vocabularies)

    def regions(self, letter: Letter) -> Regions:
        return Regions.load(letter.countries, self.runtime.settings.vocabularies)

    def labels(self, letter: Letter, language: str) -> Labels:
        """What a letter's professions and regions are called on a page in this language."""
        return Labels(self.professions(letter), self.regions(letter), (language, *letter.languages))

    def languages(self, letter: Letter) -> tuple[str, ...]:
        """The letter's languages that this site speaks, the authoritative one first; all of the site's if none."""
        spoken = tuple(code for code in letter.languages if code in self.runtime.settings.languages)
        return spoken or self.runtime.settings.languages

    def state(self, letter: Letter) -> str:
        return letter.state_at(self.runtime.clock()).value

    def shown(self) -> list[tuple[Letter, str]]:
        """The letters that readers can see, the newest first, each with its state."""
        letters = ((letter, self.state(letter)) for letter in self.shelf.letters())
        return [(letter, state) for letter, state in letters if state != LetterState.SCHEDULED]

    def url(self, path: str) -> str:
        """An absolute address; `BASE_URL` is the only source of links."""
        return self.runtime.settings.base_url + path


class SitePage(MethodView):
    """A page that is handed its site; one instance serves every request."""

    init_every_request = False

    def __init__(self, site: Site) -> None:
        self.site = site
