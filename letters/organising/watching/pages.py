"""The dashboard of a letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from flask import current_app, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from letters.models.letters import LetterRow
from letters.models.teams import Role
from letters.models.values import Letter
from letters.organising.releasing import scheme_of
from letters.organising.watching import words
from letters.organising.watching.breakdowns import compare_cells
from letters.organising.watching.trail_page import LetterTrail, TeamTrail
from letters.organising.watching.watch import Watched, watch
from letters.organising.workspace.access import Access, Member
from letters.organising.workspace.page import LetterPage, TeamPage, WorkspacePage
from letters.reading.queries import history
from letters.vocabularies.spoken import Labels
from letters.web.headers import allow_our_script
from letters.web.present import standing_label


class Dashboard(LetterPage):
    """How a letter stands. `?part=figures` is the part of the page that moves, alone: the page's script asks for it."""

    needs = Access(role=Role.REVIEWER)

    def get(self, member: Member) -> ResponseReturnValue:
        with self.site.runtime.reading() as session:
            watched = watch(session, member.of_letter, self.site.runtime.clock())
            if request.args.get("part") == "figures":
                return self._figures(member, watched)
            more = self._slow_figures(session, watched.letter)
        shown = {**_moving(watched), **more, "links": _links(member)}
        page = self.answer("organising/watching/dashboard.html", member, **shown)
        return allow_our_script(page, connects=True)

    def _figures(self, member: Member, watched: Watched) -> ResponseReturnValue:
        """The page that asks says which edition it shows, so that it can be told of a newer one."""
        shown = request.args.get("edition", type=int)
        template = "organising/watching/figures.html"
        return self.answer(template, member, **{**_moving(watched), "shown_edition": shown})

    def _slow_figures(self, session: Session, letter: Letter) -> dict[str, Any]:
        """What moves with an edition only."""
        spoken = g.language if g.language in letter.languages else letter.languages[0]
        scheme = scheme_of(session.get_one(LetterRow, letter.id), self.site.runtime.settings.vocabularies)
        return {
            "spoken": spoken,
            "title": letter.texts[spoken].title,
            "editions": history(session, letter.id, letter.number),
            "cells": compare_cells(session, letter, scheme, partial(_label, self.site.labels(letter, g.language))),
        }


def _label(labels: Labels, dimension: str, code: str) -> str:
    if dimension == "standing":
        return standing_label(code)
    return labels.people(code) if dimension == "profession" else labels.region(code)


def _moving(watched: Watched) -> dict[str, Any]:
    return {"watched": watched, "words": words, "letter": watched.letter, "shown_edition": watched.letter.number}


def _links(member: Member) -> Sequence[tuple[str, str]]:
    """Address and name of the letter's other pages that the member's role reaches."""
    names: Mapping[str, str] = {
        "signatures": _("Signatures"),
        "institutions": _("Institutions"),
        "updates": _("News for signers"),
        "handover": _("Hand over"),
        "samples": _("Let a journalist check"),
        "change": _("Change the letter"),
        "trail": _("Who did what"),
    }
    return [
        (url_for(f"workspace_{name}", slug=member.of_letter.slug), label)
        for name, label in names.items()
        if _reaches(member, f"workspace_{name}")
    ]


def _reaches(member: Member, endpoint: str) -> bool:
    page: type[TeamPage] | None = getattr(current_app.view_functions.get(endpoint), "view_class", None)
    return page is not None and (page.needs.role is None or member.role.reaches(page.needs.role))


ROUTES: Mapping[str, tuple[str, type[WorkspacePage]]] = {
    "/workspace/letters/<slug>": ("dashboard", Dashboard),
    "/workspace/letters/<slug>/trail": ("trail", LetterTrail),
    "/workspace/teams/<int:team_id>/trail": ("team_trail", TeamTrail),
}
