"""A letter's institutions: a list is uploaded, looked at, and only then put in place of the one there is."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import IO

from flask import Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from letters.models.teams import Role
from letters.organising.standing.errors import ListChanged, NoFile, TooMuchAtOnce
from letters.organising.standing.lists import as_csv, compare, remove_institution, replace_list
from letters.organising.standing.report_pages import Reports
from letters.organising.standing.uploads import UploadPage
from letters.organising.tables.errors import BadTable
from letters.organising.tables.institutions import Institution, read_institutions
from letters.organising.tables.words import words
from letters.organising.workspace.access import Access, Member
from letters.organising.workspace.chosen import chosen
from letters.organising.workspace.page import WorkspacePage
from letters.organising.workspace.words import says
from letters.reading.institutions import in_words, list_institutions
from letters.reading.pages import page_number

SHOWN = 10
"""Lines of an uploaded list that are shown before it is stored."""

FEW = 5
"""Below so many institutions their figure comes close to that of a single one."""

_BESIDE = 50_000
"""Bytes of a form beside the list that it carries."""


class Institutions(UploadPage):
    """The list, one page at a time; POST looks at a new one, stores one that was looked at, or removes one line.

    A list that was looked at travels in the page's own form, so nothing waits on the server, no file has to be chosen
    twice, and what is stored is what was shown. It is read again like any other upload.
    """

    needs = Access(role=Role.EDITOR)

    def get(self, member: Member) -> ResponseReturnValue:
        return self._show(member, page_number())

    def post(self, member: Member) -> ResponseReturnValue:
        acts: Mapping[str, Callable[[Member], ResponseReturnValue]] = {"check": self._check, "apply": self._apply}
        act = self._remove if "remove" in request.form else chosen("act", acts)
        try:
            return act(member)
        except BadTable as refusal:
            return self._show(member, refusal=words(refusal))
        except (NoFile, TooMuchAtOnce) as refusal:
            return self._show(member, refusal=says(refusal))

    def _check(self, member: Member) -> ResponseReturnValue:
        return self._preview(member, self.read_table(partial(self._read, member)))

    def _apply(self, member: Member) -> ResponseReturnValue:
        wanted = self._read(member, io.BytesIO(request.form.get("list", "").encode()))
        doing, slug, known = self.doing(member), member.of_letter.slug, request.form.get("known", "")
        try:
            self.site.runtime.settle(lambda session: replace_list(session, doing, slug, wanted, known))
        except ListChanged as refusal:
            return self._preview(member, wanted, says(refusal))
        return redirect(url_for("workspace_institutions", slug=slug), 303)

    def _remove(self, member: Member) -> ResponseReturnValue:
        doing, slug, domain = self.doing(member), member.of_letter.slug, request.form["remove"]
        self.site.runtime.settle(lambda session: remove_institution(session, doing, slug, domain))
        return redirect(url_for("workspace_institutions", slug=slug, page=page_number()), 303)

    def _read(self, member: Member, file: IO[bytes]) -> list[Institution]:
        return read_institutions(file, self.site.regions(member.of_letter).codes)

    def _preview(self, member: Member, wanted: Sequence[Institution], refusal: str = "") -> Response:
        carried = as_csv(wanted)
        if len(carried.encode()) > self.largest - _BESIDE:
            raise TooMuchAtOnce("The list is too large to be sent back.")
        with self.site.runtime.reading() as session:
            difference = compare(session, member.of_letter.id, wanted)
        return self.answer(
            "organising/standing/preview.html",
            member,
            422 if refusal else 200,
            difference=difference,
            first=wanted[:SHOWN],
            carried=carried,
            refusal=refusal,
        )

    def _show(self, member: Member, page: int = 1, refusal: str = "") -> Response:
        letter = member.of_letter
        with self.site.runtime.reading() as session:
            found = list_institutions(session, letter.id, page)
        return self.answer(
            "organising/standing/institutions.html",
            member,
            422 if refusal else 200,
            found=found,
            institutions=in_words(found, self.site.labels(letter, g.language)),
            few=0 < found.found < FEW,
            example=self.site.regions(letter).codes[0],
            page_of=lambda number: url_for("workspace_institutions", slug=letter.slug, page=number),
            refusal=refusal,
        )


ROUTES: Mapping[str, tuple[str, type[WorkspacePage]]] = {
    "/workspace/letters/<slug>/institutions": ("institutions", Institutions),
    "/workspace/letters/<slug>/unverified": ("unverified", Reports),
}
