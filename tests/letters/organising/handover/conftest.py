"""A letter whose paper can be made in any language, as its pages stand."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from letters.organising.handover.paper import Paper
from letters.organising.handover.paper_of import paper_of
from letters.runtime import Runtime
from letters.web.locale import locale_of
from letters.web.site import Site
from tests.letters.publishing.crowd import Crowd, open_crowd

MakePaper = Callable[..., Paper]


@pytest.fixture
def crowd(runtime: Runtime, request: pytest.FixtureRequest) -> Crowd:
    """An open letter that shows every cell; the one that speaks every language where a test names one."""
    if "language" in request.fixturenames:
        return open_crowd(runtime, demo="safe-staffing", countries=("BY",))
    return open_crowd(runtime)


@pytest.fixture
def reader(app: Flask) -> FlaskClient:
    """Somebody who looks at the public pages."""
    return app.test_client()


@pytest.fixture
def make_paper(runtime: Runtime, app: Flask, crowd: Crowd) -> MakePaper:
    """Make the paper of the crowd's letter: in a language, of another letter value, with reported figures."""
    site = Site.of(runtime)

    def make(language: str = "en", **given: Any) -> Paper:
        letter = given.get("letter", crowd.letter)
        with app.app_context(), force_locale(locale_of(language)), runtime.reading() as session:
            return paper_of(site, session, letter, language, given.get("reported"))

    return make
