"""A draft as a whole: how it begins, what is missing, its secret link, its folder."""

from __future__ import annotations

from io import BytesIO
from typing import ClassVar

from flask import Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from letters.models.teams import Role
from letters.organising.draft import FolderText
from letters.organising.drafting.beginnings import NoFile, blank, copy_of, imported, letters_of
from letters.organising.drafting.drafts import (
    ID_BYTES,
    Stored,
    create,
    discard,
    opened_letter,
    read_draft,
    set_preview,
    title_of,
)
from letters.organising.drafting.parts import languages_of
from letters.organising.drafting.places import places
from letters.organising.drafting.words import file_words
from letters.organising.drafting.zips import zip_answer
from letters.organising.folder import BadFolder, problems_of
from letters.organising.folder_zip import LARGEST_ZIP, unpack
from letters.organising.workspace.access import Access, Member
from letters.organising.workspace.page import DraftPage, TeamPage
from letters.organising.workspace.words import says
from letters.vocabularies.languages import LANGUAGES
from verification.errors import Refusal
from verification.mailbox.tokens import Purpose


class NewDraft(TeamPage):
    """A draft begins blank, from a folder, or as a copy of another letter."""

    needs: ClassVar[Access] = Access(role=Role.EDITOR)
    largest: ClassVar[int] = LARGEST_ZIP + 64 * 1024

    def get(self, member: Member) -> ResponseReturnValue:
        return self._page(member)

    def post(self, member: Member) -> ResponseReturnValue:
        runtime, doing = self.site.runtime, self.doing(member)
        try:
            text = self._text(member)
            draft_id = runtime.settle(lambda session: create(session, doing, text, runtime.chance.token))
        except BadFolder as refusal:
            return self._page(member, file_words(refusal), 422)
        except Refusal as refusal:
            return self._page(member, says(refusal), 422)
        return redirect(url_for("workspace_draft", draft=draft_id.hex()), 303)

    def _text(self, member: Member) -> FolderText:
        """Raises `BadFolder`, `NoFile` or `NotTheirs`."""
        how = request.form.get("how", "")
        if how == "folder":
            file = request.files.get("folder")
            if file is None or not file.filename:
                raise NoFile("Choose the zip file of a letter's folder.")
            return imported(unpack(BytesIO(file.read()), file.filename))
        if how == "copy":
            with self.site.runtime.reading() as session:
                return copy_of(session, member.team_id, request.form.get("letter", ""))
        return blank(g.language)

    def _page(self, member: Member, sentence: str = "", status: int = 200) -> Response:
        with self.site.runtime.reading() as session:
            letters = letters_of(session, member.team_id)
        return self.answer("organising/drafting/new.html", member, status, letters=letters, sentence=sentence)


class WholeDraft(DraftPage):
    """What the pages about a whole draft share."""

    needs: ClassVar[Access] = Access(role=Role.EDITOR)

    def stored(self, member: Member) -> tuple[Stored, str | None]:
        """The draft, and the letter that it became if that has opened."""
        assert member.draft_id is not None, "the page's address names a draft"
        with self.site.runtime.reading() as session:
            stored = read_draft(session, member.draft_id)
            return stored, opened_letter(session, stored, self.site.runtime.clock())


class DraftEditor(WholeDraft):
    """The parts of a draft, and what can be done with it."""

    def get(self, member: Member) -> ResponseReturnValue:
        stored, slug = self.stored(member)
        if slug:
            return redirect(url_for("workspace_change", slug=slug), 303)
        runtime, problems = self.site.runtime, problems_of(stored.text)
        token = runtime.tokens.mint(Purpose.PREVIEW, stored.preview) if stored.preview else ""
        return self.answer(
            "organising/drafting/draft.html",
            member,
            draft=stored.id.hex(),
            title=title_of(stored.text),
            places=places(stored.text, stored.id.hex(), problems),
            missing=len(problems),
            scheduled=stored.letter_id is not None,
            links=[
                (LANGUAGES[code], self.site.url(url_for("preview", token=token, language=code)))
                for code in languages_of(stored.text)
                if token and code in runtime.settings.languages
            ],
        )


class DraftPreviewLink(WholeDraft):
    """The secret link under embargo: made, made anew, or taken back."""

    def get(self, member: Member) -> ResponseReturnValue:
        return redirect(url_for("workspace_draft", draft=self.stored(member)[0].id.hex()), 303)

    def post(self, member: Member) -> ResponseReturnValue:
        runtime, draft_id = self.site.runtime, self.stored(member)[0].id
        handle = None if request.form.get("link") == "withdraw" else runtime.chance.token(ID_BYTES)
        runtime.settle(lambda session: set_preview(session, draft_id, handle))
        return redirect(url_for("workspace_draft", draft=draft_id.hex(), _anchor="link"), 303)


class DraftFolder(WholeDraft):
    """The draft as its folder, in a zip."""

    def get(self, member: Member) -> ResponseReturnValue:
        text = self.stored(member)[0].text
        return zip_answer(text, self.site.runtime.clock().date())


class DiscardDraft(WholeDraft):
    """Deleting a draft, after a tick."""

    needs_post: ClassVar[Access | None] = Access(role=Role.EDITOR, strong=True)

    def get(self, member: Member) -> ResponseReturnValue:
        return self._page(member)

    def post(self, member: Member) -> ResponseReturnValue:
        if "sure" not in request.form:
            return self._page(member, 422)
        doing, draft_id = self.doing(member), self.stored(member)[0].id
        try:
            self.site.runtime.settle(lambda session: discard(session, doing, draft_id))
        except Refusal as refusal:
            return self.refuse(member, says(refusal), 409)
        return redirect(url_for("workspace_home"), 303)

    def _page(self, member: Member, status: int = 200) -> Response:
        stored, _slug = self.stored(member)
        return self.answer(
            "organising/drafting/discard.html",
            member,
            status,
            draft=stored.id.hex(),
            title=title_of(stored.text),
            unsure=status == 422,
        )
