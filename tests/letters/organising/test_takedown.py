"""A letter that is taken down shows the host's reason and nothing else, and comes back whole."""

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from letters.organising.takedown import LONGEST, NoReason, NotTakenDown, put_back, take_down
from letters.publishing.editions import lock_letter
from tests.letters.signing.asking import everything, send, show, stored
from tests.parts.campaign import Campaign

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

REASON = "It names <private> people & their “homes”."
PAGES = ["", "/signatories", "/signatories?q=signer", "/count", "/editions/1", "/badge.svg", "/sign", "/check-mail"]


def down(campaign: Campaign, reason: str = REASON) -> None:
    def verb(session: Session) -> None:
        take_down(lock_letter(session, campaign.slug), reason, campaign.runtime.clock().date())

    campaign.runtime.settle(verb)


def back(campaign: Campaign) -> None:
    campaign.runtime.settle(lambda session: put_back(lock_letter(session, campaign.slug)))


def read(campaign: Campaign, path: str) -> TestResponse:
    return campaign.client.get(f"/en/letters/{campaign.slug}{path}")


@pytest.fixture
def released(campaign: Campaign) -> Campaign:
    """A letter with a name on its list; every page of it was read."""
    campaign.join(1, display="named")
    campaign.release()
    for path in PAGES:
        read(campaign, path)
    return campaign


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_why_and_nothing_of_the_letter(released: Campaign, path: str) -> None:
    down(released)
    answer = read(released, path)
    assert answer.status_code == 410
    assert REASON in show(answer).text
    assert "<private>" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    for word in ("Signer Example", released.letter.texts["en"].title):
        assert word not in answer.text


@pytest.mark.parametrize("path", ["", "/count"])
def test_the_api_says_why_in_a_problem_document(released: Campaign, path: str) -> None:
    down(released)
    answer = released.client.get(f"/api/v1/letters/{released.slug}{path}")
    assert (answer.status_code, answer.content_type) == (410, "application/problem+json")
    assert REASON in answer.json["detail"]


def test_the_lists_leave_it_out(released: Campaign) -> None:
    assert released.slug in released.client.get("/en/").text
    down(released)
    assert released.slug not in released.client.get("/en/").text
    assert released.client.get("/api/v1/letters").json["letters"] == []


def test_signing_is_refused_and_stores_nothing(released: Campaign) -> None:
    form, before = released.form(email="late@example.org"), stored(released.runtime)
    down(released)
    answer = released.client.post(f"/en/letters/{released.slug}/sign", data=form)
    assert answer.status_code == 410
    assert "Nothing of what you wrote was stored." in show(answer).text
    assert stored(released.runtime) == before


def test_confirming_is_refused_and_changes_nothing(released: Campaign) -> None:
    send(released, {"email": "waiting@example.org"})
    released.send_mail()
    (link,) = released.links("waiting@example.org")
    down(released)
    before = everything(released.runtime)
    for answer in (released.client.get(link), released.confirm(link)):
        assert answer.status_code == 410
        assert REASON in show(answer).text
    assert everything(released.runtime) == before
    back(released)
    assert released.confirm(link).status_code == 303


def test_a_private_link_still_shows_and_withdraws(released: Campaign) -> None:
    private = f"/en{released.join(2)}"
    down(released)
    page = released.client.get(private)
    assert page.status_code == 200
    assert "this letter was taken down" in show(page).text
    released.client.post(private, data={"withdraw": "1"})
    assert "withdrawn" in show(released.client.get(private)).title


def test_nothing_is_deleted_and_it_comes_back_as_it_was(released: Campaign) -> None:
    before, pages = everything(released.runtime), {path: read(released, path).data for path in PAGES[1:]}
    down(released)
    assert {name: rows for name, rows in everything(released.runtime).items() if name != "letters"} == {
        name: rows for name, rows in before.items() if name != "letters"
    }
    back(released)
    assert {path: read(released, path).data for path in PAGES[1:]} == pages


def test_a_page_that_a_browser_has_is_gone_too(released: Campaign) -> None:
    etag = read(released, "/signatories").headers["ETag"]
    down(released)
    again = released.client.get(f"/en/letters/{released.slug}/signatories", headers={"If-None-Match": etag})
    assert again.status_code == 410


def test_a_later_reason_takes_the_place_of_the_first(released: Campaign) -> None:
    down(released)
    down(released, "Another\n reason")
    assert "Another reason" in show(read(released, "")).text


@pytest.mark.parametrize("reason", ["", "   ", "\n", "x" * (LONGEST + 1), "bell\x07"])
def test_without_a_reason_nothing_is_taken_down(released: Campaign, reason: str) -> None:
    with pytest.raises(NoReason):
        down(released, reason)
    assert read(released, "").status_code == 200


def test_what_is_not_taken_down_cannot_be_put_back(released: Campaign) -> None:
    with pytest.raises(NotTakenDown):
        back(released)
