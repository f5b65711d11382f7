"""What the pages of all parts of a draft have in common: showing, saving, and telling of a colleague's change."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import redirect as redirected
from flask import request, url_for
from flask.typing import ResponseReturnValue

from letters.models.teams import Role
from letters.organising.accounts.profiles import find_account
from letters.organising.draft import FolderText
from letters.organising.drafting.drafts import (
    HasOpened,
    Overtaken,
    Stored,
    TooLong,
    opened_letter,
    read_draft,
    save_part,
)
from letters.organising.drafting.part_page import PartPage
from letters.organising.drafting.parts import Part
from letters.organising.drafting.places import Place, places
from letters.organising.folder import problems_of
from letters.organising.workspace.access import Access, Member
from letters.organising.workspace.page import DraftPage
from letters.organising.workspace.words import says
from verification.errors import Refusal


class DraftPart(PartPage, DraftPage):
    """One part of a draft. What is missing never keeps it from being saved."""

    needs: ClassVar[Access] = Access(role=Role.EDITOR)

    def get(self, member: Member, spoken: str = "") -> ResponseReturnValue:
        stored, slug = self.stored(member)
        if slug:
            return redirected(url_for("workspace_change", slug=slug), 303)
        part = self.shown(stored.text, spoken)
        errors = self.errors(stored.text, part) if "check" in request.args else {}
        return self.page(member, stored.text, self.begun(stored.text, part), seen=part.seen, errors=errors)

    def post(self, member: Member, spoken: str = "") -> ResponseReturnValue:
        stored, _slug = self.stored(member)
        text, part, seen = stored.text, self.typed(stored.text, spoken), request.form.get("seen", "")
        if "preview" in request.form:
            return self.page(member, text, part, seen=seen)
        doing, draft_id = self.doing(member), stored.id
        try:
            saved = self.site.runtime.settle(lambda session: save_part(session, doing, draft_id, part, seen))
        except Overtaken as refusal:
            return self.overtaken(member, text, part, refusal)
        except (TooLong, HasOpened) as refusal:
            return self.page(member, text, part, seen=seen, status=422, sentence=says(refusal))
        return redirected(self.next(saved, part), 303)

    def stored(self, member: Member) -> tuple[Stored, str | None]:
        """The draft, and the letter that it became if that has opened."""
        assert member.draft_id is not None, "the page's address names a draft"
        with self.site.runtime.reading() as session:
            stored = read_draft(session, member.draft_id)
            return stored, opened_letter(session, stored, self.site.runtime.clock())

    def begun(self, text: FolderText, part: Part) -> Part:
        """The part as the form shows it; not what is stored where the form proposes something."""
        return part

    def overtaken(self, member: Member, text: FolderText, part: Part, refusal: Overtaken[Part]) -> ResponseReturnValue:
        """Both versions: what was typed in the form, the colleague's beside it."""
        return self.page(
            member,
            text,
            part,
            seen=refusal.theirs.seen,
            status=409,
            theirs=refusal.theirs,
            by=self.last_writer(member),
        )

    def last_writer(self, member: Member) -> str:
        """The colleague's name, empty if the account is gone."""
        runtime, stored = self.site.runtime, self.stored(member)[0]
        try:
            with runtime.reading() as session:
                return find_account(session, runtime.keyring, stored.changed_by).profile.name
        except Refusal:
            return ""

    def next(self, saved: Stored, part: Part) -> str:
        """The next part's page, or this one again, with what is missing."""
        pages = [place.url for place in self.places(saved.text, saved.id)]
        if "more" in request.form:
            return f"{request.path}#more"
        if "stay" in request.form or request.path not in pages:
            return f"{request.path}?check=1"
        following = pages[pages.index(request.path) + 1 :]
        return following[0] if following else url_for("workspace_draft", draft=saved.id.hex())

    def places(self, text: FolderText, draft_id: bytes) -> list[Place]:
        return places(text, draft_id.hex(), problems_of(text))

    def more(self, member: Member, text: FolderText, part: Part) -> dict[str, Any]:
        assert member.draft_id is not None, "the page's address names a draft"
        return {
            "places": self.places(text, member.draft_id),
            "back": url_for("workspace_draft", draft=member.draft_id.hex()),
            "public": False,
            **self.extras(member, text, part),
        }

    def extras(self, member: Member, text: FolderText, part: Any) -> dict[str, Any]:
        """What only this part's template shows."""
        return {}
