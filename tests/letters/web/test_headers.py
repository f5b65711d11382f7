"""Headers of every answer: strict, without a cookie, and nothing personal kept anywhere."""

import re

import pytest
from werkzeug.test import TestResponse

from tests.letters.signing.asking import send
from tests.letters.web.everywhere import busy, public_addresses
from tests.parts.campaign import Campaign

OUR_OWN = re.compile(r"/(?!/)|https://undersigned\.example/")

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def answers(campaign: Campaign) -> dict[str, TestResponse]:
    """One answer of every page for readers and signers, and of every kind of failure."""
    links = busy(campaign)
    client, slug = campaign.client, campaign.slug
    found = {address: client.get(address, buffered=True) for address in public_addresses(campaign, links)}
    return {
        **found,
        "signed": send(campaign, {"email": "new@example.org"}),
        "refused form": send(campaign, {"name": ""}),
        "filled trap": send(campaign, {"website": "x"}),
        "too large": send(campaign, {"name": "x" * 100_000}),
        "foreign": client.post(f"/letters/{slug}/sign", headers={"Origin": "https://evil.example"}),
        "not there": client.get("/nowhere"),
        "no such letter": client.get("/api/v1/letters/none"),
        "not allowed": client.delete("/"),
        "confirmed": client.post(links.waiting),
        "changed": client.post(links.private, data={"display": "counted"}),
        "refused change": client.post(links.private, data={"region": "x"}),
        "withdrawn": client.post(links.private, data={"withdraw": "1"}),
        "damaged": client.get("/confirm/x"),
        "no reading": client.head(f"/letters/{slug}"),
        "options": client.options(f"/letters/{slug}"),
        "not modified": client.get(f"/letters/{slug}", headers={"If-None-Match": "*"}),
    }


def test_no_answer_sets_a_cookie_or_says_what_runs_here(campaign: Campaign) -> None:
    for what, answer in answers(campaign).items():
        assert "Set-Cookie" not in answer.headers, what
        assert "Cookie" not in answer.headers.get("Vary", ""), what
        assert "Server" not in answer.headers, what


def test_every_answer_forbids_inline_code_and_third_parties(campaign: Campaign) -> None:
    for what, answer in answers(campaign).items():
        policy = answer.headers["Content-Security-Policy"]
        if what.endswith("/embed"):
            continue  # the one page that other sites may frame: tests/letters/reading/test_embedding.py
        assert "default-src 'none'" in policy, what
        assert "frame-ancestors 'none'" in policy, what
        assert "form-action 'self'" in policy, what
        assert "base-uri 'none'" in policy, what
        assert not re.search(r"unsafe|data:|https?:|\*|script-src", policy), what
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "strict-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_no_page_holds_inline_code_or_anything_from_elsewhere(campaign: Campaign) -> None:
    for what, answer in answers(campaign).items():
        if not (answer.content_type or "").startswith("text/html"):
            continue
        html = answer.text
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|<iframe|<object|data:", html), what
        loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]+)"', html)
        assert all(OUR_OWN.match(url) for url in loaded), what


def test_public_pages_are_kept_for_seconds_and_files_for_a_year(campaign: Campaign) -> None:
    for what, answer in answers(campaign).items():
        if what.startswith("/static/") or "/log/tile/" in what:
            assert "max-age=31536000" in answer.headers["Cache-Control"]
        elif "letters" in what and not what.endswith("/sign"):
            assert answer.headers["Cache-Control"] == "public, max-age=5", what


def test_refusals_and_failures_are_kept_by_nobody(campaign: Campaign) -> None:
    refused = {what: answer for what, answer in answers(campaign).items() if answer.status_code >= 400}
    assert len(refused) >= 8
    assert {answer.headers["Cache-Control"] for answer in refused.values()} == {"no-store"}


def test_personal_pages_are_kept_by_nobody(campaign: Campaign) -> None:
    personal = [answer for what, answer in answers(campaign).items() if re.search("/(confirm|signed|signature)/", what)]
    assert len(personal) >= 6
    assert {answer.headers["Cache-Control"] for answer in personal} == {"no-store"}
