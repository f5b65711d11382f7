"""For search engines: which pages there are, in which languages, and which are nobody's business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from letters.models.values import Edition, Letter
from letters.reading.queries import latest_editions
from letters.web.headers import for_programs
from letters.web.site import SitePage

LETTERS = 200
"""Letters on the map, the newest first: in 7 languages 3 MB, far from the 50 MB that a map may have (sitemaps.org)."""

EDITIONS = 10
"""Editions of a letter on the map: the newest."""

PLACES = ("letter", "count")

CLOSED_TO_ROBOTS = (
    "/confirm/", "/signed/", "/signature/", "/receipt", "/preview/", "/unsubscribe/", "/workspace/", "/demo/",
    "/oembed", "/healthz", "/readyz", "/metrics",
)  # fmt: skip
"""Where a person's link, an organiser or the host is, and nothing that anybody should find by searching."""

SEARCHES = "Disallow: /*?*q="
"""Searches for names."""


@dataclass(frozen=True)
class Place:
    """One address on the map, the day of its edition, and the same page in each language by code."""

    address: str
    day: str
    languages: Mapping[str, str] = field(default_factory=dict)


class Sitemap(SitePage):
    """The pages of every letter that readers can see. It tells days of editions and no times."""

    def get(self) -> ResponseReturnValue:
        letters = [letter for letter, _state in self.site.shown()[:LETTERS]]
        key = ("sitemap", *((letter.slug, letter.revision, letter.number) for letter in letters))
        return for_programs(self.site.pages.answer(key, lambda: self._write(letters), "application/xml; charset=utf-8"))

    def _write(self, letters: Sequence[Letter]) -> str:
        with self.site.runtime.reading() as session:
            places = [place for letter in letters for place in self._places(session, letter)]
        home = self._place("home", "", self.site.runtime.settings.languages)
        return render_template("reading/sitemap.xml", places=[*home, *places])

    def _places(self, session: Session, letter: Letter) -> list[Place]:
        offered, day = self.site.languages(letter), _day(letter.edition)
        places = [place for endpoint in PLACES for place in self._place(endpoint, day, offered, slug=letter.slug)]
        for edition in latest_editions(session, letter.id, letter.number, EDITIONS):
            places += self._place("edition", _day(edition), (), slug=letter.slug, number=edition.number)
        return places

    def _place(self, endpoint: str, day: str, offered: Sequence[str], **values: Any) -> list[Place]:
        """The page under the address where the reader's browser decides, then in each language."""

        def at(language: str | None) -> str:
            return self.site.url(url_for(endpoint, language=language, **values))

        languages = {code: at(code) for code in offered} | ({"x-default": at(None)} if offered else {})
        return [Place(address, day, languages) for address in (at(None), *map(at, offered))]


class Robots(SitePage):
    """What robots may read (RFC 9309): all that is for everybody."""

    def get(self) -> ResponseReturnValue:
        return for_programs(self.site.pages.answer("robots.txt", self._write, "text/plain; charset=utf-8"))

    def _write(self) -> str:
        closed = [f"Disallow: {start}{path}" for path in CLOSED_TO_ROBOTS for start in ("", "/*")]
        sitemap = f"Sitemap: {self.site.url('/sitemap.xml')}"
        return "\n".join(["User-agent: *", "Allow: /", *closed, SEARCHES, "", sitemap, ""])


def _day(edition: Edition | None) -> str:
    return edition.released_at.date().isoformat() if edition else ""
