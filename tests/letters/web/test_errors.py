"""Error pages: what was wrong and what to do, in the reader's language; a failure tells where, never what."""

import json
import re

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from letters.app import create_app
from letters.runtime import Busy
from tests.letters.signing.asking import show
from tests.parts.campaign import Campaign

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

MARKER = "marker-of-what-was-handled"


@pytest.mark.parametrize("language", ["ru", "be", "en"])
def test_a_page_that_is_not_there_says_so(campaign: Campaign, language: str) -> None:
    answer = campaign.client.get("/nowhere", headers={"Accept-Language": language})
    shown = show(answer)
    assert (answer.status_code, shown.language) == (404, language)
    assert "/" in shown.links


@pytest.mark.parametrize(
    "path", ["/letters/none", "/en/letters/none/count", "/letters/none/badge.svg", "/static/none.css"]
)
def test_what_is_not_there_is_a_404(campaign: Campaign, path: str) -> None:
    assert campaign.client.get(path).status_code == 404


def test_a_draft_is_not_there(campaign: Campaign) -> None:
    with campaign.runtime.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE letters SET state = 'draft', revision = revision + 1")
    for path in ("", "/count", "/signatories", "/check-mail", "/badge.svg", "/sign"):
        assert campaign.client.get(f"/en/letters/{campaign.slug}{path}").status_code == 404
    assert campaign.slug not in campaign.client.get("/en/").text


@pytest.fixture
def failing(campaign: Campaign) -> Flask:
    """The same pages, and two more that fail."""
    app = create_app(campaign.runtime)

    def fail() -> str:
        raise RuntimeError(MARKER)

    app.add_url_rule("/fail", "fail", fail)
    app.add_url_rule("/api/v1/fail", "api_fail", fail)
    app.add_url_rule("/away", "away", away)
    return app


def away() -> str:
    raise Busy("The database is away.") from OperationalError("SELECT 1", None, OSError(MARKER), hide_parameters=True)


def test_a_failure_is_a_page_and_tells_nobody_what_was_handled(
    failing: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = failing.test_client().get("/fail?secret=marker-in-the-query", headers={"Accept-Language": "en"})
    said = "".join(capsys.readouterr())
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "RuntimeError" in said
    assert "test_errors.py" in said
    assert "marker" not in said + answer.text


def test_a_failure_of_the_api_is_a_problem_document(failing: Flask) -> None:
    answer = failing.test_client().get("/api/v1/fail")
    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert answer.json["status"] == 500
    assert MARKER not in answer.text


@pytest.mark.parametrize(
    ("path", "status", "kind"), [("/fail", 500, "RuntimeError"), ("/away", 503, "OperationalError")]
)
@pytest.mark.parametrize("language", ["ru", "be", "en"])
def test_a_failure_has_one_number_on_its_page_in_its_header_and_in_its_line(
    failing: Flask, path: str, status: int, kind: str, language: str
) -> None:
    with capture_logs() as lines:
        answer = failing.test_client().get(path, headers={"Accept-Language": language})
    (line,) = lines
    assert (answer.status_code, line["error"], line["rule"]) == (status, kind, path)
    assert re.fullmatch(r"[A-Z2-7]{4}-[A-Z2-7]{4}", line["request"])
    assert answer.headers["X-Request-Id"] == line["request"]
    assert f"<strong>{line['request']}</strong>" in answer.text
    assert MARKER not in json.dumps(lines) + answer.text


def test_numbers_are_drawn_anew_and_never_taken_from_a_proxy(failing: Flask) -> None:
    headers = {"X-Request-Id": "FROM-ELSEWHERE", "X-Correlation-Id": "FROM-ELSEWHERE"}
    with capture_logs() as lines:
        answers = [failing.test_client().get("/fail", headers=headers) for _ in range(3)]
    numbers = {line["request"] for line in lines}
    assert len(numbers) == 3
    assert {answer.headers["X-Request-Id"] for answer in answers} == numbers
    assert "FROM-ELSEWHERE" not in str(lines) + "".join(answer.text + str(answer.headers) for answer in answers)


@pytest.mark.parametrize("path", ["/", "/nowhere", "/healthz", "/confirm/none"])
def test_what_did_not_fail_has_no_number(failing: Flask, path: str) -> None:
    answer = failing.test_client().get(path, headers={"X-Request-Id": "FROM-ELSEWHERE"})
    assert "X-Request-Id" not in answer.headers


def test_a_failure_of_the_api_has_its_number_in_the_header(failing: Flask) -> None:
    with capture_logs() as lines:
        answer = failing.test_client().get("/api/v1/fail")
    assert answer.headers["X-Request-Id"] == lines[0]["request"]
