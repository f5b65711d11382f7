"""Every page in every state can be used by everybody: on a small screen, in the dark, with a screen reader."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.journeys.aloud import grievances
from tests.journeys.covered import WIDTHS, Look, Note, looks
from tests.journeys.showcase import Showcase
from tests.journeys.stretched import SPACED, lost
from tests.journeys.views import VIEWS, View, nothing
from tests.journeys.witness import Witness
from tests.parts.browser import Visitor

AXE = Axe()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "view" in metafunc.fixturenames:
        full = metafunc.config.getoption("--full")
        chosen = [(view, *look) for number, view in enumerate(VIEWS) for look in looks(number, full=full)]
        metafunc.parametrize(("view", "language", "scheme"), chosen)


def test_a_page_has_no_barriers(
    view: str,
    language: str,
    scheme: str,
    visitor: Visitor,
    address: Callable[[View, str], str],
    looked: Note,
    repetitions: Callable[[int, int], int],
) -> None:
    url = address(VIEWS[view], language)
    page = visitor(width=WIDTHS[0], language=language, color_scheme=scheme)
    witness = Witness(page)
    page.goto(url)
    VIEWS[view].deed(page)
    assert grievances(page) == []
    assert lost(page, SPACED) == []
    widths = WIDTHS[: repetitions(1, len(WIDTHS))]
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        assert barriers(page) == []
        assert witness.overflow == 0
    assert page.locator("html").get_attribute("lang") == language
    assert witness.failures == []
    assert witness.hosts == {urlsplit(url).netloc}
    assert witness.kept == {}
    looked(Look("public", view, language, scheme, widths))


def test_each_state_of_a_page_is_one_of_its_own(showcase: Showcase) -> None:
    found: dict[str, list[str]] = {}
    client = showcase.app.test_client()
    for name, view in VIEWS.items():
        if not view.empty and view.deed is nothing:
            page = client.get(view.address.format_map({**showcase.links, "language": "en"})).text
            found.setdefault(page.partition("<main")[2], []).append(name)
    assert [names for names in found.values() if len(names) > 1] == []


def barriers(page: Page) -> list[tuple[str, str]]:
    """What axe finds wrong, and where first."""
    found = AXE.run(page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
    return [(violation["id"], violation["nodes"][0]["html"]) for violation in found]
