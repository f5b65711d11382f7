"""Pages of this part of the workspace."""

from __future__ import annotations

from collections.abc import Mapping

from flask.typing import ResponseReturnValue

from letters.models.teams import Role
from letters.organising.workspace.access import Access, Member
from letters.organising.workspace.page import DraftPage, TeamPage, WorkspacePage


class NewDraft(TeamPage):
    """To be built."""

    needs = Access(role=Role.EDITOR)

    def get(self, member: Member) -> ResponseReturnValue:
        return self.refuse(member, "", 404)


class DraftEditor(DraftPage):
    """To be built."""

    needs = Access(role=Role.EDITOR)

    def get(self, member: Member) -> ResponseReturnValue:
        return self.refuse(member, "", 404)


ROUTES: Mapping[str, tuple[str, type[WorkspacePage]]] = {
    "/workspace/teams/<int:team_id>/drafts/new": ("new_draft", NewDraft),
    "/workspace/drafts/<draft>": ("draft", DraftEditor),
}
