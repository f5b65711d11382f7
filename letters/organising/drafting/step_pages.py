"""Pausing a letter and letting it go on; closing and archiving it for good."""

from __future__ import annotations

from typing import ClassVar

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from letters.models.teams import Role
from letters.organising.drafting.changing import Step, take_step
from letters.organising.workspace.access import Access, Member
from letters.organising.workspace.page import LetterPage
from letters.organising.workspace.words import says
from verification.errors import Refusal


class PausePage(LetterPage):
    """Pausing, and going on."""

    needs: ClassVar[Access] = Access(role=Role.EDITOR)
    steps: ClassVar[tuple[Step, ...]] = (Step.PAUSE, Step.RESUME)

    def get(self, member: Member) -> ResponseReturnValue:
        return redirect(url_for("workspace_change", slug=member.of_letter.slug), 303)

    def post(self, member: Member) -> ResponseReturnValue:
        runtime, doing, slug = self.site.runtime, self.doing(member), member.of_letter.slug
        step = request.form.get("step", "")
        if step not in self.steps:
            return self.get(member)
        try:
            runtime.settle(lambda session: take_step(session, doing, slug, Step(step), runtime.keyring))
        except Refusal as refusal:
            return self.refuse(member, says(refusal), 409)
        return redirect(url_for("workspace_change", slug=slug, done=step), 303)


class ClosePage(PausePage):
    """Closing and archiving, which nobody takes back, after a tick."""

    needs_post: ClassVar[Access | None] = Access(role=Role.EDITOR, strong=True)
    steps = (Step.CLOSE, Step.ARCHIVE)

    def get(self, member: Member) -> ResponseReturnValue:
        return self._page(member)

    def post(self, member: Member) -> ResponseReturnValue:
        return super().post(member) if "sure" in request.form else self._page(member, 422)

    def _page(self, member: Member, status: int = 200) -> ResponseReturnValue:
        letter = member.of_letter
        state = self.site.state(letter)
        return self.answer(
            "organising/drafting/close.html", member, status, letter=letter, state=state, unsure=status == 422
        )
