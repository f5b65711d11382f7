"""A letter and its figures as templates show them, in one language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from markupsafe import Markup

from letters.models.values import IDENTITIES_FOR, Edition, Letter, Pact
from letters.publishing.tallies import PAIRS
from letters.vocabularies.spoken import Labels
from letters.web.markdown import to_html

_shown = lru_cache(maxsize=32)(to_html)
"""The texts of letters are frozen, and every page behind a link shows one of them again."""


@dataclass(frozen=True)
class LetterView:
    """A letter's text and surroundings in one language; `spoken` is that language.

    Sealed identities are kept until the end of `identities_until`, or for `identities_days` after a closing that is not
    known yet.
    """

    slug: str
    spoken: str
    state: str
    title: str
    body: Markup
    privacy: Markup
    addressee: str
    responsible: str
    contact: str
    first_signatories: Sequence[tuple[str, str]]
    corrections: Sequence[tuple[date, str]]
    delivered_on: date | None
    answer: Markup | None
    opens_at: datetime | None
    closes_at: datetime | None
    changeable_until: date | None
    identities_until: date | None
    identities_days: int
    erased: bool
    locked: bool
    taken_down: bool
    burned: bool
    pact: Pact | None


@dataclass(frozen=True)
class CountView:
    """The running count, with the goal if there is one."""

    total: int
    goal: int | None
    edition: int
    released_at: datetime | None


@dataclass(frozen=True)
class CellView:
    """One bar: `count` is None for what is withheld, `text` says what is shown, `share` is of the total; `mark` is what
    a map calls it, where there can be one."""

    label: str
    count: int | None
    text: str
    share: float
    mark: str = ""


@dataclass(frozen=True)
class PairView:
    """How many of one profession signed in one region."""

    profession: str
    region: str
    count: int


def letter_view(letter: Letter, language: str, state: str) -> LetterView:
    """The letter in `language`, or in its authoritative one where it does not speak that."""
    spoken = language if language in letter.texts else letter.languages[0]
    text = letter.texts[spoken]
    return LetterView(
        slug=letter.slug,
        spoken=spoken,
        state=state,
        title=text.title,
        body=_shown(text.body),
        privacy=_shown(text.privacy),
        addressee=letter.addressee[spoken],
        responsible=letter.responsible["name"][spoken],
        contact=letter.responsible["contact"],
        first_signatories=first_signatories(letter, spoken),
        corrections=[(correction.dated, correction.text[spoken]) for correction in letter.corrections],
        delivered_on=letter.delivered_on,
        answer=_shown(letter.answer[spoken]) if letter.answer else None,
        opens_at=letter.opens_at,
        closes_at=letter.closes_at,
        changeable_until=letter.changeable_until,
        identities_until=letter.identities_until,
        identities_days=IDENTITIES_FOR.days,
        erased=letter.erased,
        locked=letter.locked,
        taken_down=letter.taken_down_for is not None,
        burned=letter.burned,
        pact=letter.pact,
    )


def first_signatories(letter: Letter, spoken: str) -> Sequence[tuple[str, str]]:
    """Name and title of each, or nobody under lockdown."""
    if letter.locked:
        return ()
    return [(person.name[spoken], person.title[spoken]) for person in letter.first_signatories]


def count_view(letter: Letter) -> CountView:
    released_at = letter.edition.released_at if letter.edition else None
    return CountView(letter.total, letter.goal, letter.number, released_at)


def breakdowns(edition: Edition, labels: Labels) -> Mapping[str, Sequence[CellView]]:
    """The printed cells of an edition by dimension, the largest first, what is withheld last."""
    names: Mapping[str, Callable[[str], str]] = {
        "profession": labels.people,
        "region": labels.region,
        "standing": standing_label,
    }
    marks: Mapping[str, Callable[[str], str]] = {"region": lambda code: code.partition("-")[2]}
    return {
        dimension: _cells(edition.figures[dimension], name, marks.get(dimension, lambda _code: ""), edition.total)
        for dimension, name in names.items()
    }


def pairs(edition: Edition, labels: Labels) -> Sequence[PairView] | None:
    """Professions by region, the largest first; None for every edition but the last of all."""
    if PAIRS not in edition.figures:
        return None
    return [
        PairView(labels.people(profession), labels.region(region), count)
        for profession, region, count in edition.figures[PAIRS]
    ]


def standing_label(code: str) -> str:
    labels = {
        "mailbox": _("confirmed by e-mail"),
        "institution": _("confirmed from an institution’s address"),
        "vouched": _("checked by an organiser"),
    }
    return labels[code]


def _cells(
    printed: Mapping[str, Any], name: Callable[[str], str], mark: Callable[[str], str], total: int
) -> list[CellView]:
    cells = [
        CellView(name(code), count, format_decimal(count), count / total if total else 0.0, mark(code))
        for code, count in printed["shown"].items()
    ]
    if printed["rest"]:
        least, most = printed["rest"]
        span = f"{format_decimal(least)}–{format_decimal(most)}" if least != most else format_decimal(most)
        cells.append(CellView(_("other or withheld"), None, span, most / total if total else 0.0))
    return cells
