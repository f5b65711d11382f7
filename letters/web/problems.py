"""Errors of the JSON resources: problem documents, RFC 9457."""

from __future__ import annotations

import json
from http import HTTPStatus

from flask import Response

_DETAILS = {
    404: "There is nothing at this address. See /api/v1/letters for the letters that are here.",
    405: "This resource can only be read.",
    410: "This letter was taken down.",
    500: "Something went wrong on our side. Please try again later.",
}


def problem(status: int, detail: str | None = None) -> Response:
    """The problem document for a status; `detail` says what happened this time."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail or _DETAILS.get(status, title)}
    return Response(json.dumps(body), status, content_type="application/problem+json")
