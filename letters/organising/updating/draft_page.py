"""An update's own page: its editor while it is a draft, afterwards how far sending is."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from letters.models.updates import UpdateState
from letters.organising.updating.sending import progress_of, send_test
from letters.organising.updating.update_page import UpdatePage
from letters.organising.updating.writing import (
    LONGEST_BODY,
    LONGEST_SUBJECT,
    BadText,
    ChangedMeanwhile,
    NoSuchUpdate,
    Update,
    save_update,
)
from letters.organising.workspace.access import Member
from letters.organising.workspace.words import says
from letters.signing.update_mail import UpdateText
from verification.errors import Refusal
from verification.identity.addresses import parse_address


class OneUpdate(UpdatePage):
    """A draft in its editor, or how far sending is; POST saves the draft, then tries it out or goes on to sending."""

    largest = 1 << 20

    def get(self, member: Member, number: int) -> ResponseReturnValue:
        with self.site.runtime.reading() as session:
            update = self.find(session, member, number)
            if update.state is UpdateState.DRAFT:
                return self._edit(session, member, update)
            progress, views = progress_of(session, member.of_letter.id, number), self.views(session, member, update)
        template = "organising/updating/progress.html"
        return self.answer(template, member, update=update, progress=progress, languages=views)

    def post(self, member: Member, number: int) -> ResponseReturnValue:
        runtime, typed, letter_id = self.site.runtime, self._typed(member), member.of_letter.id
        test, version = request.form.get("test"), self.version()

        def verb(session: Session) -> None:
            save_update(session, letter_id, number, version, typed)
            if test:
                address = parse_address(member.session.account.profile.address)
                send_test(session, runtime.keyring, letter_id, number, test, address, runtime.clock())

        try:
            runtime.settle(verb)
        except NoSuchUpdate:
            abort(404)
        except Refusal as refusal:
            return self._come_back(member, number, typed, refusal)
        if "send" in request.form:
            return redirect(url_for("workspace_send_update", slug=member.of_letter.slug, number=number), 303)
        return self.to_update(member, number, saved="test" if test else "1")

    def _come_back(
        self, member: Member, number: int, typed: Mapping[str, UpdateText], refusal: Refusal
    ) -> ResponseReturnValue:
        """The form as it was typed, and why it was not saved."""
        sentence = says(refusal)
        errors = {refusal.field: sentence} if isinstance(refusal, BadText) else {}
        with self.site.runtime.reading() as session:
            update = self.find(session, member, number)
            changed = isinstance(refusal, ChangedMeanwhile)
            return self._edit(session, member, update, typed, errors, sentence, changed=changed)

    def _typed(self, member: Member) -> dict[str, UpdateText]:
        form = request.form
        return {
            language: UpdateText(form.get(f"subject-{language}", ""), form.get(f"body-{language}", ""))
            for language in member.of_letter.languages
        }

    def _edit(
        self,
        session: Session,
        member: Member,
        update: Update,
        typed: Mapping[str, UpdateText] | None = None,
        errors: Mapping[str, str] | None = None,
        refusal: str = "",
        *,
        changed: bool = False,
    ) -> ResponseReturnValue:
        return self.answer(
            "organising/updating/draft.html",
            member,
            409 if changed else 422 if refusal else 200,
            update=update,
            languages=self.views(session, member, update, typed, errors),
            longest=(LONGEST_SUBJECT, LONGEST_BODY),
            sender=self.site.runtime.settings.mail_from,
            saved=request.args.get("saved", ""),
            refusal=refusal,
            changed=changed,
        )
