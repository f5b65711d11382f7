"""What organisers may still change in a letter that has opened, and how it is paused, closed and archived."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from letters.models.drafts import DraftRow
from letters.models.letters import LetterRow, LetterState
from letters.models.teams import Role
from letters.models.values import Letter
from letters.organising.draft import FolderText
from letters.organising.drafting.changing import Changed, change_letter
from letters.organising.drafting.drafts import Overtaken
from letters.organising.drafting.open_pages import letter_url, mails
from letters.organising.drafting.part_page import PartPage
from letters.organising.drafting.parts import Part, PrivacyPart
from letters.organising.drafting.places import part_words
from letters.organising.drafting.public_parts import ClosingPart, CorrectionPart, DeliveryPart, PeoplePart
from letters.organising.drafting.zips import zip_answer
from letters.organising.folder import BadFolder, folder_text
from letters.organising.stored import stored_draft
from letters.organising.workspace.access import Access, Member
from letters.organising.workspace.page import LetterPage
from letters.organising.workspace.words import says
from letters.vocabularies.languages import LANGUAGES
from letters.web.locale import locale_of
from letters.web.markdown import to_html
from verification.errors import Refusal

UNTOLD = (Changed.PEOPLE, Changed.PRIVACY)
"""Changes that readers see nothing of unless a correction says it."""


CHANGEABLE = ("correction", "closing", "people", "delivery", "addresses")
"""The parts of an open letter, but for the privacy notice in each language."""


class ChangePage(LetterPage):
    """What can be done with the letter, by its state."""

    needs: ClassVar[Access] = Access(role=Role.EDITOR)

    def get(self, member: Member) -> ResponseReturnValue:
        letter = member.of_letter
        with self.site.runtime.reading() as session:
            draft_id = session.scalar(select(DraftRow.id).where(DraftRow.letter_id == letter.id))
        done = request.args.get("done", "")
        return self.answer(
            "organising/drafting/change.html",
            member,
            letter=letter,
            title=letter.texts[letter.languages[0]].title,
            state=self.site.state(letter),
            draft=draft_id.hex() if draft_id else "",
            address=letter_url(self.site, letter.slug),
            languages=[LANGUAGES[code] for code in letter.languages],
            mails=[(LANGUAGES[mail.spoken], mail) for mail in mails(self.site, letter)],
            parts=[(part_words(name), f"workspace_change_{name}") for name in CHANGEABLE],
            done=done,
            untold=done in UNTOLD,
        )


class OpenPart(PartPage, LetterPage):
    """One part of an open letter."""

    needs: ClassVar[Access] = Access(role=Role.EDITOR)
    done: ClassVar[str] = "changed"

    def get(self, member: Member, spoken: str = "") -> ResponseReturnValue:
        if self.site.state(member.of_letter) in (LetterState.DRAFT, LetterState.SCHEDULED):
            return redirect(url_for("workspace_change", slug=member.of_letter.slug), 303)
        text = self.text(member)
        part = self.shown(text, spoken)
        return self.page(member, text, self.begun(member, part), seen=part.seen)

    def post(self, member: Member, spoken: str = "") -> ResponseReturnValue:
        text = self.text(member)
        part, seen = self.typed(text, spoken), request.form.get("seen", "")
        if "preview" in request.form or "more" in request.form:
            return self.page(member, text, part, seen=seen)
        runtime, doing, slug = self.site.runtime, self.doing(member), member.of_letter.slug
        folders = runtime.settings.vocabularies
        try:
            runtime.settle(lambda session: change_letter(session, doing, slug, part, seen, folders))
        except Overtaken as refusal:
            theirs: Part = refusal.theirs
            return self.page(member, text, part, seen=theirs.seen, status=409, theirs=theirs)
        except BadFolder as refusal:
            errors = self.errors(text, part)
            return self.page(member, text, part, seen=seen, status=422, errors=errors, sentence=says(refusal))
        except Refusal as refusal:
            return self.page(member, text, part, seen=seen, status=422, sentence=says(refusal))
        return redirect(url_for("workspace_change", slug=slug, done=self.done), 303)

    def text(self, member: Member) -> FolderText:
        """The letter as its folder says it."""
        with self.site.runtime.reading() as session:
            return folder_text(stored_draft(session, session.get_one(LetterRow, member.of_letter.id)))

    def begun(self, member: Member, part: Part) -> Part:
        """The part as the form shows it."""
        return part

    def more(self, member: Member, text: FolderText, part: Part) -> dict[str, Any]:
        back = url_for("workspace_change", slug=member.of_letter.slug)
        return {"places": [], "back": back, "public": True, "by": "", **self.extras(member.of_letter, part)}

    def extras(self, letter: Letter, part: Any) -> dict[str, Any]:
        """What only this part's template shows."""
        return {}


class CorrectionFields(OpenPart):
    """One more dated correction, below those that readers have seen."""

    part, name, done = CorrectionPart, "correction", "corrected"

    def begun(self, member: Member, part: Part) -> Part:
        assert isinstance(part, CorrectionPart)
        texts = {code: _proposed(request.args.get("about", ""), code) for code in part.text}
        return replace(part, on=self.site.runtime.clock().date().isoformat(), text=texts)

    def extras(self, letter: Letter, part: Any) -> dict[str, Any]:
        return {"told": letter.corrections, "first": letter.languages[0], "preview": "preview" in request.form}


class ClosingFields(OpenPart):
    """When it closes, and the goal."""

    part, name = ClosingPart, "closing"

    def extras(self, letter: Letter, part: Any) -> dict[str, Any]:
        return {"letter": letter}


class PeopleChanges(OpenPart):
    """Who is responsible, and who signed first."""

    part, name, done = PeoplePart, "people", Changed.PEOPLE.value

    def extras(self, letter: Letter, part: Any) -> dict[str, Any]:
        return {"rows": len(part.people) + 2}


class PrivacyChanges(OpenPart):
    """The privacy notice in one language."""

    part, name, done = PrivacyPart, "privacy", Changed.PRIVACY.value

    def extras(self, letter: Letter, part: Any) -> dict[str, Any]:
        return {"preview": to_html(part.notice), "proposed": False}


class DeliveryFields(OpenPart):
    """The day of delivery, and the answer."""

    part, name, done = DeliveryPart, "delivery", "delivered"


class LetterFolder(LetterPage):
    """The letter as its folder, in a zip."""

    needs: ClassVar[Access] = Access(role=Role.EDITOR)

    def get(self, member: Member) -> ResponseReturnValue:
        with self.site.runtime.reading() as session:
            text = folder_text(stored_draft(session, session.get_one(LetterRow, member.of_letter.id)))
        return zip_answer(text, self.site.runtime.clock().date())


def _proposed(about: str, spoken: str) -> str:
    """A correction that tells readers of a change, in their language."""
    with force_locale(locale_of(spoken)):
        if about == Changed.PRIVACY:
            return str(_("The privacy notice of this letter was changed."))
        if about == Changed.PEOPLE:
            return str(_("Who is responsible for this letter, or who signed it first, was changed."))
    return ""
