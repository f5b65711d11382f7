"""Where organisers name the mirrors of an open letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from letters.models.addresses import find_list, own_address
from letters.models.letters import LetterState
from letters.models.teams import Role
from letters.organising.addressing.mirrors import ListOvertaken, NoListYet, TooManyMirrors, change_mirrors, read_mirrors
from letters.organising.workspace.access import Access, Member
from letters.organising.workspace.page import LetterPage, WorkspacePage
from letters.organising.workspace.words import says
from letters.web.fields import FieldView
from verification.errors import Refusal
from verification.ledger.official import BadOfficial


class MirrorsPage(LetterPage):
    """The list, and a field with one mirror in each line. Whoever could change it unseen could lead signers astray, so
    organisers show again who they are."""

    needs = Access(role=Role.EDITOR)
    needs_post = Access(role=Role.EDITOR, strong=True)

    def get(self, member: Member) -> ResponseReturnValue:
        if self.site.state(member.of_letter) in (LetterState.DRAFT, LetterState.SCHEDULED):
            return redirect(url_for("workspace_change", slug=member.of_letter.slug), 303)
        with self.site.runtime.reading() as session:
            found = find_list(session, member.of_letter.id)
        return self._show(member, "\n".join(found.mirrors if found else ()), found.number if found else 0)

    def post(self, member: Member) -> ResponseReturnValue:
        slug, typed, doing = member.of_letter.slug, request.form.get("mirrors", ""), self.doing(member)
        seen = request.form.get("seen", type=int) or 0
        try:
            mirrors = read_mirrors(typed, self._own(member))
            self.site.runtime.settle(lambda session: change_mirrors(session, doing, slug, mirrors, seen))
        except BadOfficial as refusal:
            return self._show(member, typed, seen, [f"{refusal.typed[:80]} – {says(refusal)}"])
        except TooManyMirrors as refusal:
            return self._show(member, typed, seen, [says(refusal)])
        except (ListOvertaken, NoListYet) as refusal:
            return self._overtaken(member, typed, refusal)
        return redirect(url_for("workspace_change", slug=slug, done="addresses"), 303)

    def _overtaken(self, member: Member, typed: str, refusal: Refusal) -> Response:
        """What was typed stays in the form; sent once more, it stands in place of the colleague's."""
        with self.site.runtime.reading() as session:
            found = find_list(session, member.of_letter.id)
        return self._show(
            member, typed, found.number if found else 0, sentence=says(refusal), theirs=found.mirrors if found else ()
        )

    def _show(
        self,
        member: Member,
        typed: str,
        seen: int,
        errors: Sequence[str] = (),
        sentence: str = "",
        theirs: Sequence[str] = (),
    ) -> Response:
        return self.answer(
            "organising/addressing/mirrors.html",
            member,
            422 if errors or sentence else 200,
            own=self._own(member),
            seen=seen,
            field=FieldView("mirrors", "", typed, errors),
            sentence=sentence,
            theirs=theirs,
        )

    def _own(self, member: Member) -> str:
        return own_address(self.site.runtime.settings.base_url, member.of_letter.slug)


ROUTES: Mapping[str, tuple[str, type[WorkspacePage]]] = {
    "/workspace/letters/<slug>/change/addresses": ("change_addresses", MirrorsPage),
}
