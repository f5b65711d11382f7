"""The institutions of a letter: the organisers' list, which readers can judge for themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from flask import g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from letters.models.standing import InstitutionRow
from letters.models.values import Letter
from letters.publishing.listing import PAGE
from letters.reading.linked import linked
from letters.reading.pages import PublicPage, page_number
from letters.vocabularies.spoken import Labels
from letters.web.locale import switch
from letters.web.present import letter_view


@dataclass(frozen=True)
class Listed:
    """An institution on the list; `region` is a code or empty."""

    domain: str
    name: str
    region: str


@dataclass(frozen=True)
class ListPage:
    """A page of the list; `page` is within 1 to `pages`."""

    institutions: Sequence[Listed]
    page: int
    pages: int
    found: int


def list_institutions(session: Session, letter_id: int, page: int) -> ListPage:
    """A letter's institutions by name, `PAGE` to a page."""
    of_letter = InstitutionRow.letter_id == letter_id
    found = session.scalar(select(func.count()).select_from(InstitutionRow).where(of_letter)) or 0
    pages = max(1, ceil(found / PAGE))
    page = min(page, pages)
    query = select(InstitutionRow).where(of_letter).order_by(InstitutionRow.name, InstitutionRow.domain)
    rows = session.scalars(query.limit(PAGE).offset((page - 1) * PAGE))
    return ListPage([Listed(row.domain, row.name, row.region or "") for row in rows], page, pages, found)


def in_words(found: ListPage, labels: Labels) -> Sequence[tuple[str, str, str]]:
    """Name, domain and region of each; a region that the letter no longer offers stays a code."""
    return [(one.name, one.domain, labels.region(one.region)) for one in found.institutions]


class Institutions(PublicPage):
    """Whose addresses count as an institution's, as of now."""

    def get(self, slug: str) -> ResponseReturnValue:
        letter, language = self.letter(slug)
        page = page_number()
        key = ("institutions", slug, letter.revision, self.site.state(letter), page, language, g.prefix)
        return self.site.pages.answer(key, lambda: self._render(letter, language, page))

    def _render(self, letter: Letter, language: str, page: int) -> str:
        with self.site.runtime.reading() as session:
            found = list_institutions(session, letter.id, page)
        return render_template(
            "reading/institutions.html",
            letter=letter_view(letter, language, self.site.state(letter)),
            found=found,
            institutions=in_words(found, self.site.labels(letter, g.language)),
            switch=switch(self.site.languages(letter), {"page": found.page}),
            linked=linked(self.site, letter, "institutions", _("Institutions")) if found.page == 1 else None,
            page_of=lambda number: url_for("institutions", slug=letter.slug, page=number),
        )
