"""What a letter's card and poster say, in one language, as values: whoever draws them draws this and nothing else.

Neither holds anybody's name but the addressee's: lockdown and burning change nothing in them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask_babel import force_locale, format_decimal, ngettext
from flask_babel import gettext as _

from letters.models.drawings import DrawingKind
from letters.models.values import Letter
from letters.settings import ROOT
from letters.vocabularies.languages import LANGUAGES
from letters.web.locale import locale_of
from letters.web.site import Site
from letters.web.templating import day

TEMPLATES = ROOT / "templates" / "drawings"
"""One typst template for each kind, and what they share."""

NAME = "Undersigned"
"""What the site is called, in every language."""

LONGEST = 4_000
"""Characters of a letter's text that are more than a poster holds."""

LONGEST_LINE = 1_000
"""Characters of a title or an addressee that are more than card or poster holds: cutting takes time and memory."""


@dataclass(frozen=True)
class Tongue:
    """The language of the drawing's own words, that of the letter's, and the direction of each."""

    language: str
    direction: str
    spoken: str
    spoken_direction: str


@dataclass(frozen=True)
class Card:
    """A picture for links to the letter. `total` is the current edition's, with its noun in `signatures`; both, and
    `edition`, are empty before the first one, and `goal` where there is none."""

    tongue: Tongue
    open_letter: str
    title: str
    addressee: str
    total: str
    signatures: str
    goal: str
    edition: str
    site: str
    host: str


@dataclass(frozen=True)
class Poster:
    """A sheet of paper to be put up; `text` is the beginning of the letter, in Markdown, and `short` the address as
    people type it. It has no figures: paper does not change."""

    tongue: Tongue
    open_letter: str
    title: str
    addressee: str
    text: str
    read: str
    address: str
    short: str
    safely: Sequence[str]


Drawable = Card | Poster


def card_of(site: Site, letter: Letter, language: str) -> Card:
    """The card, in one of the languages that its pages speak."""
    with force_locale(locale_of(language)):
        tongue, edition = _tongue(letter, language), letter.edition
        return Card(
            tongue=tongue,
            open_letter=_("Open letter"),
            title=letter.texts[tongue.spoken].title[:LONGEST_LINE],
            addressee=letter.addressee[tongue.spoken][:LONGEST_LINE],
            total=format_decimal(edition.total) if edition else "",
            signatures=ngettext("signature", "signatures", edition.total) if edition else "",
            goal=_("Goal: %(goal)s", goal=format_decimal(letter.goal)) if letter.goal else "",
            edition=_(
                "Edition %(number)s, %(moment)s",
                number=format_decimal(edition.number),
                moment=day(edition.released_at.astimezone(UTC).date()),
            )
            if edition
            else "",
            site=NAME,
            host=_typed(site.url("")),
        )


def poster_of(site: Site, letter: Letter, language: str) -> Poster:
    """The poster, in one of the languages that its pages speak."""
    address = address_of(site, letter)
    with force_locale(locale_of(language)):
        tongue = _tongue(letter, language)
        return Poster(
            tongue=tongue,
            open_letter=_("Open letter"),
            title=letter.texts[tongue.spoken].title[:LONGEST_LINE],
            addressee=letter.addressee[tongue.spoken][:LONGEST_LINE],
            text=letter.texts[tongue.spoken].body[:LONGEST],
            read=_("Read the whole letter and sign it:"),
            address=address,
            short=_typed(address),
            safely=[
                _("Sign on your own phone, and not in the network of your workplace."),
                _("Give a private e-mail address, never one from work."),
            ],
        )


DRAWABLE: Mapping[DrawingKind, Callable[[Site, Letter, str], Drawable]] = {
    DrawingKind.CARD: card_of,
    DrawingKind.POSTER: poster_of,
}
"""What is drawn for each letter in each language of its pages."""


def address_of(site: Site, letter: Letter) -> str:
    """The letter's canonical address: it names no language and follows nobody."""
    return site.url(f"/letters/{letter.slug}")


def template_of(kind: DrawingKind) -> Path:
    return TEMPLATES / f"{kind}.typ"


def source_of(kind: DrawingKind, drawable: Drawable) -> bytes:
    """The SHA-256 of all that decides how a drawing looks: what it says, and the templates."""
    said = json.dumps(asdict(drawable), sort_keys=True).encode()
    return sha256(_look(kind) + sha256(said).digest()).digest()


@cache
def _look(kind: DrawingKind) -> bytes:
    return sha256(b"\0".join(file.read_bytes() for file in (TEMPLATES / "fitting.typ", template_of(kind)))).digest()


def _tongue(letter: Letter, language: str) -> Tongue:
    spoken = language if language in letter.texts else letter.languages[0]
    return Tongue(language, _direction(language), spoken, _direction(spoken))


def _direction(language: str) -> str:
    return LANGUAGES[language].direction if language in LANGUAGES else "ltr"


def _typed(address: str) -> str:
    return address.partition("://")[2]
