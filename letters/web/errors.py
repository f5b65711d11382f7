"""Error pages: a sentence on what was wrong and what to do. A failure is logged by where, never by what.

A failure has a random number, which its line in the log, its page and its `X-Request-Id` share: whoever met it can tell
it to the host. What a browser or a proxy sends under that name is not looked at.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Callable

import structlog
from flask import Flask, Response, current_app, g, render_template, request
from flask_babel import lazy_gettext as _
from werkzeug.exceptions import HTTPException

from letters.models.finding import NoSuchLetter
from letters.models.values import TakenDown
from letters.runtime import SILENT
from letters.web.headers import personal
from letters.web.locale import spoken_instead
from letters.web.logs import where
from letters.web.problems import problem

log = structlog.get_logger()

_SAID = {
    400: (_("This request is incomplete"), _("Go back, reload the page and try once more.")),
    403: (_("This form was sent from another site"), _("Open the letter here and fill in the form on its own page.")),
    404: (_("There is no page here"), _("Check the address, or start from the list of letters.")),
    405: (_("This page cannot be used that way"), _("Open it as an ordinary page.")),
    413: (_("That was too much text"), _("Go back, shorten what you wrote and send it once more.")),
    503: (_("This site cannot answer just now"), _("Nothing is lost. Wait a minute and try once more.")),
}
_NOT_SPOKEN = (_("This site does not speak that language"), _("The same page in a language that it speaks:"))
_UNKNOWN = (_("Something went wrong on our side"), _("Nothing was stored. Please try again in a few minutes."))


def init_errors(app: Flask, token: Callable[[int], bytes]) -> None:
    """Answer what fails with a page; `token` makes random bytes."""
    app.extensions[__name__] = token
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(NoSuchLetter, lambda _error: _page(404))
    app.register_error_handler(TakenDown, _taken_down)
    for silent in SILENT:
        app.register_error_handler(silent, _busy)
    app.register_error_handler(Exception, _failure)
    app.after_request(_number)


def log_failure(error: BaseException) -> None:
    """Log what failed by its kind and place, under a number that page (`g.failure`) and header share."""
    made = b32encode(current_app.extensions[__name__](5)).decode()
    g.failure = f"{made[:4]}-{made[4:]}"
    rule = request.url_rule.rule if request.url_rule else None
    log.error("request failed", request=g.failure, error=type(error).__name__, rule=rule, where=where(error))


def _number(response: Response) -> Response:
    if "failure" in g:
        response.headers["X-Request-Id"] = g.failure
    return response


def _http(error: HTTPException) -> Response:
    response = _page(error.code or 500)
    if error.code == 405 and error.get_headers():
        response.headers.extend({name: value for name, value in error.get_headers() if name == "Allow"})
    return response


def _taken_down(error: TakenDown) -> Response:
    """410 and the host's reason; RFC 7725's 451 would claim a legal demand."""
    if request.path.startswith("/api/"):
        return problem(410, f"The host of this site took the letter down: {error.reason}")
    return personal(render_template("reading/taken_down.html", reason=error.reason), 410)


def _busy(error: Exception) -> Response:
    """The database is away, or all its connections are taken."""
    log_failure(error.__cause__ or error)
    response = _page(503)
    response.headers["Retry-After"] = "60"
    return response


def _failure(error: Exception) -> Response:
    log_failure(error)
    return _page(500)


def _page(status: int) -> Response:
    if request.path.startswith("/api/"):
        return problem(status)
    g.setdefault("prefix", None)
    choices = spoken_instead() if status == 404 else []
    title, advice = _NOT_SPOKEN if choices else _SAID.get(status, _UNKNOWN)
    said = {"title": title, "paragraphs": [advice], "kind": "warning", "choices": choices}
    return personal(render_template("message.html", **said), status)
