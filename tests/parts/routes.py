"""Remembers which routes have answered the tests of this run; `tests/house/test_routes.py` judges."""

import flask
import pytest

VISITED: set[tuple[str, str]] = set()
LAST = "test_every_route_was_visited"


def pytest_configure() -> None:
    flask.request_finished.connect(_remember)


def pytest_unconfigure() -> None:
    flask.request_finished.disconnect(_remember)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.name.startswith(LAST))


def _remember(_app: flask.Flask, response: flask.Response) -> None:
    if flask.request.url_rule is not None and response.status_code < 400:
        VISITED.add((flask.request.method, flask.request.url_rule.endpoint))
