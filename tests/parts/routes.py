"""Remembers which routes have answered the tests of a run; one of all tests fails when any has not.

Where several processes share the tests (pytest-xdist), each tells the one that began them what it has seen.
"""

from __future__ import annotations

from typing import Any

import flask
import pytest

from letters.app import create_app
from letters.runtime import Runtime
from letters.settings import Settings

Route = tuple[str, str]
"""Method and endpoint."""

OF_COURSE = {"HEAD", "OPTIONS"}
VISITED: set[Route] = set()


def unvisited(visited: set[Route]) -> list[Route]:
    """The routes of the application, the demo's own among them, that are not there."""
    app = create_app(Runtime.start(Settings.read({"UNDERSIGNED_DATABASE_URL": "sqlite:///never-opened.db"})))
    known = {
        (method, rule.endpoint) for rule in app.url_map.iter_rules() for method in (rule.methods or set()) - OF_COURSE
    }
    return sorted(known - visited)


def pytest_configure() -> None:
    flask.request_finished.connect(_remember)


def pytest_unconfigure() -> None:
    flask.request_finished.disconnect(_remember)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    VISITED.update(map(tuple, getattr(node, "workeroutput", {}).get("visited", ())))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["visited"] = sorted(VISITED)
    elif ran_everything(session.config) and not session.exitstatus and unvisited(VISITED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if ran_everything(config) and (missing := unvisited(VISITED)):
        terminalreporter.section("no test has asked for", red=True)
        terminalreporter.write_line(", ".join(f"{method} {endpoint}" for method, endpoint in missing))


def ran_everything(config: pytest.Config) -> bool:
    given = vars(config.option)
    partial = ("file_or_dir", "keyword", "markexpr", "deselect", "lf", "collectonly", "ignore")
    return not any(given.get(name) for name in partial)


def _remember(_app: flask.Flask, response: flask.Response) -> None:
    if flask.request.url_rule is not None and response.status_code < 400:
        VISITED.add((flask.request.method, flask.request.url_rule.endpoint))
