"""New letters that open here, as an Atom feed (RFC 4287)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from letters.models.editions import EditionRow
from letters.models.values import Letter
from letters.reading.feeds import ATOM, IN_FEED, NEVER, NOT_IN_XML, EntryOfFeed, rfc3339
from letters.reading.linked import beginning
from letters.web.headers import open_to_all
from letters.web.present import letter_view
from letters.web.site import SitePage


class LettersFeed(SitePage):
    """The newest letters in the language asked for.

    A letter's moment is when it was to open, without such a plan its first edition: until then it is not in the feed,
    for when it was opened by hand is written nowhere.
    """

    def get(self) -> ResponseReturnValue:
        letters = [letter for letter, _state in self.site.shown()[:IN_FEED]]
        key = ("letters.atom", g.language, *((letter.slug, letter.revision, letter.number) for letter in letters))
        return open_to_all(self.site.pages.answer(key, lambda: self._render(letters), ATOM))

    def _render(self, letters: list[Letter]) -> str:
        began = self._began(letters)
        entries = [self._entry(letter, began[letter.id]) for letter in letters if letter.id in began]
        entries.sort(key=lambda entry: entry.updated, reverse=True)
        text = render_template(
            "reading/editions.xml",
            title=_("Open letters"),
            author="Undersigned",
            updated=entries[0].updated if entries else rfc3339(NEVER),
            itself=self.site.url(url_for("letters_atom", language=g.language)),
            page=self.site.url(url_for("home", language=g.language)),
            entries=entries,
        )
        return NOT_IN_XML.sub("\ufffd", text)

    def _began(self, letters: list[Letter]) -> Mapping[int, datetime]:
        """By letter, when it was to open or had its first edition."""
        planned = {letter.id: letter.opens_at for letter in letters if letter.opens_at}
        others = [letter.id for letter in letters if not letter.opens_at]
        first = select(EditionRow.letter_id, EditionRow.released_at).where(EditionRow.number == 1)
        with self.site.runtime.reading() as session:
            released = session.execute(first.where(EditionRow.letter_id.in_(others)))
            return {**planned, **{row.letter_id: row.released_at for row in released}}

    def _entry(self, letter: Letter, began: datetime) -> EntryOfFeed:
        view = letter_view(letter, g.language, self.site.state(letter))
        return EntryOfFeed(
            title=view.title,
            address=self.site.url(url_for("letter", slug=letter.slug, language=g.language)),
            updated=rfc3339(began),
            summary=beginning(view.body),
        )
