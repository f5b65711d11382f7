"""Links: whatever is wrong with one, its page says what to do next; personal pages leave nothing behind."""

import pytest

from letters.publishing.pseudonyms import render
from tests.letters.signing.asking import everything, one_database, send, show, signatures
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from verification.mailbox.tokens import Purpose

pytestmark = one_database

PAGES = {"confirm": Purpose.CONFIRM, "signature": Purpose.MANAGE, "signed": Purpose.SIGNED}
UNKNOWN = bytes(16)


def mint(campaign: Campaign, purpose: Purpose, content: bytes = UNKNOWN) -> str:
    return campaign.runtime.tokens.mint(purpose, content)


def bad(campaign: Campaign, own: Purpose) -> dict[str, str]:
    good = mint(campaign, own)
    return {
        "a single character": "x",
        "two dots": "..",
        "huge": "x" * 20_000,
        "not ASCII": "%D0%B6",
        "NUL": "%00",
        "invalid UTF-8": "%ff",
        "cut in half": good[: len(good) // 2],
        "altered in its last character": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "altered in its first character": ("A" if good[0] != "A" else "B") + good[1:],
        "with a bracket of a mail program": good + ">",
        "with a full stop": good + ".",
    }


@pytest.mark.parametrize("where", PAGES)
def test_a_damaged_link_says_what_to_do(campaign: Campaign, where: str) -> None:
    methods = ["GET", "POST"] if where != "signed" else ["GET"]
    for which, token in bad(campaign, PAGES[where]).items():
        for method in methods:
            answer = campaign.client.open(f"/en/{where}/{token}", method=method)
            assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store"), which
            assert show(answer).title, which


@pytest.mark.parametrize("where", PAGES)
def test_an_empty_link_is_no_page(campaign: Campaign, where: str) -> None:
    for url in (f"/{where}/", f"/en/{where}/", f"/{where}"):
        assert campaign.client.get(url).status_code == 404


@pytest.mark.parametrize("where", PAGES)
def test_a_link_of_another_purpose_says_so(campaign: Campaign, where: str) -> None:
    for purpose in Purpose:
        answer = campaign.client.get(f"/en/{where}/{mint(campaign, purpose)}")
        if PAGES[where] is purpose:
            assert (answer.status_code, show(answer).title[:13]) == (410, "There is noth")
        else:
            assert (answer.status_code, show(answer).title[:17]) == (404, "This link belongs"), purpose


@pytest.mark.parametrize(("where", "purpose"), PAGES.items())
def test_a_link_about_a_challenge_of_another_kind_leads_to_nothing(
    campaign: Campaign, where: str, purpose: Purpose
) -> None:
    campaign.join(1)
    ids = {row[1]: row[0] for row in everything(campaign.runtime)["challenges"]}
    other = ids["confirm" if purpose is Purpose.MANAGE else "manage"]
    assert campaign.client.get(f"/en/{where}/{mint(campaign, purpose, other)}").status_code == 410


@pytest.mark.parametrize("content", [b"", b"x", bytes(15), bytes(17), bytes(60)])
def test_a_link_about_something_that_is_no_id_leads_to_nothing(campaign: Campaign, content: bytes) -> None:
    for where, purpose in PAGES.items():
        assert campaign.client.get(f"/en/{where}/{mint(campaign, purpose, content)}").status_code == 410


@pytest.mark.parametrize("language", ["ru", "be", "en"])
def test_what_is_wrong_with_a_link_is_said_in_the_language_asked_for(campaign: Campaign, language: str) -> None:
    shown = show(campaign.client.get(f"/{language}/confirm/damaged"))
    assert shown.language == language
    assert any("а" <= letter <= "я" for letter in shown.title) == (language != "en")


def thanks(campaign: Campaign, **changes: object) -> str:
    """Sign, confirm, and return where that led to."""
    send(campaign, changes)
    campaign.send_mail()
    return campaign.confirm(campaign.links("vera@example.org")[-1]).location


def test_the_thanks_show_pseudonym_and_private_link_for_fifteen_minutes(campaign: Campaign, clock: Clock) -> None:
    path = thanks(campaign, display="pseudonym")
    (row,) = signatures(campaign.runtime)
    clock.advance(minutes=14, seconds=59)
    fresh = campaign.client.get(path)
    assert render(row.pseudonym, "en") in fresh.text
    assert "https://undersigned.example/signature/" in fresh.text
    clock.advance(seconds=1)
    later = campaign.client.get(path)
    assert later.status_code == 200
    assert render(row.pseudonym, "en") not in later.text
    assert "/signature/" not in later.text
    assert "sign it once more with the same address" in show(later).text


def test_clicking_again_does_not_show_the_private_link_again(campaign: Campaign, clock: Clock) -> None:
    path = thanks(campaign)
    clock.advance(minutes=15)
    again = campaign.confirm(campaign.links("vera@example.org")[0])
    assert again.location == path
    assert "/signature/" not in campaign.client.get(path).text


@pytest.mark.parametrize("display", ["counted", "named"])
def test_who_shows_no_pseudonym_is_told_none(campaign: Campaign, display: str) -> None:
    assert "pseudonym" not in show(campaign.client.get(thanks(campaign, display=display))).text


def test_the_private_link_on_the_thanks_opens_the_signature(campaign: Campaign) -> None:
    private = next(link for link in show(campaign.client.get(thanks(campaign))).links if "/signature/" in link)
    answer = campaign.client.get(private.removeprefix("https://undersigned.example"))
    assert answer.status_code == 200
    assert show(answer).fields["profession"] == "nurse"


def test_personal_pages_are_neither_kept_nor_found(campaign: Campaign) -> None:
    send(campaign, {})
    campaign.send_mail()
    path = campaign.links("vera@example.org")[0]
    pages = [campaign.client.get(path), campaign.confirm(path)]
    pages.append(campaign.client.get(pages[-1].location))
    private = next(link for link in show(pages[-1]).links if "/signature/" in link)
    pages.append(campaign.client.get(private.removeprefix("https://undersigned.example")))
    pages.append(campaign.client.get("/confirm/damaged"))
    for page in pages:
        assert page.headers["Cache-Control"] == "no-store"
        assert "ETag" not in page.headers
        assert "Set-Cookie" not in page.headers
    for page in (pages[0], *pages[2:]):
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_the_button_is_shown_beside_the_name_that_would_be_published(campaign: Campaign) -> None:
    campaign.sign(name="Nora Sample", email="one@example.org", display="named", updates="1")
    campaign.sign(name="Vera Sample", email="two@example.org")
    campaign.send_mail()
    named, counted = (
        campaign.client.get(f"/en{campaign.links(to)[0]}").text for to in ("one@example.org", "two@example.org")
    )
    assert "Nora Sample" in named
    assert "Vera Sample" not in counted
