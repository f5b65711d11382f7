"""Reporting signatures that were gathered on paper or earlier: a file is counted, a number is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from letters.models.standing import Gathered
from letters.models.teams import Role
from letters.organising.standing.errors import BadNumber, NoFile
from letters.organising.standing.reports import parse_number, remove_report, report
from letters.organising.standing.uploads import UploadPage
from letters.organising.tables.earlier import Tally, count_earlier
from letters.organising.tables.errors import BadTable
from letters.organising.tables.words import words
from letters.organising.workspace.access import Access, Member
from letters.organising.workspace.chosen import chosen
from letters.organising.workspace.words import says


class Reports(UploadPage):
    """What is reported; POST counts a file, which is not kept, reports a number, or takes a report back."""

    needs = Access(role=Role.EDITOR, strong=True)

    def get(self, member: Member) -> ResponseReturnValue:
        return self._show(member)

    def post(self, member: Member) -> ResponseReturnValue:
        acts: Mapping[str, Callable[[Member], ResponseReturnValue]] = {
            "count": self._count,
            "report": self._report,
            "remove": self._remove,
        }
        act = chosen("act", acts)
        try:
            return act(member)
        except BadTable as refusal:
            return self._show(member, refusal=words(refusal))
        except (NoFile, BadNumber) as refusal:
            return self._show(member, refusal=says(refusal))

    def _count(self, member: Member) -> ResponseReturnValue:
        return self._show(member, tally=self.read_table(count_earlier))

    def _report(self, member: Member) -> ResponseReturnValue:
        doing, slug, gathered = self.doing(member), member.of_letter.slug, _gathered()
        count, today = parse_number(request.form.get("number", "")), self.site.runtime.clock().date()
        self.site.runtime.settle(lambda session: report(session, doing, slug, gathered, count, today))
        return redirect(url_for("workspace_unverified", slug=slug), 303)

    def _remove(self, member: Member) -> ResponseReturnValue:
        doing, slug, gathered = self.doing(member), member.of_letter.slug, _gathered()
        self.site.runtime.settle(lambda session: remove_report(session, doing, slug, gathered))
        return redirect(url_for("workspace_unverified", slug=slug), 303)

    def _show(self, member: Member, tally: Tally | None = None, refusal: str = "") -> Response:
        return self.answer(
            "organising/standing/unverified.html",
            member,
            422 if refusal else 200,
            reports=member.of_letter.unverified,
            tally=tally,
            typed=request.form,
            refusal=refusal,
        )


def _gathered() -> Gathered:
    """The kind that the form names; 400 for what is none."""
    try:
        return Gathered(request.form.get("gathered", ""))
    except ValueError:
        abort(400)
