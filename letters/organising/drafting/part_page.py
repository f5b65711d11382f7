"""The page of one part: its form, what it still needs, and what a colleague wrote in the meantime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import Response, abort, request
from werkzeug.datastructures import MultiDict

from letters.organising.draft import FolderText
from letters.organising.drafting.checks import value_findings
from letters.organising.drafting.parts import Part, Posted, Side, languages_of
from letters.organising.drafting.places import SPOKEN, part_words
from letters.organising.drafting.words import problem_words
from letters.organising.folder import LARGEST, Problem, problems_of
from letters.organising.workspace.access import Member
from letters.organising.workspace.page import TeamPage
from letters.organising.workspace.words import says
from letters.vocabularies.languages import LANGUAGES
from letters.web.fields import FieldView
from letters.web.headers import allow_our_script

LARGEST_FORM = 4 * LARGEST
"""Bytes of a form: a whole text in Cyrillic takes three for each of its own."""


class PartPage(TeamPage):
    """What a draft's and an open letter's parts have in common."""

    part: ClassVar[type[Part]]
    name: ClassVar[str]
    largest: ClassVar[int] = LARGEST_FORM

    def shown(self, text: FolderText, spoken: str) -> Part:
        """The part as it stands; 404 for a language that the letter does not speak."""
        if (self.name in SPOKEN) != (spoken in languages_of(text)):
            abort(404)
        return self.part.of(Side(text, spoken))

    def typed(self, text: FolderText, spoken: str) -> Part:
        """The part as its form came in."""
        self.shown(text, spoken)
        return self.part.posted(Posted(MultiDict(request.form), languages_of(text), spoken))

    def page(
        self, member: Member, text: FolderText, part: Part, *, seen: str, status: int = 200, **values: Any
    ) -> Response:
        """The form. `values` may hold `errors` by field, a `sentence` on why it came back, and a colleague's `theirs`.

        An empty `seen` would match nothing, so that whoever sends the form is told.
        """
        errors: Mapping[str, Sequence[str]] = values.pop("errors", {})
        response = self.answer(
            "organising/drafting/part.html",
            member,
            status,
            name=self.name,
            heading=part_words(self.name),
            part=part,
            seen=seen,
            errors=errors,
            field=lambda name, label, value, of="": FieldView(name, label, value, errors.get(of or name, ())),
            languages=[LANGUAGES[code] for code in languages_of(text)],
            spoken=LANGUAGES.get(getattr(part, "spoken", "")),
            failed=bool(status >= 400),
            **{"sentence": "", "theirs": None, **self.more(member, text, part), **values},
        )
        return allow_our_script(response, connects=True)

    def more(self, member: Member, text: FolderText, part: Part) -> dict[str, Any]:
        """What else the part's template shows."""
        return {}

    def errors(self, text: FolderText, part: Part) -> dict[str, list[str]]:
        """What the part still needs, by field."""
        found: dict[str, list[str]] = {}
        whole = part.into(text)
        for problem in filter(part.covers, problems_of(whole)):
            found.setdefault(_key(problem), []).append(problem_words(problem))
        for finding in value_findings(whole, self.site.runtime.settings.vocabularies):
            if part.covers_field(finding.field) and finding.field not in found and not isinstance(finding.why, Problem):
                found[finding.field] = [says(finding.why)]
        return found


def _key(problem: Problem) -> str:
    """What the form calls a field."""
    return f"{problem.field}.{problem.number}" if problem.number else problem.field
