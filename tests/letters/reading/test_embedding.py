"""A letter on other sites: shown by anybody, signed only at home."""

from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from letters.app import create_app
from letters.reading.embedding import SANDBOX
from tests.letters.reading.heads import ODD_TITLES, SITE, get_head, head_of, rename
from tests.letters.reading.logging_by_hand import released
from tests.letters.signing.asking import change_letter, show
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def embed(campaign: Campaign, language: str = "en") -> TestResponse:
    return campaign.client.get(f"/{language}/letters/{campaign.slug}/embed")


def oembed(campaign: Campaign, url: str | None = None, **query: str) -> TestResponse:
    given = {"url": f"{SITE}/letters/{campaign.slug}" if url is None else url, **query}
    return campaign.client.get("/oembed", query_string=given)


def test_any_site_may_show_the_frame_and_no_other_page(campaign: Campaign) -> None:
    policy = embed(campaign).headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "script-src" not in policy
    assert "form-action 'none'" in policy
    assert "X-Frame-Options" not in embed(campaign).headers
    for path in ("", "/count", "/signatories", "/share", "/editions/latest"):
        policy = campaign.client.get(f"/en/letters/{campaign.slug}{path}").headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy


def test_the_frame_shows_whom_it_is_to_and_how_many_and_leads_out_of_it(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    shown = show(embed(campaign))
    assert campaign.letter.texts["en"].title in shown.text
    assert campaign.letter.addressee["en"] in shown.text
    assert "1 signature" in shown.text
    assert "Edition 1, 1 December 2026" in shown.text
    (link,) = head_of(embed(campaign).text).anchors
    assert link["href"] == f"{SITE}/en/letters/{campaign.slug}"
    assert (link["target"], link["rel"]) == ("_blank", "noopener noreferrer")


def test_the_form_is_never_in_it(campaign: Campaign) -> None:
    tags = set(head_of(embed(campaign).text).tags)
    assert not tags & {"form", "input", "button", "select", "script", "iframe"}


@pytest.mark.parametrize(("state", "says"), [("open", "Read and sign"), ("paused", "paused"), ("closed", "closed")])
def test_the_frame_promises_no_signing_where_there_is_none(
    campaign: Campaign, clock: Clock, state: str, says: str
) -> None:
    change_letter(campaign, state=state, closed_on=clock.now.date() if state == "closed" else None)
    shown = show(embed(campaign))
    assert says in shown.text
    assert ("Read the letter" in shown.text) == (state != "open")


def test_a_frame_says_that_its_letter_was_taken_down(campaign: Campaign, clock: Clock) -> None:
    change_letter(campaign, taken_down_for="It names <b>private</b> people.", taken_down_on=clock.now.date())
    answer = embed(campaign)
    assert answer.status_code == 410
    assert "It names <b>private</b> people." in show(answer).text
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_letter_that_has_not_opened_is_in_no_frame(campaign: Campaign, clock: Clock) -> None:
    change_letter(campaign, state="scheduled", opens_at=clock.now.replace(day=24))
    assert embed(campaign).status_code == 404


def test_the_frame_speaks_the_language_asked_for(campaign: Campaign) -> None:
    for code in ("ru", "be", "en"):
        shown = show(embed(campaign, code))
        assert shown.language == code
        assert campaign.letter.texts[code].title in shown.text


def test_the_script_is_for_every_site_and_kept_for_an_hour(campaign: Campaign) -> None:
    answer = campaign.client.get("/embed.js")
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert "Set-Cookie" not in answer.headers
    for kept in ("cookie", "localStorage", "sessionStorage", "innerHTML", "eval"):
        assert kept not in answer.text


def test_a_letters_page_says_where_its_frame_is_described(campaign: Campaign) -> None:
    (found,) = [link for link in get_head(campaign).links if link.get("type") == "application/json+oembed"]
    answer = campaign.client.get(found["href"].removeprefix(SITE))
    assert answer.status_code == 200
    assert answer.json["title"] == campaign.letter.texts["en"].title
    (shown,) = head_of(answer.json["html"]).anchors
    assert shown["src"] == f"{SITE}/en/letters/{campaign.slug}/embed"


def test_oembed_describes_a_frame(campaign: Campaign) -> None:
    answer = oembed(campaign, format="json")
    assert answer.content_type == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    body = answer.json
    assert (body["version"], body["type"]) == ("1.0", "rich")
    (shown,) = head_of(body["html"]).anchors
    assert shown["src"] == f"{SITE}/letters/{campaign.slug}/embed"
    assert (shown["width"], shown["height"]) == (str(body["width"]), str(body["height"]))
    assert shown["sandbox"] == SANDBOX
    assert "allow-same-origin" not in SANDBOX
    assert (body["thumbnail_width"], body["thumbnail_height"]) == (1200, 630)


def test_oembed_stays_within_the_size_asked_for(campaign: Campaign) -> None:
    for size in (1, 280, 320, 99_999):
        body = oembed(campaign, maxwidth=str(size), maxheight=str(size)).json
        assert body["width"] <= size
        assert body["height"] <= size
        assert ("thumbnail_url" in body) == (size == 99_999)


def test_a_size_that_is_none_is_refused(campaign: Campaign) -> None:
    for size in ("0", "-1", "1.5", "x", "", "٣", "100000", "9" * 5000):
        answer = oembed(campaign, maxwidth=size)
        assert answer.status_code == 422, size
        assert answer.content_type == "application/problem+json"


def test_oembed_writes_no_xml_and_says_so(campaign: Campaign) -> None:
    answer = oembed(campaign, format="xml")
    assert answer.status_code == 501
    assert answer.content_type == "application/problem+json"
    assert "format=json" in answer.json["detail"]


IDN = "https://письмо.example"


@pytest.mark.parametrize(
    ("base", "asked"),
    [
        (IDN, IDN),
        (IDN, "https://xn--h1aigbl0e.example"),
        ("https://xn--h1aigbl0e.example", IDN),
        (SITE, f"{SITE}:443"),
        (SITE, "http://UNDERSIGNED.example"),
    ],
)
def test_oembed_knows_its_own_site_however_its_name_is_written(campaign: Campaign, base: str, asked: str) -> None:
    runtime = replace(campaign.runtime, settings=replace(campaign.runtime.settings, base_url=base))
    query = {"url": f"{asked}/letters/{campaign.slug}"}
    assert create_app(runtime).test_client().get("/oembed", query_string=query).status_code == 200


ELSEWHERE = [
    "",
    "x",
    "//",
    "http://[",
    "https://other.example/letters/stop-the-violence",
    "https://undersigned.example.other.example/letters/stop-the-violence",
    "https://undersigned.example@other.example/letters/stop-the-violence",
    "https://other.example@undersigned.example/letters/stop-the-violence",
    "https://undersigned.example:8001/letters/stop-the-violence",
    "https://undersigned.example:99999/letters/stop-the-violence",
    "http://127.0.0.1:8000/letters/stop-the-violence",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "//undersigned.example/letters/stop-the-violence",
    "\\\\undersigned.example\\letters\\stop-the-violence",
    f"{SITE}/",
    f"{SITE}/workspace/",
    f"{SITE}/letters/no-such-letter",
    f"{SITE}/letters/../letters/stop-the-violence",
    f"{SITE}/letters/stop-the-violence%00",
    f"{SITE}/confirm/x",
    f"{SITE}/xx/letters/stop-the-violence",
    f"{SITE}/letters/{'a' * 100_000}",
    f"{SITE}\n/letters/stop-the-violence\0",
]


def test_oembed_knows_only_letters_of_this_site(campaign: Campaign) -> None:
    for url in ELSEWHERE:
        answer = oembed(campaign, url)
        assert answer.status_code == 404, url[:80]
        assert answer.content_type == "application/problem+json"
        assert "Location" not in answer.headers


def test_oembed_of_a_letter_that_is_not_to_be_seen(campaign: Campaign, clock: Clock) -> None:
    change_letter(campaign, taken_down_for="It names private people.", taken_down_on=clock.now.date())
    gone = oembed(campaign)
    assert gone.status_code == 410
    assert "private people" in gone.json["detail"]
    change_letter(
        campaign, taken_down_for=None, taken_down_on=None, state="scheduled", opens_at=clock.now.replace(day=24)
    )
    assert oembed(campaign).status_code == 404


def test_no_title_breaks_out_of_a_frames_code(campaign: Campaign) -> None:
    for title in ODD_TITLES:
        rename(campaign, title)
        body = oembed(campaign).json
        assert body["title"] == title
        frame = head_of(body["html"])
        assert frame.tags == ["iframe"]
        assert frame.anchors[0]["title"] == title
