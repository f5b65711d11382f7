"""What the pages about one update share."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from letters.models.teams import Role
from letters.organising.updating.subscribers import count_subscribers
from letters.organising.updating.views import LanguageView, language_views
from letters.organising.updating.writing import NoSuchUpdate, Update, find_update
from letters.organising.workspace.access import Access, Member
from letters.organising.workspace.page import LetterPage
from letters.signing.update_mail import UpdateText, write_update

EDITORS = Access(role=Role.EDITOR)
SENDERS = Access(role=Role.EDITOR, strong=True)


class UpdatePage(LetterPage):
    """A page about one update; its methods get the number."""

    needs = EDITORS

    def find(self, session: Session, member: Member, number: int) -> Update:
        try:
            return find_update(session, member.of_letter.id, number)
        except NoSuchUpdate:
            abort(404)

    def version(self) -> int:
        """The version that the form was made from; none is 0."""
        return request.form.get("version", 0, int)

    def views(
        self,
        session: Session,
        member: Member,
        update: Update,
        typed: Mapping[str, UpdateText] | None = None,
        errors: Mapping[str, str] | None = None,
    ) -> list[LanguageView]:
        link = f"{self.site.runtime.settings.base_url}/unsubscribe/…"

        def write(language: str, text: UpdateText) -> tuple[str, str]:
            return write_update(current_app.jinja_env, language, text, link)

        subscribers = count_subscribers(session, member.of_letter)
        return language_views(member.of_letter, update.texts, subscribers, write, typed, errors)

    def to_update(self, member: Member, number: int, saved: str | None = None) -> ResponseReturnValue:
        return redirect(url_for("workspace_update", slug=member.of_letter.slug, number=number, saved=saved), 303)
