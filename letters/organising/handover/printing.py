"""Making the PDF of a letter: one at a time on the whole machine, for typesetting takes a core and much memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import current_app
from flask_babel import force_locale

from letters.models.finding import find_letter
from letters.organising.handover.paper import TEMPLATE, Paper, render
from letters.organising.handover.paper_of import paper_of
from letters.organising.handover.words import reported
from letters.organising.typesetting.starting import alone
from letters.web.locale import locale_of
from letters.web.site import Site
from verification.errors import Refusal


class BeingMade(Refusal):
    """Another PDF is being made."""


@dataclass(frozen=True)
class Printed:
    """A PDF, and the edition whose figures it shows."""

    pdf: bytes
    edition: int


def print_letter(site: Site, slug: str, language: str) -> Printed:
    """The PDF of a letter in one of its languages, within a request.

    Raises `NoSuchLetter`, `TakenDown`, `NoEditionYet`, `NotInThisLanguage`, `BeingMade` or `PaperFailed`.
    """
    paper, edition = _paper(site, slug, language)
    with _alone():
        return Printed(render(paper), edition)


def _paper(site: Site, slug: str, language: str) -> tuple[Paper, int]:
    # A context of its own: what is looked up in another language is not kept for the page.
    with current_app.app_context(), force_locale(locale_of(language)), site.runtime.reading() as session:
        letter = find_letter(session, slug)
        return paper_of(site, session, letter, language, reported(letter)), letter.number


@contextmanager
def _alone() -> Iterator[None]:
    """Hold a lock that every process of this machine knows, and that ends with its holder. Raises `BeingMade`."""
    with alone(TEMPLATE) as mine:
        if not mine:
            raise BeingMade("Another PDF is being made. Try again in a minute.")
        yield
