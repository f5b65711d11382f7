"""The JSON of CONTRACT: letters, counts, editions, signatories. The same as the pages show, from the same edition."""

from __future__ import annotations

from typing import Any

from flask import Response

from letters.api.asking import edition_number, speak_as_asked
from letters.api.facts import letter_body, list_body
from letters.api.figures import count_body, edition_body
from letters.api.people import people_body
from letters.api.queries import Released, editions
from letters.api.refusals import NoSuchPage
from letters.api.resource import Resource, pages_of
from letters.api.schemas.figures import CountSchema, EditionListSchema, EditionSchema
from letters.api.schemas.letters import LetterListSchema, LetterSchema
from letters.api.schemas.people import SignatoryListSchema
from letters.models.values import Letter
from letters.publishing.listing import NOBODY, PAGE, EntryPage, list_entries
from letters.web.site import Site


class Letters(Resource):
    """Every letter that is or was open."""

    rule = "/letters"
    schema = LetterListSchema()
    paged = True

    def get(self, page: int, lang: str | None = None) -> Response:
        speak_as_asked(lang, self.site.runtime.settings.languages)
        shown = self.site.shown()
        pages = pages_of(len(shown), page)
        here = shown[(page - 1) * PAGE : page * PAGE]
        versions = ((letter.slug, letter.revision, letter.number, state) for letter, state in here)
        return self.answer(
            (page, pages, *versions), lambda: list_body(self.site, [letter for letter, _state in here], page, pages)
        )


class OneLetter(Resource):
    """A letter: its texts, addressee, rules and state."""

    rule = "/letters/<slug>"
    schema = LetterSchema()

    def get(self, slug: str, lang: str | None = None) -> Response:
        letter = self.letter(slug, lang)
        depends_on = slug, letter.revision, letter.number, self.site.state(letter)
        return self.answer(depends_on, lambda: letter_body(self.site, letter))


class Count(Resource):
    """The figures of the current edition."""

    rule = "/letters/<slug>/count"
    schema = CountSchema()

    def get(self, slug: str, lang: str | None = None) -> Response:
        letter = self.letter(slug, lang)
        return self.answer((slug, letter.revision, letter.number), lambda: count_body(self.site, letter))


class Editions(Resource):
    """Every edition of a letter, the oldest first."""

    rule = "/letters/<slug>/editions"
    schema = EditionListSchema()
    paged = True

    def get(self, slug: str, page: int, lang: str | None = None) -> Response:
        letter = self.letter(slug, lang)
        pages = pages_of(letter.number, page)
        depends_on = slug, letter.revision, letter.number, page
        return self.answer(depends_on, lambda: self._body(letter, page, pages))

    def _body(self, letter: Letter, page: int, pages: int) -> dict[str, Any]:
        last = min(page * PAGE, letter.number)
        with self.site.runtime.reading() as session:
            found = editions(session, letter.id, (page - 1) * PAGE + 1, last)
        return {"editions": [_edition(self.site, letter, one) for one in found], "page": page, "pages": pages}


class OneEdition(Resource):
    """One edition of a letter: its figures, what it changed, and the head of the log with it."""

    rule = "/letters/<slug>/editions/<number>"
    schema = EditionSchema()

    def get(self, slug: str, number: str, lang: str | None = None) -> Response:
        letter = self.letter(slug, lang)
        wanted = edition_number(number, letter.number)
        depends_on = slug, letter.revision, letter.number, wanted
        return self.answer(depends_on, lambda: self._body(letter, wanted))

    def _body(self, letter: Letter, number: int) -> dict[str, Any]:
        with self.site.runtime.reading() as session:
            (found,) = editions(session, letter.id, number, number)
        return _edition(self.site, letter, found)


class Signatories(Resource):
    """Who chose to appear: first signatories, names and pseudonyms of released editions."""

    rule = "/letters/<slug>/signatories"
    schema = SignatoryListSchema()
    paged = True

    def get(self, slug: str, page: int, lang: str | None = None) -> Response:
        letter = self.letter(slug, lang)
        depends_on = slug, letter.revision, letter.number, letter.removals, page
        return self.answer(depends_on, lambda: people_body(self.site, letter, self._find(letter, page)))

    def _find(self, letter: Letter, page: int) -> EntryPage:
        """Raises `NoSuchPage`."""
        found = NOBODY
        if not letter.locked:
            with self.site.runtime.reading() as session:
                found = list_entries(session, letter.id, page, self.site.runtime.keyring.server("names"))
        if found.page != page:
            raise NoSuchPage(found.pages)
        return found


RESOURCES: tuple[type[Resource], ...] = (Letters, OneLetter, Count, Editions, OneEdition, Signatories)


def _edition(site: Site, letter: Letter, one: Released) -> dict[str, Any]:
    return edition_body(site, letter, one.edition, one.before, one.head)
