"""Pages as somebody's computer shows them: in a few colours of its own, without motion, larger, and on paper."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from letters.settings import ROOT
from tests.journeys.inked import inked
from tests.journeys.showcase import Showcase
from tests.journeys.stretched import DOUBLED, SPACED, lost
from tests.journeys.views import VIEWS, View
from tests.letters.organising.handover.pdf import text_of, widest_of
from tests.parts.browser import Visitor

Address = Callable[[View, str], str]

EDGES = {
    "letter": (".count .button", ".sign .button", "#f-name", "#f-profession"),
    "letter with errors": (".error-summary", ".field-error .input", ".sign .button"),
    "signature that is counted": (".withdraw .button", "form .button"),
    "count": (".tile:not(.tile-0) rect",),
}
"""What has an edge that says where to write or press, or what belongs together."""
DRAWN = {
    "letter": ("progress",),
    "count": ("progress", ".bars .bar", ".bars .bar-range", ".growth svg", ".tiles svg"),
}
A4, MARGIN = 595.3, 20 / 25.4 * 72 - 3
"""The width of the paper, and its margins, a little less than the style sheet has, in points."""
PRINTED = {
    "letter": ("A safe night in every hospital", "112 signatures", "Edition 2", "What we ask"),
    "count": ("The count", "112 signatures", "By profession", "105", "Minsk", "other or withheld"),
    "signatories": ("Signatories", "112", "Names and pseudonyms"),
    "edition": ("Edition 1", "113", "These figures never change.", "/letters/stop-the-violence/editions/1"),
}
SCREEN_ONLY = (
    "Skip to the text",
    "Telegram",
    "Your e-mail address",
    "Search names",
    "Show as a table",
    "CSV",
)
MOVING = """
() => [...document.querySelectorAll("*")].filter((one) => {
    const style = getComputedStyle(one);
    const moves = style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
    return moves || style.scrollBehavior === "smooth";
}).map((one) => one.tagName).concat(document.getAnimations().map(String))
"""


def opened(page: Page, address: Address, name: str, language: str = "en") -> Page:
    page.goto(address(VIEWS[name], language))
    VIEWS[name].deed(page)
    return page


@pytest.mark.parametrize("view", EDGES)
def test_in_forced_colours_every_edge_stays(view: str, visitor: Visitor, address: Address) -> None:
    page = opened(visitor(forced_colors="active", color_scheme="dark"), address, view)
    assert [part for part in EDGES[view] if inked(page.locator(part).first, edge=1) < 0.7] == []


@pytest.mark.parametrize("view", DRAWN)
def test_in_forced_colours_what_is_drawn_is_seen(view: str, visitor: Visitor, address: Address) -> None:
    page = opened(visitor(forced_colors="active", color_scheme="dark"), address, view)
    assert [part for part in DRAWN[view] if inked(page.locator(part).first) < 0.02] == []


def test_in_forced_colours_more_signatures_have_a_stronger_edge(visitor: Visitor, address: Address) -> None:
    page = opened(visitor(forced_colors="active"), address, "count")
    levels = [page.locator(f".tile-{level} rect").first for level in range(6)]
    seen = [one.evaluate("one => parseFloat(getComputedStyle(one).strokeWidth)") for one in levels if one.count()]
    assert len(seen) > 2
    assert sorted(set(seen[1:])) == seen[1:]


def test_in_forced_colours_the_focus_is_seen(visitor: Visitor, address: Address) -> None:
    page = opened(visitor(forced_colors="active"), address, "letter")
    for part in (".count .button", "#f-name", "#f-display", "#f-consent", ".back a, .foot-links a"):
        one = page.locator(part).first
        before = inked(one, around=6)
        one.focus()
        assert inked(one, around=6) > before, part


@pytest.mark.parametrize("view", ["letter", "letter with errors", "count"])
def test_nothing_moves_whatever_the_reader_has_asked_for(view: str, visitor: Visitor, address: Address) -> None:
    page = opened(visitor(reduced_motion="no-preference"), address, view)
    assert page.evaluate(MOVING) == []
    assert page.locator("meta[http-equiv=refresh], marquee, video, audio, object, embed").count() == 0


def test_no_style_sheet_knows_how_to_move_anything() -> None:
    sheets = {file.name: file.read_text() for file in (ROOT / "static").glob("*.css")}
    moves = re.compile(r"@keyframes|\banimation|\btransition|scroll-behavior")
    assert [name for name, text in sheets.items() if moves.search(text)] == []


@pytest.mark.parametrize("view", ["letter", "letter with errors", "count", "signatories", "signature that is counted"])
@pytest.mark.parametrize("language", ["de", "ar"])
def test_larger_and_wider_text_pushes_nothing_out_of_sight(
    view: str, language: str, visitor: Visitor, address: Address
) -> None:
    page = opened(visitor(width=320), address, view, language)
    assert lost(page, SPACED) == []
    for width in (640, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert lost(page, DOUBLED) == []


@pytest.mark.parametrize("view", PRINTED)
def test_on_paper_stands_what_can_be_read_there(
    view: str, visitor: Visitor, address: Address, showcase: Showcase
) -> None:
    page = opened(visitor(), address, view)
    paper = page.pdf(format="A4", prefer_css_page_size=True)
    said = text_of(paper)
    assert [words for words in PRINTED[view] if words not in said] == []
    assert [words for words in SCREEN_ONLY if words in said] == []
    assert showcase.runtime.settings.base_url in said
    left, right = widest_of(paper)
    assert MARGIN <= left < right <= A4 - MARGIN


def test_a_letter_is_read_to_its_last_word_on_paper(visitor: Visitor, address: Address) -> None:
    page = opened(visitor(), address, "letter")
    words = re.findall(r"\w+", page.locator(".prose").inner_text())
    printed = re.findall(r"\w+", text_of(page.pdf(format="A4")))
    assert [word for word in words if word not in printed] == []
