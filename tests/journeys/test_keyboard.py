"""Every page from end to end with the Tab key alone."""

from collections.abc import Callable
from itertools import cycle

import pytest

from letters.vocabularies.languages import LANGUAGES
from tests.journeys.keyboard import Keyboard
from tests.journeys.stops import walk
from tests.journeys.views import VIEWS, View
from tests.parts.browser import Visitor

ALWAYS = (
    "letter",
    "letter with errors",
    "count",
    "signatories",
    "signature that is counted",
    "edition, its checkpoint",
)
WIDTHS = (320, 1280)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """In the short mode only the pages that are visited most; each in another language than the one before."""
    if "view" in metafunc.fixturenames:
        names = list(VIEWS) if metafunc.config.getoption("--full") else ALWAYS
        metafunc.parametrize(("view", "language"), [*zip(names, cycle(LANGUAGES), strict=False)])


def test_each_stop_is_reached_in_its_order_seen_and_left_again(
    view: str,
    language: str,
    visitor: Visitor,
    address: Callable[[View, str], str],
    repetitions: Callable[[int, int], int],
) -> None:
    page = visitor(language=language, color_scheme="dark" if language == "ru" else "light")
    page.goto(address(VIEWS[view], language))
    VIEWS[view].deed(page)
    for width in WIDTHS[: repetitions(1, len(WIDTHS))]:
        page.set_viewport_size({"width": width, "height": 640})
        walked = walk(page)
        first = walked.reached.index(0) if walked.reached else 0
        in_order = walked.reached[first:] + walked.reached[:first]
        assert [walked.expected[number] for number in in_order] == walked.expected
        assert walked.wrong == []


def test_the_first_stop_leads_past_the_head_of_the_page(visitor: Visitor, address: Callable[[View, str], str]) -> None:
    page = visitor()
    page.goto(address(VIEWS["letter"], "en"))
    hands = Keyboard(page)
    hands.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    hands.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    hands.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
