"""Languages: the one in the address, else the one that the browser prefers, else the first of the letter."""

import re
from dataclasses import replace

import pytest

from letters.app import create_app
from tests.letters.signing.asking import Shown, show
from tests.letters.web.everywhere import busy, every_address
from tests.parts.campaign import Campaign

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

FOR_PROGRAMS = re.compile(r"/(api/v1/\w|audit\.py$|letters/[\w-]+/(addresses\.txt|editions\.csv|log/checkpoint)$)")
"""What speaks no language."""

PREFERENCES = [
    ("be", "be"),
    ("be-BY,be;q=0.9,ru;q=0.8", "be"),
    ("fr, en;q=0.5, ru;q=0.4", "en"),
    ("ru;q=0.1, en;q=0.2", "en"),
    ("fr", "ru"),
    ("*", "ru"),
    ("", "ru"),
    ("en-GB", "en"),
    ("en;q=1, en;q=0", "en"),
    ("en;q=0, be;q=0.1", "be"),
    ("en;q=0, ru;q=0, be;q=0", "ru"),
    ("be;q=2, en;q=x, ;;;,,", "ru"),
]


@pytest.mark.parametrize("language", ["ru", "be", "en"])
def test_a_language_in_the_address_wins_over_the_browsers(campaign: Campaign, language: str) -> None:
    for path in ("", "/count", "/signatories", "/check-mail"):
        url = f"/{language}/letters/{campaign.slug}{path}"
        for preferred in ("ru", "be", "en", "de"):
            shown = show(campaign.client.get(url, headers={"Accept-Language": preferred}))
            assert shown.language == language


@pytest.mark.parametrize(("wanted", "spoken"), PREFERENCES)
def test_without_one_the_browser_decides(campaign: Campaign, wanted: str, spoken: str) -> None:
    for path in ("/", f"/letters/{campaign.slug}", "/nowhere", "/confirm/x"):
        answer = campaign.client.get(path, headers={"Accept-Language": wanted})
        assert show(answer).language == spoken, path


@pytest.mark.parametrize("language", ["fr", "EN", "xx", "en-GB", "e", "english"])
def test_an_unknown_language_is_no_page(campaign: Campaign, language: str) -> None:
    for path in ("/", f"/letters/{campaign.slug}", f"/letters/{campaign.slug}/sign"):
        assert campaign.client.get(f"/{language}{path}").status_code == 404


@pytest.mark.parametrize("language", ["fr", "EN", "xx", "en-GB", "zh-Hant-TW"])
def test_a_page_in_an_unknown_language_offers_itself_in_those_that_there_are(campaign: Campaign, language: str) -> None:
    for path in ("/", f"/letters/{campaign.slug}/count", "/confirm/x"):
        answer = campaign.client.get(f"/{language}{path}", headers={"Accept-Language": "be"})
        assert (answer.status_code, show(answer).language) == (404, "be")
        for offered in campaign.runtime.settings.languages:
            assert f"/{offered}{path}" in show(answer).links


@pytest.mark.parametrize("path", ["/fr/nowhere", "/fr/workspace/", "/french/", "/f/", "/fr-/", "/1x/"])
def test_what_is_no_page_in_any_language_offers_none(campaign: Campaign, path: str) -> None:
    answer = campaign.client.get(path)
    assert answer.status_code == 404
    assert not [link for link in show(answer).links if link.startswith("/en/")]


@pytest.mark.parametrize("rest", ["/letters/none", "/letters/stop-the-violence/signatories?page=x"])
def test_what_is_no_page_in_a_language_of_this_site_is_not_blamed_on_the_language(
    campaign: Campaign, rest: str
) -> None:
    answer = campaign.client.get(f"/en{rest}")
    assert (answer.status_code, "There is no page here" in show(answer).text) == (404, True)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", "/letters/x/editions/x", 404), ("PUT", "/letters/x", 405), ("POST", "/", 405)],
)
def test_what_is_no_page_speaks_the_language_that_its_address_begins_with(
    campaign: Campaign, method: str, path: str, status: int
) -> None:
    answer = campaign.client.open(f"/be{path}", method=method, headers={"Accept-Language": "en"})
    shown = show(answer)
    assert (answer.status_code, shown.language) == (status, "be")
    leading_here = [link for link in shown.links if link.startswith("/")]
    assert leading_here
    assert all(link.startswith(("/be/", "/ru/", "/uk/", "/en/", "/pl/", "/de/", "/ar/")) for link in leading_here)
    assert "/be/" in leading_here


def test_links_keep_the_language_of_their_page(campaign: Campaign) -> None:
    links = busy(campaign)
    for address in every_address(campaign, links):
        if not address.startswith("/be/"):
            continue
        answer = campaign.client.get(address)
        shown = show(answer) if answer.mimetype == "text/html" else Shown()
        answer.close()
        leading_here = [link for link in shown.links if link.startswith("/") and not FOR_PROGRAMS.match(link)]
        others = tuple(f"/{code}/" for code in campaign.runtime.settings.languages)
        assert all(link.startswith(("/be", *others)) for link in leading_here), address


def test_the_switch_leads_to_the_same_page_in_each_other_language(campaign: Campaign) -> None:
    busy(campaign)
    for path in ("", "/count", "/signatories", "/editions/1"):
        links = show(campaign.client.get(f"/be/letters/{campaign.slug}{path}")).links
        for language in ("ru", "en"):
            other = f"/{language}/letters/{campaign.slug}{path}"
            assert any(link.split("?")[0] == other for link in links), other
            assert show(campaign.client.get(other)).language == language


def test_the_switch_keeps_what_was_searched_for(campaign: Campaign) -> None:
    busy(campaign)
    shown = show(campaign.client.get(f"/be/letters/{campaign.slug}/signatories?q=Signer&evil=1"))
    (english,) = [link for link in shown.links if link.startswith("/en/") and "signatories" in link]
    assert "q=Signer" in english
    assert "evil" not in english


def test_a_site_offers_only_the_languages_it_is_set_to(campaign: Campaign) -> None:
    settings = replace(campaign.runtime.settings, languages=("be", "en"))
    client = create_app(replace(campaign.runtime, settings=settings)).test_client()
    url = f"/letters/{campaign.slug}"
    assert client.get(f"/ru{url}").status_code == 404
    assert show(client.get(url, headers={"Accept-Language": "ru"})).language == "be"
    assert not [link for link in show(client.get(f"/en{url}")).links if link.startswith("/ru")]


def test_the_letter_speaks_the_language_of_its_page(campaign: Campaign) -> None:
    titles = {language: text.title for language, text in campaign.letter.texts.items()}
    for language, title in titles.items():
        shown = show(campaign.client.get(f"/{language}/letters/{campaign.slug}"))
        assert [other for other in titles.values() if other in shown.text] == [title]
