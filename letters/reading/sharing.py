"""Passing a letter on: links that tell nobody but the service that the reader picks, and text to copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from flask import g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from letters.models.values import Letter
from letters.reading.embedding import frame
from letters.reading.linked import linked, shortened
from letters.reading.pages import PublicPage
from letters.web.locale import switch
from letters.web.present import count_view, letter_view
from letters.web.site import Site

LONGEST_MESSAGE = 200
"""Characters of a message: Viber cuts off what is longer."""

LEAST_OF_TITLE = 20
"""Characters of the title that a message holds, however long the letter's address is."""


@dataclass(frozen=True)
class Way:
    """A service that a letter can be passed on through, and the address that hands it the message."""

    name: str
    address: str


@dataclass(frozen=True)
class Passing:
    """What is passed on: the letter's address in the page's language, a message that ends with it, the ways."""

    title: str
    address: str
    ways: Sequence[Way]


def passing(site: Site, letter: Letter) -> Passing:
    """In the language that is spoken."""
    address = site.url(url_for("letter", slug=letter.slug, language=g.language))
    view = letter_view(letter, g.language, site.state(letter))
    title = shortened(view.title, max(LEAST_OF_TITLE, LONGEST_MESSAGE - len(address) - 1))
    return Passing(title, address, ways(title, address, _("Open letter")))


def ways(title: str, address: str, subject: str) -> list[Way]:
    """Telegram, WhatsApp, Viber, mail (RFC 6068). Signal has no address for this, and says it wants none.

    The address stands on a line of its own, so that no mark in a title turns its direction around. The subject of a
    mail, which its servers keep, does not say which letter it is.
    """
    message, lines = _escaped(f"{title}\n{address}"), _escaped(f"{title}\r\n\r\n{address}")
    return [
        Way("Telegram", f"https://t.me/share/url?url={_escaped(address)}&text={_escaped(title)}"),
        Way("WhatsApp", f"https://wa.me/?text={message}"),
        Way("Viber", f"viber://forward?text={message}"),
        Way(_("Mail"), f"mailto:?subject={_escaped(subject)}&body={lines}"),
    ]


def _escaped(text: str) -> str:
    """Percent-encoded whole (RFC 3986): a plus sign would be one in a mail."""
    return quote(text, safe="")


class SharePage(PublicPage):
    """Every way to pass a letter on: links, text, picture code, poster, and what other sites can show."""

    def get(self, slug: str) -> ResponseReturnValue:
        letter, language = self.letter(slug)
        key = ("share", slug, letter.revision, letter.number, self.site.state(letter), language, g.prefix)
        return self.site.pages.answer(key, lambda: self._render(letter, language))

    def _render(self, letter: Letter, language: str) -> str:
        return render_template(
            "reading/share.html",
            letter=letter_view(letter, language, self.site.state(letter)),
            count=count_view(letter),
            passing=passing(self.site, letter),
            frame=frame(self.site, letter, g.language),
            absolute=self.site.url,
            switch=switch(self.site.languages(letter)),
            linked=linked(self.site, letter, "share", _("Pass it on")),
        )
