"""The history of editions for programs: a table, and a feed."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from letters.models.values import Edition, Letter
from letters.reading.pages import PublicPage
from letters.reading.queries import Line, every_edition, latest_editions
from letters.reading.quoting import quoted
from letters.web.headers import for_programs, open_to_all
from letters.web.present import letter_view

IN_FEED = 50
"""Editions in a feed: the newest ones."""

ATOM = "application/atom+xml; charset=utf-8"

COLUMNS = ("edition", "released_at", "total", "signatures", "withdrawn", "voided", "log_size", "root")

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed without entries has changed last; RFC 4287 wants a moment."""

NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class EntryOfFeed:
    """One edition in a feed, in words."""

    title: str
    address: str
    updated: str
    summary: str


class EditionsTable(PublicPage):
    """Every edition as CSV (RFC 4180); in any language the same."""

    def get(self, slug: str) -> ResponseReturnValue:
        letter, _language = self.letter(slug)
        key = ("editions.csv", slug, letter.revision, letter.number)
        return for_programs(self.site.pages.answer(key, lambda: self._write(letter), "text/csv; charset=utf-8"))

    def _write(self, letter: Letter) -> str:
        with self.site.runtime.reading() as session:
            lines = every_edition(session, letter.id, letter.number)
        text = io.StringIO()
        table = csv.writer(text)
        table.writerow(COLUMNS)
        table.writerows(map(_cells, lines))
        return text.getvalue()


class EditionsFeed(PublicPage):
    """The newest editions as an Atom feed (RFC 4287), in the language asked for."""

    def get(self, slug: str) -> ResponseReturnValue:
        letter, language = self.letter(slug)
        key = ("editions.atom", slug, letter.revision, letter.number, language)
        feed = self.site.pages.answer(key, lambda: self._render(letter, language), ATOM)
        return open_to_all(feed)

    def _render(self, letter: Letter, language: str) -> str:
        with self.site.runtime.reading() as session:
            editions = latest_editions(session, letter.id, letter.number, IN_FEED)
        view = letter_view(letter, language, self.site.state(letter))
        newest = letter.edition.released_at if letter.edition else letter.opens_at or NEVER
        text = render_template(
            "reading/editions.xml",
            title=_("Editions of “%(title)s”", title=view.title),
            author=view.responsible,
            updated=rfc3339(newest),
            itself=self._address("editions_atom", letter),
            page=self._address("count", letter),
            entries=[self._entry(letter, edition) for edition in editions],
        )
        return NOT_IN_XML.sub("\ufffd", text)

    def _entry(self, letter: Letter, edition: Edition) -> EntryOfFeed:
        return EntryOfFeed(
            title=ngettext(
                "Edition %(number)s: %(total)s signature",
                "Edition %(number)s: %(total)s signatures",
                edition.total,
                number=format_decimal(edition.number),
                total=format_decimal(edition.total),
            ),
            address=self._address("edition", letter, number=edition.number),
            updated=rfc3339(edition.released_at),
            summary=quoted(letter, edition, g.language),
        )

    def _address(self, endpoint: str, letter: Letter, **values: Any) -> str:
        """Of the page in the feed's language, also where the feed was asked for without one: ids do not change."""
        return self.site.url(url_for(endpoint, slug=letter.slug, language=g.language, **values))


def rfc3339(value: datetime) -> str:
    """A moment as 2026-12-03T06:00:00Z."""
    return str(value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def _cells(line: Line) -> tuple[int | str, ...]:
    """Digits, capitals and dashes: nothing that a sheet takes for a formula, which is why the root is hexadecimal."""
    figures = line.number, rfc3339(line.released_at), line.total, line.signatures, line.withdrawn, line.voided
    return *figures, line.log_size or "", line.root.hex() if line.root else ""
