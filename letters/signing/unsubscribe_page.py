"""The page behind an update's private link: it ends the subscription, by its button or by a mailbox's one click."""

from __future__ import annotations

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from letters.signing.later import LinkPage
from letters.signing.unsubscribing import is_subscribed, unsubscribe
from letters.web.headers import personal
from verification.mailbox.tokens import Purpose


class Unsubscribe(LinkPage):
    """GET shows, POST ends; once ended both say so, as often as they are asked.

    The token alone says who may, so posts from everywhere are taken: `FROM_ANYWHERE` in the guards names this page.
    """

    def get(self, token: str) -> ResponseReturnValue:
        runtime = self.site.runtime
        handle = runtime.tokens.read(Purpose.UNSUBSCRIBE, token)
        with runtime.reading_soon() as session:
            return _page(ended=not is_subscribed(session, handle))

    def post(self, token: str) -> ResponseReturnValue:
        runtime = self.site.runtime
        handle = runtime.tokens.read(Purpose.UNSUBSCRIBE, token)
        runtime.settle_soon(lambda session: unsubscribe(session, handle))
        if request.form.get("List-Unsubscribe") == "One-Click":
            return _page(ended=True)  # whoever clicks for a subscriber follows no redirect (RFC 8058, section 3.1)
        return redirect(url_for("unsubscribe", token=token), 303)


def _page(*, ended: bool) -> Response:
    return personal(render_template("signing/unsubscribe.html", ended=ended))
