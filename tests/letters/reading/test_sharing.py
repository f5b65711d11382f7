"""Passing a letter on: each service is handed the letter's address and title, and nothing else."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.reading.sharing import LONGEST_MESSAGE, ways
from tests.letters.reading.heads import ODD_TITLES, SITE, Head, get_head, head_of, rename
from tests.letters.reading.logging_by_hand import released
from tests.letters.signing.asking import change_letter, show
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock

sqlite = pytest.mark.parametrize("database", ["sqlite"])

ADDRESS = "https://letters.example.org/be/letters/stop-the-violence"
SCHEMES = ("https://t.me/", "https://wa.me/", "viber:", "mailto:")
ENDED = "closed and takes no more signatures"


def share(campaign: Campaign, language: str = "en") -> str:
    answer = campaign.client.get(f"/{language}/letters/{campaign.slug}/share")
    assert answer.status_code == 200
    return answer.text


def links(head: Head) -> list[dict[str, str]]:
    """The links that lead to a service."""
    return [link for link in head.anchors if link["tag"] == "a" and link["href"].startswith(SCHEMES)]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_service_gets_back_what_was_to_be_passed_on(title: str) -> None:
    telegram, whatsapp, viber, mail = (way.address for way in ways(title, ADDRESS, "Open letter"))
    asked = parse_qs(urlsplit(telegram).query, strict_parsing=True)
    assert asked == {"url": [ADDRESS], "text": [title]}
    for address in (whatsapp, viber):
        assert unquote(address.partition("?text=")[2]) == f"{title}\n{ADDRESS}"
    fields = dict(part.split("=") for part in mail.removeprefix("mailto:?").split("&"))
    assert {name: unquote(value) for name, value in fields.items()} == {
        "subject": "Open letter",
        "body": f"{title}\r\n\r\n{ADDRESS}",
    }


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_an_address_holds_nothing_that_could_end_it(title: str) -> None:
    for way in ways(title, ADDRESS, "Open letter"):
        assert way.address.isascii()
        assert not set(way.address) & set(" +\"'<>\\\r\n\t#`")


@sqlite
def test_no_link_tells_where_it_was_clicked_or_who_clicked(campaign: Campaign) -> None:
    found = [link for path in ("", "/share") for link in links(get_head(campaign, path, "/be"))]
    assert len(found) == 2 * len(SCHEMES)
    for link in found:
        assert link["rel"] == "noopener noreferrer"
        assert "target" not in link
        names = {part.partition("=")[0] for part in link["href"].partition("?")[2].split("&")}
        assert names <= {"url", "text", "subject", "body"}
        assert f"/be/letters/{campaign.slug}" in unquote(link["href"])


@sqlite
def test_nothing_is_fetched_from_a_service(campaign: Campaign) -> None:
    head = get_head(campaign, "/share")
    fetched = [link["src"] for link in head.anchors if "src" in link]
    assert fetched
    assert all(address.startswith("/") and not address.startswith("//") for address in fetched)
    assert "script" not in head.tags
    assert "iframe" not in head.tags


@sqlite
def test_who_may_be_watched_is_warned_before_the_links(campaign: Campaign) -> None:
    for path in ("", "/share"):
        page = campaign.client.get(f"/en/letters/{campaign.slug}{path}").text
        assert page.index("rather tell people in person") < page.index("https://t.me/")


@sqlite
def test_a_message_is_short_whatever_the_title(campaign: Campaign) -> None:
    for title in ODD_TITLES:
        rename(campaign, title)
        found = [unquote(link["href"]) for link in links(head_of(share(campaign)))]
        (viber,) = [address.partition("?text=")[2] for address in found if address.startswith("viber:")]
        assert len(viber) <= LONGEST_MESSAGE
        assert viber.endswith(f"\n{SITE}/en/letters/{campaign.slug}")


@sqlite
def test_the_codes_to_copy_hold_the_title_as_text(campaign: Campaign) -> None:
    for title in ODD_TITLES:
        rename(campaign, title)
        copied = show(campaign.client.get(f"/en/letters/{campaign.slug}/share")).text
        codes = head_of(copied[copied.index("<a href=") :])
        badge, frame, live = (element for element in codes.anchors if element["tag"] in ("img", "iframe"))
        assert badge["alt"].split() == title.split()
        assert badge["alt"] == live["alt"] == frame["title"]
        assert {element["tag"] for element in codes.anchors} == {"a", "img", "iframe", "script"}
        assert frame["src"] == f"{SITE}/en/letters/{campaign.slug}/embed"


@sqlite
@pytest.mark.parametrize(("state", "says"), [("paused", "Signing is paused"), ("closed", ENDED), ("archived", ENDED)])
def test_it_says_when_a_letter_takes_no_signatures(campaign: Campaign, clock: Clock, state: str, says: str) -> None:
    assert "paused" not in share(campaign)
    change_letter(campaign, state=state, closed_on=None if state == "paused" else clock.now.date())
    assert says in share(campaign)


@sqlite
def test_a_letter_that_is_scheduled_or_taken_down_cannot_be_passed_on(campaign: Campaign, clock: Clock) -> None:
    change_letter(campaign, taken_down_for="It names private people.", taken_down_on=clock.now.date())
    assert campaign.client.get(f"/en/letters/{campaign.slug}/share").status_code == 410
    change_letter(
        campaign, taken_down_for=None, taken_down_on=None, state="scheduled", opens_at=clock.now.replace(day=24)
    )
    assert campaign.client.get(f"/en/letters/{campaign.slug}/share").status_code == 404
    assert "t.me" not in campaign.client.get(f"/en/letters/{campaign.slug}").text


@sqlite
def test_under_lockdown_it_names_nobody(campaign: Campaign, clock: Clock) -> None:
    campaign.join(9, display="named")
    released(campaign, clock)
    change_letter(campaign, locked_on=clock.now.date())
    assert "Signer Example" not in share(campaign)


@sqlite
def test_a_page_in_a_language_that_the_letter_lacks_passes_on_its_own_address(campaign: Campaign) -> None:
    change_letter(campaign, languages=["ru"])
    head = head_of(share(campaign, "be"))
    assert f"/be/letters/{campaign.slug}" in unquote(links(head)[0]["href"])
    assert set(head.alternates) == {"ru", "x-default"}


@sqlite
def test_a_form_that_comes_back_still_leads_to_the_letter(campaign: Campaign) -> None:
    refused = campaign.client.post(f"/en/letters/{campaign.slug}/sign", data={})
    assert refused.status_code == 422
    assert f"/en/letters/{campaign.slug}" in unquote(links(head_of(refused.text))[0]["href"])
