"""An edition to cite: its page, whose figures never change, and the way to the newest one."""

from __future__ import annotations

from flask import abort, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal
from flask_babel import gettext as _

from letters.models.heads import head_at
from letters.models.values import Letter
from letters.reading.decisions import in_words
from letters.reading.linked import linked
from letters.reading.pages import PublicPage, cells, checks, pairs_of
from letters.reading.queries import find_edition
from letters.reading.quoting import quotations, quoted
from letters.reading.tile_maps import tile_maps
from letters.web.headers import personal
from letters.web.locale import switch
from letters.web.pages import FRESH
from letters.web.present import letter_view


class EditionPage(PublicPage):
    """One citable edition. Its figures never change; cosignatures may still come."""

    def get(self, slug: str, number: int) -> ResponseReturnValue:
        letter, language = self.letter(slug)
        if number > letter.number:
            abort(404)
        last = number == letter.number
        key = ("edition", slug, letter.revision, number, last, language, g.prefix)
        return self.site.pages.answer(key, lambda: self._render(letter, language, number))

    def _render(self, letter: Letter, language: str, number: int) -> str:
        with self.site.runtime.reading() as session:
            edition = find_edition(session, letter.id, number)
            before = find_edition(session, letter.id, number - 1)
            head = head_at(session, letter.id, edition.log_size) if edition else None
        if edition is None:
            abort(404)
        return render_template(
            "reading/edition.html",
            letter=letter_view(letter, language, self.site.state(letter)),
            edition=edition,
            before=before,
            latest=letter.number,
            head=head,
            why=in_words,
            policy=letter.policy,
            cells=cells(self.site, letter, edition),
            maps=tile_maps(self.site, letter, edition, g.language),
            pairs=pairs_of(self.site, letter, edition),
            checks=checks(edition),
            quotations=quotations(letter, edition, self.site.languages(letter), language),
            switch=switch(self.site.languages(letter)),
            linked=linked(
                self.site,
                letter,
                "edition",
                _("Edition %(number)s", number=format_decimal(number)),
                quoted(letter, edition, language),
                number=number,
            ),
            absolute=self.site.url,
        )


class LatestEdition(PublicPage):
    """The way to the newest edition; before the first, words."""

    def get(self, slug: str) -> ResponseReturnValue:
        letter, _language = self.letter(slug)
        if not letter.number:
            said = _("Confirmed signatures are published together, in editions. The first one is yet to come.")
            page = render_template("message.html", title=_("There is no edition yet"), paragraphs=[said])
            return personal(page, 404)
        response = redirect(url_for("edition", slug=slug, number=letter.number))
        response.headers["Cache-Control"] = f"public, max-age={FRESH}"
        return response
