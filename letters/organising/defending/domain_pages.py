"""The mail domains that a letter's organisers watch."""

from __future__ import annotations

from collections.abc import Sequence

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from letters.models.teams import Role
from letters.organising.defending.domains import BadDomains, set_domains, watched_domains
from letters.organising.workspace.access import Access, Member
from letters.organising.workspace.page import LetterPage
from letters.organising.workspace.words import says
from verification.errors import Refusal


class Domains(LetterPage):
    """One domain a line; POST puts a new list in its place."""

    needs = Access(role=Role.EDITOR)

    def get(self, member: Member) -> ResponseReturnValue:
        with self.site.runtime.reading() as session:
            text = "\n".join(watched_domains(session, member.of_letter.id))
        return self._show(member, text)

    def post(self, member: Member) -> ResponseReturnValue:
        doing, slug, text = self.doing(member), member.of_letter.slug, request.form.get("domains", "")
        try:
            self.site.runtime.settle(lambda session: set_domains(session, doing, slug, text))
        except BadDomains as refusal:
            typed = text.splitlines()
            return self._show(member, text, says(refusal), [typed[number - 1] for number in refusal.lines])
        except Refusal as refusal:
            return self._show(member, text, says(refusal))
        return redirect(url_for("workspace_domains", slug=slug, done="1"), 303)

    def _show(self, member: Member, text: str, refusal: str = "", bad: Sequence[str] = ()) -> ResponseReturnValue:
        return self.answer(
            "organising/defending/domains.html",
            member,
            422 if refusal else 200,
            text=text,
            refusal=refusal,
            bad=bad,
            done=request.method == "GET" and "done" in request.args,
        )
