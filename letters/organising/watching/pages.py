"""Pages of this part of the workspace."""

from __future__ import annotations

from collections.abc import Mapping

from flask.typing import ResponseReturnValue

from letters.models.teams import Role
from letters.organising.workspace.access import Access, Member
from letters.organising.workspace.page import LetterPage, WorkspacePage


class Dashboard(LetterPage):
    """To be built."""

    needs = Access(role=Role.REVIEWER)

    def get(self, member: Member) -> ResponseReturnValue:
        return self.refuse(member, "", 404)


ROUTES: Mapping[str, tuple[str, type[WorkspacePage]]] = {
    "/workspace/letters/<slug>": ("dashboard", Dashboard),
}
