"""What the JSON resources share: their letter, their pages, and answers that are written once."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from math import ceil
from typing import Any, ClassVar

from flask import Response, g
from marshmallow import Schema

from letters.api.asking import paging, speak_as_asked, speaking
from letters.api.refusals import NoSuchPage
from letters.models.finding import NoSuchLetter
from letters.models.letters import LetterState
from letters.models.values import Letter
from letters.publishing.listing import PAGE
from letters.web.site import SitePage

JSON = "application/json"


class Resource(SitePage):
    """What can be read at `rule`: an answer is written by `schema`, once for all that it is a function of.

    A letter's revision counts its signed heads and their cosignatures too. Errors are problem documents
    (`letters.web.problems`).
    """

    rule: ClassVar[str]
    schema: ClassVar[Schema]
    paged: ClassVar[bool] = False

    @classmethod
    def query(cls, languages: Sequence[str]) -> type[Schema]:
        """What may be asked for in the query, on a site of these languages."""
        return Schema.from_dict({**paging(), **speaking(languages)} if cls.paged else speaking(languages))

    def letter(self, slug: str, lang: str | None) -> Letter:
        """The letter, and its language is spoken. Raises `NoSuchLetter` also for one that has not opened yet."""
        letter = self.site.shelf.letter(slug)
        if letter.state_at(self.site.runtime.clock()) is LetterState.SCHEDULED:
            raise NoSuchLetter("There is no letter at this address.")
        speak_as_asked(lang, self.site.languages(letter))
        return letter

    def answer(self, depends_on: tuple[Hashable, ...], make: Callable[[], Mapping[str, Any]]) -> Response:
        key = ("api", self.rule, g.language, *depends_on)
        return self.site.pages.answer(key, lambda: written(self.schema.dump(make())), JSON)


def pages_of(found: int, page: int) -> int:
    """How many pages so many make. Raises `NoSuchPage` unless `page` is one of them."""
    pages = max(1, ceil(found / PAGE))
    if page > pages:
        raise NoSuchPage(pages)
    return pages


def written(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n"
