"""What this site knows about whom: the retention table in words."""

from __future__ import annotations

from flask import g, render_template, url_for
from flask.typing import ResponseReturnValue

from letters.models.retention import KEPT
from letters.web.locale import switch
from letters.web.site import SitePage


class Knows(SitePage):
    """Everything that is kept, why, until when, and what ends it; nothing here depends on who asks."""

    def get(self) -> ResponseReturnValue:
        return self.site.pages.answer(("knows", g.language, g.prefix), self._render)

    def _render(self) -> str:
        return render_template(
            "reading/knows.html",
            kept=KEPT,
            switch=switch(self.site.runtime.settings.languages),
            page_url=self.site.url(url_for("knows")),
        )
