"""Sending an update, and stopping it."""

from __future__ import annotations

from flask import abort
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from letters.organising.teams.trail import Act, record
from letters.organising.updating.sending import missing_texts, progress_of, send_update, stop_update
from letters.organising.updating.subscribers import count_subscribers
from letters.organising.updating.update_page import SENDERS, UpdatePage
from letters.organising.updating.writing import NoSuchUpdate
from letters.organising.workspace.access import Member
from letters.organising.workspace.words import says
from verification.errors import Refusal


class SendUpdate(UpdatePage):
    """What goes out to how many, and the button that sends it, or goes on after a stop."""

    needs = SENDERS

    def get(self, member: Member, number: int) -> ResponseReturnValue:
        return self._show(member, number, "", 200)

    def post(self, member: Member, number: int) -> ResponseReturnValue:
        runtime, version = self.site.runtime, self.version()

        def verb(session: Session) -> None:
            count = send_update(session, member.of_letter, number, version, runtime.clock())
            record(session, self.doing(member), Act.UPDATE_SENT, count=count)

        try:
            runtime.settle(verb)
        except NoSuchUpdate:
            abort(404)
        except Refusal as refusal:
            return self._show(member, number, says(refusal), 409)
        return self.to_update(member, number)

    def _show(self, member: Member, number: int, refusal: str, status: int) -> ResponseReturnValue:
        with self.site.runtime.reading() as session:
            update = self.find(session, member, number)
            subscribers = count_subscribers(session, member.of_letter)
            views = self.views(session, member, update)
            progress = progress_of(session, member.of_letter.id, number)
        return self.answer(
            "organising/updating/send.html",
            member,
            status,
            update=update,
            languages=views,
            subscribers=subscribers.total,
            to_come=progress.to_come,
            ready=subscribers.total > 0 and not missing_texts(update.texts, subscribers),
            refusal=refusal,
        )


class StopUpdate(UpdatePage):
    """Stops sending."""

    def post(self, member: Member, number: int) -> ResponseReturnValue:
        def verb(session: Session) -> None:
            count = stop_update(session, member.of_letter.id, number)
            record(session, self.doing(member), Act.UPDATE_STOPPED, count=count)

        try:
            self.site.runtime.settle(verb)
        except Refusal as refusal:
            return self.refuse(member, says(refusal), 409)
        return self.to_update(member, number)
