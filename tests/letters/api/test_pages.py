"""The JSON of the contract: the same figures as the pages, from the same edition, open to any site's scripts."""

from datetime import date
from typing import Any

import pytest
from werkzeug.test import TestResponse

from letters.models.values import FigurePolicy
from letters.organising.releasing import tend_letters
from tests.letters.signing.asking import change_letter, send
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

COUNT_KEYS = [
    "letter",
    "edition",
    "released_at",
    "total",
    "signatures",
    "withdrawn",
    "voided",
    "goal",
    "by_profession",
    "by_region",
    "by_standing",
    "unverified",
]


def ask(campaign: Campaign, path: str = "", **headers: str) -> TestResponse:
    return campaign.client.get(f"/api/v1/letters{path}", headers={"Accept-Language": "en", **headers})


def count(campaign: Campaign) -> dict[str, Any]:
    return ask(campaign, f"/{campaign.slug}/count").json


def test_before_the_first_edition_every_figure_is_zero(campaign: Campaign) -> None:
    send(campaign, {})
    assert count(campaign) == {
        "letter": campaign.slug,
        "edition": 0,
        "released_at": None,
        "total": 0,
        "signatures": 0,
        "withdrawn": 0,
        "voided": 0,
        "goal": 5000,
        "by_profession": [],
        "by_region": [],
        "by_standing": [],
        "unverified": [],
    }


def test_the_count_is_what_the_contract_says(campaign: Campaign) -> None:
    campaign.join(1, profession="nurse", region="BY-MI")
    campaign.join(2, profession="surgeon", region="abroad")
    campaign.release()
    figures = count(campaign)
    assert list(figures) == COUNT_KEYS
    assert (figures["edition"], figures["released_at"], figures["total"]) == (1, "2026-12-01T09:00:00Z", 2)
    professions = {cell["code"]: cell for cell in figures["by_profession"]}
    assert professions["nurse"] == {"code": "nurse", "isco": "2221", "label": "Nurses", "count": 1}
    assert {cell["code"]: cell["count"] for cell in figures["by_region"]} == {"BY-MI": 1, "abroad": 1}
    assert figures["by_standing"] == [{"code": "mailbox", "label": "confirmed by e-mail", "count": 2}]


def test_the_total_is_always_signatures_less_withdrawn_less_voided(campaign: Campaign, clock: Clock) -> None:
    private = [campaign.join(number) for number in range(1, 5)]
    campaign.release()
    campaign.client.post(private[0], data={"withdraw": "1"})
    campaign.client.post(private[1], data={"withdraw": "1"})
    campaign.join(5)
    for _edition in range(2):
        figures = count(campaign)
        assert figures["total"] == figures["signatures"] - figures["withdrawn"] - figures["voided"]
        for dimension in ("by_profession", "by_region", "by_standing"):
            assert sum(cell["count"] for cell in figures[dimension]) == figures["total"]
        if figures["edition"] == 1:
            clock.advance(minutes=1)
            campaign.release()
    assert (figures["signatures"], figures["withdrawn"], figures["total"]) == (5, 2, 3)


def test_small_cells_are_withheld_in_a_range(campaign: Campaign) -> None:
    policy = FigurePolicy.usual(2, 2)
    change_letter(campaign, figures_threshold=policy.threshold, figures_step=policy.step)
    for number, profession in enumerate(["nurse", "nurse", "nurse", "midwife", "surgeon"]):
        campaign.join(number, profession=profession)
    campaign.release()
    cells = count(campaign)["by_profession"]
    assert cells[:-1] == [{"code": "nurse", "isco": "2221", "label": "Nurses", "count": 2}]
    rest = cells[-1]
    assert (rest["code"], rest["label"], rest["count"]) == (None, "other or withheld", None)
    least, most = rest["range"]
    assert 0 <= least <= 3 <= most


def test_the_figures_are_those_of_the_pages(campaign: Campaign) -> None:
    campaign.join(1)
    campaign.release()
    campaign.join(2)
    page = campaign.client.get(f"/en/letters/{campaign.slug}/count").text
    figures = count(campaign)
    assert figures["total"] == campaign.letter.total == 1
    assert all(cell["label"] in page for cell in figures["by_profession"] + figures["by_region"])


def test_a_letter_tells_its_texts_and_its_rules(campaign: Campaign) -> None:
    letter, told = campaign.letter, ask(campaign, f"/{campaign.slug}").json
    assert told["letter"] == campaign.slug
    assert told["state"] == "open"
    assert told["languages"] == ["ru", "be", "en"]
    assert set(told["texts"]) == {"ru", "be", "en"}
    assert told["texts"]["be"] == {"title": letter.texts["be"].title, "markdown": letter.texts["be"].body}
    assert told["edition_rule"] == {"every_seconds": 60, "at_least": 1}
    assert told["figures"] == {"threshold": 1, "step": 1}
    assert told["display"] == ["counted", "pseudonym", "named"]
    assert told["pact"] is None
    assert told["url"] == f"https://undersigned.example/letters/{campaign.slug}"


def test_the_list_names_every_letter_that_is_or_was_open(campaign: Campaign, clock: Clock) -> None:
    (listed,) = ask(campaign).json["letters"]
    assert (listed["letter"], listed["state"], listed["total"]) == (campaign.slug, "open", 0)
    change_letter(campaign, state="closed", closed_on=clock.now.date())
    assert ask(campaign).json["letters"][0]["state"] == "closed"


@pytest.mark.parametrize("state", ["scheduled", "draft"])
def test_a_letter_that_has_not_opened_is_not_there(campaign: Campaign, clock: Clock, state: str) -> None:
    change_letter(campaign, state=state, opens_at=clock.now.replace(year=2027))
    assert ask(campaign).json["letters"] == []
    for path in (f"/{campaign.slug}", f"/{campaign.slug}/count"):
        assert ask(campaign, path).status_code == 404


def test_labels_follow_the_language_asked_for_and_codes_do_not(campaign: Campaign) -> None:
    campaign.join(1)
    campaign.release()
    told = {
        language: ask(campaign, f"/{campaign.slug}/count", **{"Accept-Language": language}).json["by_profession"][0]
        for language in ("ru", "be", "en")
    }
    assert {cell["code"] for cell in told.values()} == {"nurse"}
    assert len({cell["label"] for cell in told.values()}) == 3


PATHS = ["", "/{slug}", "/{slug}/count"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_json_for_any_site_and_can_be_kept(campaign: Campaign, path: str) -> None:
    answer = ask(campaign, path.format(slug=campaign.slug))
    assert answer.content_type == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Vary"] == "Accept-Language, Accept-Encoding"
    assert answer.headers["Cache-Control"] == "public, max-age=5"
    etag = answer.headers["ETag"]
    again = ask(campaign, path.format(slug=campaign.slug), **{"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["/none", "/none/count", "/%00", "/%ff", "/x/y/z", "/" + "a" * 5000, "/..%2f.."])
def test_what_is_not_there_is_a_problem_document(campaign: Campaign, path: str) -> None:
    answer = ask(campaign, path)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert answer.json["status"] == 404
    assert set(answer.json) == {"type", "title", "status", "detail"}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_the_api_only_reads(campaign: Campaign, method: str) -> None:
    for path in PATHS:
        answer = campaign.client.open(f"/api/v1/letters{path.format(slug=campaign.slug)}", method=method, json={})
        assert (answer.status_code, answer.content_type) == (405, "application/problem+json")
        assert "GET" in answer.headers["Allow"]


def test_a_forged_host_changes_no_url(campaign: Campaign) -> None:
    answer = ask(campaign, Host="evil.example", **{"X-Forwarded-Host": "evil.example"})
    assert answer.json["letters"][0]["url"].startswith("https://undersigned.example/")


def test_a_letter_tells_until_when_sealed_identities_are_kept(campaign: Campaign) -> None:
    assert ask(campaign, f"/{campaign.slug}").json["identities_until"] is None
    change_letter(campaign, identities_until=date(2027, 1, 31))
    assert ask(campaign, f"/{campaign.slug}").json["identities_until"] == "2027-01-31"


def test_a_letter_tells_whether_its_names_are_hidden(campaign: Campaign) -> None:
    assert ask(campaign, f"/{campaign.slug}").json["names_hidden"] is False
    change_letter(campaign, locked_on=date(2026, 12, 5))
    assert ask(campaign, f"/{campaign.slug}").json["names_hidden"] is True


def test_the_last_edition_counts_professions_by_region_and_no_other_does(campaign: Campaign, clock: Clock) -> None:
    campaign.join(1, profession="midwife", region="BY-HR")
    campaign.release()
    assert "by_profession_and_region" not in count(campaign)
    change_letter(campaign, state="closed", closed_on=clock.now.date())
    clock.advance(days=31)
    tend_letters(campaign.runtime)
    (pair,) = count(campaign)["by_profession_and_region"]
    assert pair["profession"] == {"code": "midwife", "isco": "2222", "label": "Midwives"}
    assert (pair["region"]["code"], pair["count"]) == ("BY-HR", 1)
    assert list(count(campaign)) == [*COUNT_KEYS[:-1], "by_profession_and_region", "unverified"]
