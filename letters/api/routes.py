"""The resources at their addresses, their description, and the page that shows it to people."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, request

from letters.api.asking import Reader
from letters.api.described import Description, OpenApi
from letters.api.pages import RESOURCES
from letters.api.reference import Reference
from letters.api.refusals import NoSuchEdition, NoSuchPage, Unreadable
from letters.web.locale import add_public
from letters.web.problems import problem
from letters.web.site import Site

ROOT = "/api/v1"


def add_api(app: Flask, site: Site) -> None:
    """Serve all of it."""
    settings, reader = site.runtime.settings, Reader()
    api = Blueprint("api", __name__, url_prefix=ROOT)
    for resource in RESOURCES:
        asked = reader.use_kwargs(resource.query(settings.languages), location="query")
        view = asked(resource.as_view(resource.__name__, site))
        api.add_url_rule(resource.rule, resource.__name__.lower(), view)
    description = Description(site, ROOT, RESOURCES)
    api.add_url_rule(OpenApi.rule, "openapi", OpenApi.as_view("openapi", site, description))
    api.after_request(_open_to_all)
    for refusal, status in ((Unreadable, 422), (NoSuchPage, 404), (NoSuchEdition, 404)):
        api.register_error_handler(refusal, lambda error, status=status: problem(status, str(error)))
    app.register_blueprint(api)
    add_public(app, settings, f"{ROOT}/", "api_reference", Reference.as_view("api_reference", site, description))


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
