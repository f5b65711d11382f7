"""An organiser's own account."""

from __future__ import annotations

from collections.abc import Mapping

from flask.typing import ResponseReturnValue

from letters.organising.workspace.access import Access, Level, Visitor
from letters.organising.workspace.page import WorkspacePage


class AccountPage(WorkspacePage):
    """To be built."""

    def get(self, visitor: Visitor) -> ResponseReturnValue:
        return self.refuse(visitor, "", 404)


class LostPassword(WorkspacePage):
    """To be built."""

    needs = Access(Level.ANYBODY)

    def get(self, visitor: Visitor) -> ResponseReturnValue:
        return self.refuse(visitor, "", 404)


ROUTES: Mapping[str, tuple[str, type[WorkspacePage]]] = {
    "/workspace/account": ("account", AccountPage),
    "/workspace/lost-password": ("lost_password", LostPassword),
}
