"""The page of the description: every path and field, in plain HTML, around it the language of the site."""

import re

import pytest

from letters.api.routes import ROOT as API
from tests.letters.signing.asking import show
from tests.parts.campaign import Campaign

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def page(campaign: Campaign, language: str = "en") -> str:
    answer = campaign.client.get(f"/{language}{API}/")
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    return answer.text


def test_it_shows_every_path_and_every_field(campaign: Campaign) -> None:
    shown, described = page(campaign), campaign.client.get(f"{API}/openapi.json").json
    for path in described["paths"]:
        assert f"<code>{path}</code>" in shown
    for name, shape in described["components"]["schemas"].items():
        assert f'<h3 id="{name}">' in shown
        for field in shape["properties"]:
            assert f"<dt><code>{field}</code></dt>" in shown


def test_its_links_lead_somewhere(campaign: Campaign) -> None:
    shown = page(campaign)
    places = re.findall(r' id="([^"]+)"', shown)
    assert len(places) == len(set(places))
    within = {link[1:] for link in show(campaign.client.get(f"/en{API}/")).links if link.startswith("#")}
    assert within <= set(places)
    assert f'href="{API}/openapi.json"' in shown


def test_what_comes_from_the_code_is_marked_as_english(campaign: Campaign) -> None:
    for language in ("ru", "be", "en"):
        shown = page(campaign, language)
        assert f'<html lang="{language}"' in shown
        assert '<div class="reference" lang="en" dir="ltr">' in shown


def test_it_speaks_the_language_of_the_browser(campaign: Campaign) -> None:
    answer = campaign.client.get(f"{API}/", headers={"Accept-Language": "be"})
    assert show(answer).language == "be"
    assert "null or null" not in answer.text
    assert "moment or moment" not in answer.text


def test_it_is_kept_like_every_public_page(campaign: Campaign) -> None:
    first = campaign.client.get(f"{API}/")
    assert first.headers["Cache-Control"] == "public, max-age=5"
    assert "Set-Cookie" not in first.headers
    assert "script-src" not in first.headers["Content-Security-Policy"]
    again = campaign.client.get(f"{API}/", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
