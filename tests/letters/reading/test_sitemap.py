"""What search engines are told, and what readers of feeds are."""

from datetime import UTC, datetime
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest

from letters.reading.sitemap import CLOSED_TO_ROBOTS
from tests.letters.reading.heads import ODD_TITLES, SITE, head_of, rename
from tests.letters.reading.logging_by_hand import released
from tests.letters.signing.asking import change_letter
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"
ATOM = "{http://www.w3.org/2005/Atom}"


def places(campaign: Campaign) -> dict[str, tuple[str, dict[str, str]]]:
    """By address: the day, and the same page in other languages."""
    answer = campaign.client.get("/sitemap.xml")
    assert answer.content_type == "application/xml; charset=utf-8"
    return {
        url.findtext(f"{MAP}loc", ""): (
            url.findtext(f"{MAP}lastmod", ""),
            {link.get("hreflang", ""): link.get("href", "") for link in url.findall(f"{XHTML}link")},
        )
        for url in ElementTree.fromstring(answer.data)
    }


def feed(campaign: Campaign, language: str = "/en") -> ElementTree.Element:
    answer = campaign.client.get(f"{language}/letters.atom")
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return ElementTree.fromstring(answer.data)


def test_the_map_has_each_letter_in_each_language_with_the_day_of_its_edition(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    found, at = places(campaign), f"/letters/{campaign.slug}"
    for path in (at, f"{at}/count"):
        languages = {code: f"{SITE}/{code}{path}" for code in ("ru", "be", "en")} | {"x-default": SITE + path}
        for address in languages.values():
            assert found[address] == ("2026-12-01", languages)
    assert found[f"{SITE}{at}/editions/1"] == ("2026-12-01", {})
    assert f"{SITE}/" in found


def test_every_address_on_the_map_is_a_page(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    for address in places(campaign):
        assert campaign.client.get(address.removeprefix(SITE)).status_code == 200, address


def test_neither_map_nor_feed_shows_what_readers_cannot_see(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    for hidden in (
        {"taken_down_for": "It names private people.", "taken_down_on": clock.now.date()},
        {"taken_down_for": None, "taken_down_on": None, "state": "scheduled", "opens_at": clock.now.replace(day=24)},
    ):
        change_letter(campaign, **hidden)
        assert not [address for address in places(campaign) if campaign.slug in address]
        assert feed(campaign).findall(f"{ATOM}entry") == []


def test_robots_read_letters_and_nobodys_link(campaign: Campaign) -> None:
    answer = campaign.client.get("/robots.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    robots = RobotFileParser()
    robots.parse([line for line in answer.text.splitlines() if line != "Allow: /"])  # which asks for the first match
    for path in ("/", f"/en/letters/{campaign.slug}", "/letters.atom", "/sitemap.xml", "/api/v1/letters"):
        assert robots.can_fetch("*", path), path
    for path in CLOSED_TO_ROBOTS:
        assert not robots.can_fetch("*", f"{path}x"), path
        assert f"Disallow: /*{path}\n" in answer.text
    assert robots.site_maps() == [f"{SITE}/sitemap.xml"]


def test_pages_closed_to_robots_are_real(campaign: Campaign) -> None:
    known = {rule.rule for rule in campaign.app.url_map.iter_rules()}
    for path in {*CLOSED_TO_ROBOTS} - {"/demo/"}:  # which only a demo has
        assert any(rule.startswith(path) for rule in known), path


def test_the_home_page_leads_to_the_feed_of_letters(campaign: Campaign) -> None:
    links = head_of(campaign.client.get("/be/").text).links
    (found,) = [link for link in links if link.get("type") == "application/atom+xml"]
    assert found["href"] == "/be/letters.atom"
    assert campaign.client.get(found["href"]).status_code == 200


def test_a_letter_is_in_the_feed_from_its_opening_or_its_first_edition(campaign: Campaign, clock: Clock) -> None:
    assert feed(campaign).findall(f"{ATOM}entry") == []
    released(campaign, clock)
    moment = campaign.letter.edition.released_at
    released(campaign, clock)
    (entry,) = feed(campaign).findall(f"{ATOM}entry")
    assert datetime.fromisoformat(entry.findtext(f"{ATOM}updated", "")) == moment
    change_letter(campaign, opens_at=datetime(2026, 11, 20, 6, tzinfo=UTC))
    (entry,) = feed(campaign).findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}updated") == "2026-11-20T06:00:00Z"


def test_the_feed_speaks_the_language_asked_for(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    for code in ("ru", "be", "en"):
        (entry,) = feed(campaign, f"/{code}").findall(f"{ATOM}entry")
        assert entry.findtext(f"{ATOM}title") == campaign.letter.texts[code].title
        assert entry.findtext(f"{ATOM}id") == f"{SITE}/{code}/letters/{campaign.slug}"


def test_the_feed_takes_any_title(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    for title in (*ODD_TITLES, "]]> \x0b\x01"):
        rename(campaign, title)
        (entry,) = feed(campaign).findall(f"{ATOM}entry")
        assert entry.findtext(f"{ATOM}title") == title.replace("\x0b", "\ufffd").replace("\x01", "\ufffd")
