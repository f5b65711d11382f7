"""What a signer sees while the database has too much to do, or is away: everything typed, and to press again."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from letters.models.values import Letter
from letters.runtime import SILENT, Unsure
from letters.signing.form_view import FormView
from letters.web.errors import log_failure
from letters.web.headers import personal
from letters.web.locale import switch
from letters.web.present import letter_view
from letters.web.site import Site, SitePage

WAIT = 30
"""Seconds after which to try again."""


def later_page(site: Site, letter: Letter, language: str, form: FormView, error: Exception) -> Response:
    """The form whole, to be sent once more; it says 503 and when to come back (RFC 9110, section 10.2.3)."""
    log_failure(error.__cause__ or error)
    return _answer(
        render_template(
            "signing/later_form.html",
            letter=letter_view(letter, language, site.state(letter)),
            form=form,
            unsure=isinstance(error, Unsure),
            switch=[],
            turns=switch(site.languages(letter)),
        )
    )


class LinkPage(SitePage):
    """A page behind a mailed link, which stays good: it asks to be opened again when the database does not answer."""

    def dispatch_request(self, **values: Any) -> ResponseReturnValue:
        try:
            return super().dispatch_request(**values)
        except SILENT as error:
            log_failure(error.__cause__ or error)
            lost = request.method == "POST"  # a link to another language would not lead back to the form
            return _answer(render_template("signing/later_link.html", **({"switch": []} if lost else {})))


def _answer(body: str) -> Response:
    response = personal(body, 503)
    response.headers["Retry-After"] = str(WAIT)
    return response
