"""Signing from a network that is over its limit: with a browser that works, and with one that can only wait."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Crowded
from tests.journeys.keyboard import Keyboard
from tests.journeys.showcase import FULL
from tests.journeys.views import fill, send, sign
from tests.journeys.witness import Witness
from tests.parts.browser import Visitor, follow


def opened(page: Page, crowded: Crowded) -> Witness:
    witness = Witness(page)
    page.goto(f"{crowded.url}/en/letters/{FULL}")
    return witness


def test_a_browser_does_the_work_and_the_button_sends_it(visitor: Visitor, crowded: Crowded) -> None:
    page = visitor()
    witness = opened(page, crowded)
    sign(page)
    status = page.get_by_role("status")
    expect(status).to_have_text("Done. Press the button to sign.")
    expect(page.get_by_role("progressbar")).to_be_hidden()
    Keyboard(page).follow(page.locator("#slow .button"))
    assert page.url.endswith("/check-mail")
    assert (witness.failures, witness.kept) == ([], {})


def test_pressing_at_once_sends_it_as_soon_as_the_work_is_done(visitor: Visitor, crowded: Crowded) -> None:
    page = visitor()
    opened(page, crowded)
    page.add_init_script("document.addEventListener('DOMContentLoaded', () => document.forms.slow?.requestSubmit())")
    fill(page)
    send(page)
    page.wait_for_url("**/check-mail")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_without_javascript_waiting_works_and_nothing_typed_is_lost(
    visitor: Visitor, crowded: Crowded, language: str
) -> None:
    page = visitor(javascript=False, language=language)
    page.goto(f"{crowded.url}/letters/{FULL}")
    fill(page)
    follow(page.locator(".sign .button"))
    assert page.locator("#slow").count() == 1
    assert page.locator("#slow-status").inner_text().strip() != ""
    assert page.locator("html").get_attribute("lang") == language
    follow(page.locator("#slow .button"))
    assert page.locator("#slow [name=name]").input_value() == "Vera Example"
    crowded.clock.advance(seconds=599)
    follow(page.locator("#slow .button"))
    assert page.url.endswith("/check-mail")
    crowded.clock.advance(seconds=-599)
