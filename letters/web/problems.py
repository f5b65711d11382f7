"""Errors of the JSON resources: problem documents, RFC 9457."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from flask import Response

PROBLEM = "application/problem+json"

_DETAILS = {
    400: "This request is broken. Ask with GET, and percent-encode what is no plain letter or digit.",
    403: "This was sent from another site's page. Ask with GET, which any page may.",
    404: "There is nothing at this address. See /api/v1/letters for the letters that are here.",
    405: "This resource can only be read. Ask with GET.",
    410: "This letter was taken down.",
    413: "That was too much. Ask with GET, without a body.",
    500: "Something went wrong on our side. Please try again later.",
    503: "This site cannot answer just now. Please try again in a minute.",
}


def problem(status: int, detail: str | None = None) -> Response:
    """The problem document for a status, which scripts of any site may read; `detail` says what happened this time."""
    response = Response(json.dumps(problem_body(status, detail)), status, content_type=PROBLEM)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def problem_body(status: int, detail: str | None = None) -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": detail or _DETAILS.get(status, title)}
