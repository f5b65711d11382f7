"""What the resources are described by (OpenAPI 3.1): the schemas that write their answers, and what they may refuse.

Of flask-smorest come the description and the reading of queries. Errors, bytes and their ETags are the site's own, for
pages and JSON alike; its handlers for them stay out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Flask
from flask_smorest import Api
from flask_smorest.blueprint import Blueprint
from marshmallow import Schema

from letters.api.asking import Reader, paging, speaking
from letters.api.examples import EXAMPLES, LETTER, WRONG_PAGE
from letters.api.resource import Resource
from letters.api.schemas.problems import ProblemSchema
from letters.web.problems import PROBLEM, problem_body
from letters.web.site import Site

_ABOUT = (
    "What the pages of this site show, for programs: open letters, how many people signed them, and who of these "
    "chose to appear. Everything is read with GET, from any site's page, without a key and without a cookie. "
    "Between two editions every answer is the same bytes: send its `ETag` back in `If-None-Match`, and a 304 says "
    "that nothing has changed. Every error is a problem document (RFC 9457) that says what to do. "
    "Answers may get new fields; pass over those that you do not know."
)
_HEADERS = [
    ("Accept-Language", "The languages you prefer, for labels and titles."),
    ("If-None-Match", "The `ETag` of an answer that you have."),
]
_PROBLEMS = {404: None, 405: None, 410: None, 422: WRONG_PAGE, 500: None, 503: None}
_PLACES: Mapping[str, Mapping[str, Any]] = {
    "slug": {"description": "The letter's name in addresses.", "example": LETTER},
    "number": {
        "description": "The number of the edition, from 1.",
        "schema": {"type": "integer", "minimum": 1},
        "example": 12,
    },
}


class Described(Api):
    """The description of one site's resources."""

    DEFAULT_ERROR_RESPONSE_NAME = ""

    def __init__(self, app: Flask, base_url: str) -> None:
        about = {
            "title": "Undersigned",
            "version": "1",
            "openapi_version": "3.1.0",
            "info": {"description": _ABOUT},
            "servers": [{"url": base_url}],
        }
        super().__init__(app, spec_kwargs=about)

    def _register_error_handlers(self) -> None:
        """None: it would answer the errors of the whole application."""

    def _register_responses(self) -> None:
        """Problem documents, each under the name of its status."""
        for status, detail in _PROBLEMS.items():
            body = problem_body(status, detail)
            content = {PROBLEM: {"schema": ProblemSchema, "example": body}}
            described = {"description": body["title"], "content": content}
            self.spec.components.response(HTTPStatus(status).name, described, lazy=True)

    def _register_pagination_header(self) -> None:
        """None: lists say themselves which page they are."""


class Resources(Blueprint):
    """Resources whose queries are read by `Reader`."""

    ARGUMENTS_PARSER = Reader()


def described(resources: Resources, resource: type[Resource], site: Site) -> Any:
    """The resource's view, which reads its query and knows what it answers."""
    languages = speaking(site.runtime.settings.languages)
    query = Schema.from_dict({**paging(), **languages} if resource.paged else languages)
    view = resource.as_view(resource.__name__, site)
    view = resources.doc(operationId=f"read{resource.__name__}")(view)
    view = resources.arguments(query, location="query", as_kwargs=True)(view)
    of_a_letter = "<slug>" in resource.rule
    refused = [*([404] if of_a_letter or resource.paged else []), *([410] if of_a_letter else [])]
    return answering(resources, view, resource.schema, EXAMPLES[resource.__name__], refused)


def answering(
    resources: Resources, view: Any, schema: Schema | dict[str, str], example: Any, refused: Sequence[int] = ()
) -> Any:
    """The view, which is described as answering by this schema, or refusing with one of these statuses."""
    headers = {"ETag": {"description": "For `If-None-Match`.", "schema": {"type": "string"}}}
    view = resources.response(200, schema, description="What was asked for.", example=example, headers=headers)(view)
    view = resources.alt_response(304, description="Nothing has changed since the answer that you have.")(view)
    for status in (*refused, 405, 500, 503):
        view = resources.alt_response(status, HTTPStatus(status).name)(view)
    return view


def parameters(rule: str) -> list[dict[str, Any]]:
    """What a rule takes in its path, and in headers."""
    places = [{"in": "path", "name": name, **says} for name, says in _PLACES.items() if f"<{name}>" in rule]
    headers = [
        {"in": "header", "name": name, "description": says, "schema": {"type": "string"}} for name, says in _HEADERS
    ]
    return places + headers
