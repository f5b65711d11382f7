"""The dashboard in a browser: it fetches its moving part anew, and says when it no longer does."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect

from tests.journeys.showcase import serving
from tests.parts.browser import Visitor
from tests.parts.campaign import Campaign
from tests.parts.organiser import Organiser
from tests.parts.smtp import MailServer

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """Without TLS, which a browser on this machine would ask for."""
    return {**environment, "UNDERSIGNED_BASE_URL": "http://127.0.0.1:8000"}


@pytest.fixture
def campaign(organiser: Organiser, mail_server: MailServer) -> Campaign:
    campaign = organiser.campaign(mail_server)
    campaign.join(1)
    campaign.release()
    return campaign


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    with serving(app) as url:
        yield url


def look(page: Page, url: str, organiser: Organiser, campaign: Campaign) -> Page:
    """Open the dashboard in a browser in which the organiser has signed in, and whose clock is ours."""
    cookie = organiser.client.get_cookie("workspace", path="/workspace", domain="127.0.0.1")
    assert cookie is not None
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": f"{url}/workspace/"}])
    page.clock.install()
    page.goto(f"{url}/workspace/letters/{campaign.slug}")
    return page


def test_the_numbers_move_without_loading_the_page_again(
    visitor: Visitor, url: str, organiser: Organiser, campaign: Campaign
) -> None:
    page = look(visitor(), url, organiser, campaign)
    expect(page.locator("#figures .count-total")).to_have_text("1")
    expect(page.locator("#refreshing")).to_contain_text("every 30 seconds")
    campaign.join(2)
    page.clock.run_for(29_000)
    expect(page.locator("#figures .count-total")).to_have_text("1")
    page.clock.run_for(2_000)
    expect(page.locator("#figures .count-total")).to_have_text("2")
    expect(page.locator("#headline")).to_have_text("2 confirmed signatures")


def test_after_signing_out_the_page_says_that_it_stands_still(
    visitor: Visitor, url: str, organiser: Organiser, campaign: Campaign
) -> None:
    page = look(visitor(), url, organiser, campaign)
    organiser.sign_out()
    page.clock.run_for(31_000)
    expect(page.locator("#refreshing")).to_have_text("These numbers are no longer fetched anew. Load the page again.")
    expect(page.locator("#figures .count-total")).to_have_text("1")


def test_a_forgotten_page_stops_after_half_an_hour(
    visitor: Visitor, url: str, organiser: Organiser, campaign: Campaign
) -> None:
    page = look(visitor(), url, organiser, campaign)
    asked: list[Route] = []

    def answer(route: Route) -> None:
        asked.append(route)
        route.fulfill(body='<p data-headline="9">9</p>')

    page.route("**/*part=figures*", answer)
    for _ in range(300):  # on a busy machine an answer may take longer than the page's half minute
        page.clock.run_for(31_000)
        if len(asked) == 60:
            break
    page.clock.run_for(62_000)
    expect(page.locator("#refreshing")).to_contain_text("no longer")
    assert len(asked) == 60


def test_without_javascript_everything_is_there(
    visitor: Visitor, url: str, organiser: Organiser, campaign: Campaign
) -> None:
    page = look(visitor(javascript=False), url, organiser, campaign)
    expect(page.locator("#figures .count-total")).to_have_text("1")
    expect(page.locator("#refreshing")).to_be_hidden()


def test_it_can_be_read_on_the_smallest_phone(
    visitor: Visitor, url: str, organiser: Organiser, campaign: Campaign
) -> None:
    page = look(visitor(width=320), url, organiser, campaign)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
