"""The secret link under embargo: whoever has it reads the letter before it opens. No cookie, and nothing is kept."""

from __future__ import annotations

from flask import abort, g, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from letters.models.drafts import DraftRow
from letters.organising.drafting.drafts import Stored, opened_letter, read_draft
from letters.organising.drafting.parts import languages_of
from letters.organising.drafting.showing import show_letter
from letters.web.headers import personal
from letters.web.locale import speak, switch
from letters.web.site import SitePage
from verification.mailbox.tokens import Purpose, TokenDamaged, TokenForeign


class PreviewPage(SitePage):
    """The letter as it will look; once it is open, the letter. 404 when the link was renewed or taken back."""

    def get(self, token: str) -> ResponseReturnValue:
        stored, slug = self._behind(token)
        if slug:
            return redirect(url_for("letter", slug=slug), 303)
        offered = self.site.runtime.settings.languages
        spoken = tuple(code for code in languages_of(stored.text) if code in offered) or offered
        speak(spoken)
        return personal(show_letter(self.site, stored.text, g.language, switch=switch(spoken), back=""))

    def _behind(self, token: str) -> tuple[Stored, str | None]:
        try:
            handle = self.site.runtime.tokens.read(Purpose.PREVIEW, token)
        except (TokenDamaged, TokenForeign):
            abort(404)
        with self.site.runtime.reading() as session:
            draft_id = session.scalar(select(DraftRow.id).where(DraftRow.preview == handle))
            if draft_id is None:
                abort(404)
            stored = read_draft(session, draft_id)
            return stored, opened_letter(session, stored, self.site.runtime.clock())
