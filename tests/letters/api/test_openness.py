"""Open to scripts of any site: CORS, conditions, languages, no cookie, and only for reading."""

from datetime import date
from itertools import product

import pytest

from tests.letters.api.asking import PATHS, ask, live, refused
from tests.letters.signing.asking import change_letter
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

ELSEWHERE = {"Origin": "https://news.example"}


@pytest.fixture
def lived(campaign: Campaign, clock: Clock) -> Campaign:
    live(campaign, clock)
    return campaign


def test_every_answer_is_json_for_any_site_and_can_be_kept(lived: Campaign) -> None:
    for path in PATHS:
        answer = ask(lived, path, **ELSEWHERE)
        assert (answer.status_code, answer.content_type) == (200, "application/json"), path
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Access-Control-Expose-Headers"] == "ETag"
        assert answer.headers["Vary"] == "Accept-Language, Accept-Encoding"
        assert answer.headers["Cache-Control"] == "public, max-age=5"
        assert "Set-Cookie" not in answer.headers
        again = ask(lived, path, **ELSEWHERE, **{"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Access-Control-Allow-Origin"] == "*"


def test_a_script_may_ask_under_conditions(lived: Campaign) -> None:
    asking = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match"}
    for path in [*PATHS, "/none", "?page=x"]:
        url = f"/api/v1/letters{path.format(slug=lived.slug)}"
        answer = lived.client.options(url, headers={**ELSEWHERE, **asking})
        assert answer.status_code == 200, path
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "GET" in answer.headers["Access-Control-Allow-Methods"]
        assert answer.headers["Access-Control-Allow-Headers"] == "If-None-Match"
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_script_may_read_why_it_was_refused(campaign: Campaign) -> None:
    for path, status in (("/none", 404), ("?page=0", 422), ("/{slug}/editions/0", 404)):
        answer = ask(campaign, path, **ELSEWHERE)
        refused(answer, status)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cache-Control"] == "no-store"


def test_nothing_can_be_written(lived: Campaign) -> None:
    for path, method in product(PATHS, ["POST", "PUT", "DELETE", "PATCH"]):
        answer = lived.client.open(f"/api/v1/letters{path.format(slug=lived.slug)}", method=method, json={})
        assert "GET" in refused(answer, 405)
        assert "GET" in answer.headers["Allow"]


def test_another_sites_form_is_told_what_to_do(campaign: Campaign) -> None:
    assert "GET" in refused(campaign.client.post("/api/v1/letters", headers=ELSEWHERE), 403)


def test_a_letter_that_was_taken_down_is_gone_everywhere(lived: Campaign) -> None:
    change_letter(lived, taken_down_on=date(2026, 12, 5), taken_down_for="Its texts named people who had not agreed.")
    for path in PATHS[1:]:
        assert "named people" in refused(ask(lived, path), 410)
    assert ask(lived).json["letters"] == []


NO_SLUG = ["none", "%00", "%ff", "..%2f..", "a" * 3000, "%D0%B0", "stop-the-violence'--", "<script>", "*", "%20"]


def test_no_letter_is_a_404_that_says_where_the_letters_are(campaign: Campaign) -> None:
    for slug in NO_SLUG:
        for path in PATHS[1:]:
            said = refused(ask(campaign, path.replace("{slug}", slug)), 404)
            assert "/api/v1/letters" in said, slug


def test_the_query_chooses_the_language_over_the_header(lived: Campaign) -> None:
    for path in ("", "/{slug}", "/{slug}/count", "/{slug}/editions", "/{slug}/signatories"):
        for language in ("ru", "be", "en"):
            asked = ask(lived, f"{path}?lang={language}", **{"Accept-Language": "x"})
            assert asked.data == ask(lived, path, **{"Accept-Language": language}).data, path
        assert ask(lived, f"{path}?lang=ru").data != ask(lived, f"{path}?lang=be").data


def test_another_language_is_refused_with_those_that_there_are(lived: Campaign) -> None:
    for query in ("?lang=", "?lang=xx", "?lang=RU", "?lang=ru&lang=ru", "?lang=ru,be", "?lang=%00"):
        for path in PATHS:
            assert "one of ru, be, uk, en, pl, de, ar, or" in refused(ask(lived, path + query), 422), query


def test_a_letter_without_that_language_answers_in_one_of_its_own(lived: Campaign) -> None:
    change_letter(lived, languages=["be", "ru"])
    for path in PATHS[1:]:
        own = ask(lived, path, **{"Accept-Language": "be"})
        assert ask(lived, f"{path}?lang=en", **{"Accept-Language": "be"}).data == own.data


def test_everything_wrong_with_a_question_is_said_at_once(campaign: Campaign) -> None:
    said = refused(ask(campaign, "?page=0&lang=xx"), 422)
    assert "`page`" in said
    assert "`lang`" in said
