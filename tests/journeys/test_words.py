"""Words and names that break pages elsewhere: in two directions, under many marks, and far too long."""

from collections.abc import Callable, Iterator
from unicodedata import normalize

import pytest
from playwright.sync_api import Locator, Page

from letters.models.values import LetterText, Person
from tests.journeys.showcase import Showcase, serving
from tests.journeys.stretched import LOST
from tests.journeys.views import VIEWS, View
from tests.parts.browser import Visitor
from tests.parts.campaign import demo_draft

LONG = "Krankenhausaufnahmebereitschaftsdienstplanungsverantwortliche"
MARKED = normalize(
    "NFC", "Z" + "\N{COMBINING ACUTE ACCENT}" * 49 + " " + "e\N{COMBINING CEDILLA}\N{COMBINING TILDE}" * 16
)
ARABIC, RUSSIAN, HEBREW = "ليلى مثال 12", "Вера Примерная", "דוגמה (3"
NAMES = (RUSSIAN, ARABIC, "Vera Example", HEBREW, MARKED)
SIXTY_LETTERS = """
(word) => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
    while (texts.nextNode()) found.push(texts.currentNode);
    for (const text of found)
        if (!text.parentElement.closest("svg, script, thead, .trap"))
            text.data = text.data.replace(/\\p{L}{4,}/u, word);
}
"""
OUTSIDE = """
() => [...document.querySelectorAll("main :is(p, li, dt, dd, h1, h2, label, legend, a, bdi, span, th, td)")]
    .filter((one) => !one.closest("svg, .visually-hidden, .trap, .scroll, [aria-hidden=true]"))
    .filter((one) => [...one.getClientRects()].some((box) => box.left < -0.5 || box.right > innerWidth + 0.5))
    .map((one) => one.outerHTML.slice(0, 80))
"""
LINES = """
(one) => {
    const range = document.createRange(), texts = document.createTreeWalker(one, NodeFilter.SHOW_TEXT), found = [];
    while (texts.nextNode())
        for (let at = 0; at < texts.currentNode.length; at++) {
            range.setStart(texts.currentNode, at);
            range.setEnd(texts.currentNode, at + 1);
            const box = range.getBoundingClientRect();
            if (box.width) found.push([Math.round(box.top), box.left, texts.currentNode.data[at]]);
        }
    return found.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, , letter]) => letter).join("");
}
"""
"""The letters of an element in the order in which they lie on the screen, from left to right."""


@pytest.fixture(scope="module")
def mixed(showcase: Showcase) -> Iterator[str]:
    """The base URL of the showcase, with a letter whose signers write in several directions, and an Arabic one."""
    draft, _pair = demo_draft("safe-staffing")
    russian = draft.texts["ru"]
    longer = LetterText(f"{russian.title} {LONG}", "\n\n".join([russian.body] * 3), russian.privacy)
    people = [Person(dict.fromkeys(draft.texts, name), dict.fromkeys(draft.texts, LONG)) for name in NAMES]
    letter = showcase.letter("mixed", texts={**draft.texts, "ru": longer}, first_signatories=people)
    for number, name in enumerate(NAMES, 800):
        letter.join(number, name=name, display="named")
    letter.release()
    showcase.letter("only-in-arabic", languages=("ar",))
    with serving(showcase.app) as url:
        yield url


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.evaluate(OUTSIDE) == []
    return page


@pytest.mark.parametrize("language", ["ru", "ar"])
def test_names_of_every_direction_leave_their_neighbours_in_place(mixed: str, visitor: Visitor, language: str) -> None:
    page = opened(visitor(width=320, language=language), f"{mixed}/{language}/letters/mixed/signatories")
    listed = page.locator(".signatories:not(.first-signatories) > li")
    found = {item.locator(".name").inner_text(): item for item in listed.all()}
    assert set(found) == {*NAMES}
    for name, item in found.items():
        assert item.locator(".name").evaluate("one => one.tagName") == "BDI"
        assert boxes(item.locator(".about")) >= boxes(item.locator(".name")), name
    first = page.locator(".first-signatories > li")
    assert [item.locator(".name").inner_text() for item in first.all()] == [*NAMES]


@pytest.mark.parametrize(("language", "query"), [("en", ARABIC), ("ar", "Vera")])
def test_a_name_that_is_searched_for_does_not_pull_the_sentence_around(
    mixed: str, visitor: Visitor, language: str, query: str
) -> None:
    page = opened(visitor(width=1280, language=language), f"{mixed}/{language}/letters/mixed/signatories?q={query}")
    status = page.get_by_role("status")
    assert status.locator("bdi").inner_text() == query
    assert page.locator("#q").input_value() == query
    if language == "en":
        assert str(status.evaluate(LINES)).startswith("1 name found for “12")


def test_a_page_and_its_letter_may_run_in_two_directions(mixed: str, visitor: Visitor) -> None:
    page = opened(visitor(width=320, language="de"), f"{mixed}/de/letters/only-in-arabic")
    assert side(page.locator("h1")) == side(page.locator(".prose p").first) == "right"
    assert side(page.locator("#sign-title")) == "left"
    page = opened(visitor(width=320, language="ar"), f"{mixed}/ar/letters/only-in-russian")
    assert side(page.locator("h1")) == side(page.locator(".prose p").first) == "left"
    assert side(page.locator("#sign-title")) == "right"


def test_a_russian_text_of_twice_the_length_has_its_whole_place(mixed: str, visitor: Visitor) -> None:
    page = opened(visitor(width=320, language="ru"), f"{mixed}/ru/letters/mixed")
    long = len(page.locator(".prose").inner_text())
    page = opened(page, f"{mixed}/en/letters/mixed")
    assert long > 2 * len(page.locator(".prose").inner_text())


@pytest.mark.parametrize(
    "view", ["letter with errors", "signatories", "count", "institutions", "signature that is counted"]
)
def test_a_word_of_sixty_letters_fits_anywhere(
    view: str, visitor: Visitor, address: Callable[[View, str], str]
) -> None:
    page = visitor(width=320, language="de")
    page.goto(address(VIEWS[view], "de"))
    VIEWS[view].deed(page)
    page.evaluate(SIXTY_LETTERS, LONG)
    assert page.evaluate(LOST, "") == []
    assert page.evaluate(OUTSIDE) == []


def boxes(part: Locator) -> float:
    """How far down something begins."""
    return float(part.bounding_box()["y"])


def side(part: Locator) -> str:
    """Where its lines begin."""
    return str(part.evaluate("one => getComputedStyle(one).direction === 'rtl' ? 'right' : 'left'"))
