"""The workspace's pages about updates: the list, and where each page is."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue

from letters.organising.updating.draft_page import OneUpdate
from letters.organising.updating.send_pages import SendUpdate, StopUpdate
from letters.organising.updating.subscribers import count_subscribers
from letters.organising.updating.update_page import EDITORS, UpdatePage
from letters.organising.updating.writing import NoSuchUpdate, drop_update, list_updates, start_update
from letters.organising.workspace.access import Member
from letters.organising.workspace.page import LetterPage, WorkspacePage
from letters.organising.workspace.words import says
from verification.errors import Refusal


class Updates(LetterPage):
    """The letter's updates; POST begins one."""

    needs = EDITORS

    def get(self, member: Member) -> ResponseReturnValue:
        with self.site.runtime.reading() as session:
            updates = list_updates(session, member.of_letter.id)
            subscribers = count_subscribers(session, member.of_letter).total
        return self.answer("organising/updating/updates.html", member, updates=updates, subscribers=subscribers)

    def post(self, member: Member) -> ResponseReturnValue:
        number = self.site.runtime.settle(lambda session: start_update(session, member.of_letter.id))
        return redirect(url_for("workspace_update", slug=member.of_letter.slug, number=number), 303)


class DeleteUpdate(UpdatePage):
    """Throws a draft away."""

    def post(self, member: Member, number: int) -> ResponseReturnValue:
        letter, version = member.of_letter, self.version()
        try:
            self.site.runtime.settle(lambda session: drop_update(session, letter.id, number, version))
        except NoSuchUpdate:
            abort(404)
        except Refusal as refusal:
            return self.refuse(member, says(refusal), 409)
        return redirect(url_for("workspace_updates", slug=letter.slug), 303)


ROUTES: Mapping[str, tuple[str, type[WorkspacePage]]] = {
    "/workspace/letters/<slug>/updates": ("updates", Updates),
    "/workspace/letters/<slug>/updates/<int:number>": ("update", OneUpdate),
    "/workspace/letters/<slug>/updates/<int:number>/delete": ("delete_update", DeleteUpdate),
    "/workspace/letters/<slug>/updates/<int:number>/send": ("send_update", SendUpdate),
    "/workspace/letters/<slug>/updates/<int:number>/stop": ("stop_update", StopUpdate),
}
