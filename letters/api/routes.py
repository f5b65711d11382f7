"""The resources at their addresses, their description, and the page that shows it to people."""

from __future__ import annotations

from flask import Flask, Response, request

from letters.api.described import Described, Resources, answering, described, parameters
from letters.api.pages import RESOURCES, OpenApi
from letters.api.reference import Reference
from letters.api.refusals import NoSuchEdition, NoSuchPage, Unreadable
from letters.web.locale import add_public
from letters.web.problems import problem
from letters.web.site import Site

ROOT = "/api/v1"


def add_api(app: Flask, site: Site) -> None:
    """Serve all of it."""
    settings = site.runtime.settings
    api = Described(app, settings.base_url)
    resources = Resources("api", __name__, url_prefix=ROOT, description="All that can be read.")
    for resource in RESOURCES:
        view = described(resources, resource, site)
        resources.add_url_rule(resource.rule, resource.__name__.lower(), view, parameters=parameters(resource.rule))
    openapi = OpenApi.as_view("openapi", site, api.spec)
    resources.add_url_rule(OpenApi.rule, "openapi", answering(resources, openapi, {"type": "object"}, None))
    resources.after_request(_open_to_all)
    for refusal, status in ((Unreadable, 422), (NoSuchPage, 404), (NoSuchEdition, 404)):
        resources.register_error_handler(refusal, lambda error, status=status: problem(status, str(error)))
    api.register_blueprint(resources)
    add_public(app, settings, f"{ROOT}/", "api_reference", Reference.as_view("api_reference", site, api.spec))


def _open_to_all(response: Response) -> Response:
    """Scripts of any site may read it (Fetch standard, CORS protocol)."""
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = "*"
    headers["Access-Control-Expose-Headers"] = "ETag"
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        headers["Access-Control-Allow-Headers"] = "If-None-Match"
        headers["Access-Control-Max-Age"] = "86400"
    return response
