"""The way of a signer, and every figure, in browsers that show only a part of what a page is made of.

Tor Browser's safest level leaves out all of it at once: scripts, fonts and SVG. Its SVG elements are then elements
without a meaning, whose text is shown like any other; here they are renamed on their way to the browser.
"""

import re
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from playwright.sync_api import Page, Route

from tests.journeys.showcase import FULL, Showcase, serving
from tests.journeys.views import fill, send
from tests.journeys.witness import Witness
from tests.parts.browser import Visitor
from tests.parts.campaign import Campaign
from verification.identity.sealing import new_key_pair

SVG = re.compile(r"(</?)(svg|rect|path|line|text|g|title|desc)\b")
PEOPLE = count(900)
FIGURES = ("112", "2,000", "105", "3–9", "Minsk Region", "66", "42–48", "113")
"""What the page of the count says: total, goal, professions, regions, standing, and the total of the first edition."""


@pytest.fixture(scope="module")
def served(showcase: Showcase) -> Iterator[str]:
    """The base URL of the showcase."""
    with serving(showcase.app) as url:
        yield url


def without_files(kind: str) -> Callable[[Page], None]:
    """Let the browser fetch nothing of that kind."""

    def block(route: Route) -> None:
        (route.abort if route.request.resource_type == kind else route.fallback)()

    def without(page: Page) -> None:
        page.route("**/*", block)

    return without


def without_svg(page: Page) -> None:
    """Give the browser elements that it does not know in place of SVG, and no picture in that format."""

    def rename(route: Route) -> None:
        if route.request.resource_type != "document":
            route.fallback()
            return
        answer = route.fetch(max_redirects=0)
        head, found, body = answer.text().partition("<main")
        route.fulfill(response=answer, body=head + found + SVG.sub(r"\1no-\2", body))

    page.route("**/*.svg*", lambda route: route.abort())
    page.route("**/*", rename)


WITHOUT: dict[str, tuple[Callable[[Page], None], ...]] = {
    "images": (without_files("image"),),
    "a style sheet": (without_files("stylesheet"),),
    "fonts": (without_files("font"),),
    "SVG": (without_svg,),
    "scripts": (),
    "any of them": (*map(without_files, ("image", "stylesheet", "font", "script")), without_svg),
}


@pytest.mark.parametrize("missing", WITHOUT)
def test_a_letter_is_signed_and_its_count_is_read(
    missing: str, showcase: Showcase, served: str, visitor: Visitor
) -> None:
    page = visitor(javascript=missing not in ("scripts", "any of them"))
    for block in WITHOUT[missing]:
        block(page)
    page.goto(f"{served}/en/letters/{FULL}")
    assert page.locator(".count").inner_text().startswith("112")
    fill(page)
    address = f"signer{next(PEOPLE)}@example.org"
    page.locator("#f-email").fill(address)
    send(page)
    assert page.url.endswith("/check-mail")
    page.goto(served + confirmation(showcase, address))
    assert "A safe night in every hospital" in page.locator("main").inner_text()
    send(page)
    assert "/signature/" in page.locator("a.private-link").inner_text()
    page.goto(f"{served}/en/letters/{FULL}/count")
    page.locator("summary").click()
    said = page.locator("main").inner_text()
    assert [figure for figure in FIGURES if figure not in said] == []


def confirmation(showcase: Showcase, address: str) -> str:
    """The path of the link that was mailed."""
    campaign = Campaign(showcase.runtime, showcase.app, showcase.mail_server, FULL, new_key_pair())
    campaign.send_mail()
    return campaign.links(address)[-1]


def test_no_page_asks_for_what_its_reader_did_not_want(served: str, visitor: Visitor) -> None:
    page = visitor(javascript=False)
    witness = Witness(page)
    kinds: set[str] = set()
    page.on("request", lambda request: kinds.add(request.resource_type))
    page.goto(f"{served}/en/letters/{FULL}/count", wait_until="networkidle")
    assert "script" not in kinds
    assert witness.hosts == {served.removeprefix("http://")}
