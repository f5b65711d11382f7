"""What the resources are described by (OpenAPI 3.1): the schemas that write their answers, and what they may refuse.

Of flask-smorest comes the description. Errors, bytes and their ETags are the site's own, for pages and JSON alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from http import HTTPStatus
from typing import Any

from flask import Flask, Response
from flask_smorest import Api
from flask_smorest.blueprint import Blueprint
from marshmallow import Schema

from letters.api.examples import EXAMPLES, LETTER, WRONG_PAGE
from letters.api.resource import JSON, Resource, written
from letters.api.schemas.problems import ProblemSchema
from letters.web.problems import PROBLEM, problem_body
from letters.web.site import Site, SitePage

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


class Description:
    """What the resources are described by.

    It is made when somebody first asks, on an application of its own that answers nobody: making it takes as long as
    everything else that an application begins with.
    """

    def __init__(self, site: Site, root: str, resources: Sequence[type[Resource]]) -> None:
        self._site = site
        self._root = root
        self._resources = resources

    @cached_property
    def body(self) -> Mapping[str, Any]:
        """The document."""
        settings = self._site.runtime.settings
        api = _Described(Flask(__name__), settings.base_url)
        paths = Blueprint("api", __name__, url_prefix=self._root, description="All that can be read.")
        for resource in self._resources:
            view = _described(paths, resource, self._site)
            paths.add_url_rule(resource.rule, resource.__name__, view, parameters=_parameters(resource.rule))
        itself = OpenApi.as_view("openapi", self._site, self)
        paths.add_url_rule(OpenApi.rule, "openapi", _answering(paths, itself, {"type": "object"}, None))
        api.register_blueprint(paths)
        return api.spec.to_dict()


class OpenApi(SitePage):
    """This description, for programs."""

    rule = "/openapi.json"

    def __init__(self, site: Site, description: Description) -> None:
        super().__init__(site)
        self.description = description

    def get(self) -> Response:
        return self.site.pages.answer(("api", self.rule), lambda: written(self.description.body), JSON)


class _Described(Api):
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


def _described(paths: Blueprint, resource: type[Resource], site: Site) -> Any:
    view = resource.as_view(resource.__name__, site)
    view = paths.doc(operationId=f"read{resource.__name__}")(view)
    view = paths.arguments(resource.query(site.runtime.settings.languages), location="query")(view)
    of_a_letter = "<slug>" in resource.rule
    refused = [*([404] if of_a_letter or resource.paged else []), *([410] if of_a_letter else [])]
    return _answering(paths, view, resource.schema, EXAMPLES[resource.__name__], refused)


def _answering(
    paths: Blueprint, view: Any, schema: Schema | dict[str, str], example: Any, refused: Sequence[int] = ()
) -> Any:
    headers = {"ETag": {"description": "For `If-None-Match`.", "schema": {"type": "string"}}}
    view = paths.response(200, schema, description="What was asked for.", example=example, headers=headers)(view)
    view = paths.alt_response(304, description="Nothing has changed since the answer that you have.")(view)
    for status in (*refused, 405, 500, 503):
        view = paths.alt_response(status, HTTPStatus(status).name)(view)
    return view


def _parameters(rule: str) -> list[dict[str, Any]]:
    places = [{"in": "path", "name": name, **says} for name, says in _PLACES.items() if f"<{name}>" in rule]
    headers = [
        {"in": "header", "name": name, "description": says, "schema": {"type": "string"}} for name, says in _HEADERS
    ]
    return places + headers
