"""The demo's guided tour: one page with a way for each kind of visitor. Exists only without a mail server."""

from __future__ import annotations

from flask import g, render_template
from flask.typing import ResponseReturnValue

from letters.models.letters import LetterState
from letters.models.values import Letter
from letters.web.locale import switch
from letters.web.present import letter_view
from letters.web.site import SitePage


class Tour(SitePage):
    """Where a reader, a signer, an organiser and an auditor can go, on the letter that opened first."""

    def get(self) -> ResponseReturnValue:
        letter = self._letter()
        about = (letter.slug, letter.revision, letter.number) if letter else ()
        return self.site.pages.answer(("tour", g.language, g.prefix, *about), lambda: self._render(letter))

    def _letter(self) -> Letter | None:
        open_ = [letter for letter in self.site.shelf.letters() if self.site.state(letter) == LetterState.OPEN]
        return open_[-1] if open_ else None

    def _render(self, letter: Letter | None) -> str:
        return render_template(
            "reading/tour.html",
            letter=letter_view(letter, g.language, LetterState.OPEN) if letter else None,
            number=letter.number if letter else 0,
            absolute=self.site.url,
            command=self.site.runtime.settings.command,
            switch=switch(self.site.runtime.settings.languages),
        )
