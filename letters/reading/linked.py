"""What a public page of a letter says of itself to programs: to those that show a link to it, and to search engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel.core import get_global
from flask import g, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from letters.models.values import Letter
from letters.reading.quoting import quoted
from letters.web.locale import locale_of
from letters.web.present import LetterView, letter_view
from letters.web.site import Site

CARD_SIZE = (1200, 630)
"""Width and height of a letter's card in pixels: what those who show links ask for."""

LONGEST = 200
"""Characters of a description."""


@dataclass(frozen=True)
class Linked:
    """A page as the Open Graph protocol has it (ogp.me). All addresses are absolute.

    `languages` has the same page in each language of its letter, by code; `anyhow` is where the reader's browser
    decides. `image_text` says which letter the image is about: its count is newer than some of the pages.
    """

    url: str
    kind: str
    title: str
    description: str
    image: str
    image_text: str
    image_size: tuple[int, int]
    locale: str
    other_locales: Sequence[str]
    languages: Mapping[str, str]
    anyhow: str
    oembed: str


def linked(
    site: Site, letter: Letter, endpoint: str, title: str = "", description: str = "", number: int | None = None
) -> Linked:
    """A page of a letter, which is called `title` and is about whom the letter is to where nothing else is said;
    `number` is the edition's, where the page is one of an edition.
    """

    def at(endpoint: str, language: str | None, **values: Any) -> str:
        return site.url(url_for(endpoint, slug=letter.slug, language=language, **values))

    view = letter_view(letter, g.language, site.state(letter))
    offered = site.languages(letter)
    return Linked(
        url=at(endpoint, g.prefix, number=number),
        kind="article" if endpoint == "letter" else "website",
        title=f"{title}: {view.title}" if title else view.title,
        description=description or _("To: %(addressee)s", addressee=view.addressee),
        image=card_address(site, letter, number or (letter.number if endpoint in _SAYS_COUNT else None)),
        image_text=view.title,
        image_size=CARD_SIZE,
        locale=territorial(g.language),
        other_locales=[territorial(code) for code in offered if code != g.language],
        languages={code: at(endpoint, code, number=number) for code in offered},
        anyhow=at(endpoint, None, number=number),
        oembed=site.url(url_for("oembed", url=at("letter", g.prefix))),
    )


def linked_letter(site: Site, letter: Letter, view: LetterView) -> Linked:
    """The letter itself: its text begins the description."""
    return linked(site, letter, "letter", description=beginning(view.body))


_SAYS_COUNT = frozenset({"letter", "count", "share", "signatories"})
"""Pages that change with each edition anyway."""


def card_address(site: Site, letter: Letter, number: int | None = None) -> str:
    """Of the picture with the letter's title and count, in the language that is spoken; another address with each
    edition's `number`, so that whoever kept the picture asks again."""
    return site.url(url_for("card", slug=letter.slug, language=g.language, e=number or None))


def summary(letter: Letter) -> str:
    """The newest edition in one sentence; nothing before the first."""
    return quoted(letter, letter.edition, g.language) if letter.edition else ""


def beginning(text: Markup) -> str:
    """The first words of a text, without markup, `LONGEST` characters at most."""
    return shortened(text.striptags(), LONGEST)


def shortened(text: str, longest: int) -> str:
    """The text on one line, without control characters; cut between words where it is longer, and an ellipsis says so.

    At least the ellipsis is returned, and no more than `longest` characters, 1 or more.
    """
    line = "".join(sign for sign in " ".join(text.split()) if sign >= " " and not "\x7f" <= sign <= "\x9f")
    if len(line) <= longest:
        return line
    cut = line[:longest]
    return (cut.rpartition(" ")[0] or cut[:-1])[: longest - 1].rstrip() + "…"


def territorial(language: str) -> str:
    """A language with the territory where most speak it, as Open Graph wants it: `ru_RU` (CLDR, likely subtags)."""
    locale = locale_of(language)
    if "_" in locale:
        return locale
    return f"{language}_{get_global('likely_subtags')[language].rpartition('_')[2]}"
