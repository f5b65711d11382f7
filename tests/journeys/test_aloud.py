"""Walks through a letter's pages by ear: what a screen reader says, in its order, and where it is after an error."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.aloud import heard, missed
from tests.journeys.views import VIEWS, View
from tests.parts.browser import Visitor

Opened = Callable[[str], Page]

WALKS = {
    "letter": (
        "link Skip to the text",
        "banner",
        "navigation Language",
        "main",
        "article",
        "heading 1 A safe night in every hospital",
        "region The count",
        "link Sign this letter",
        "progressbar Progress to the goal",
        "heading 2 What we ask",
        "region First signatories",
        "heading 2 First signatories",
        "region Sign this letter",
        "region About this letter",
        "region Privacy notice",
        "contentinfo",
    ),
    "check mail": ("main", "heading 1 Look into your mailbox", "heading 2 No mail after ten minutes?", "contentinfo"),
    "confirm": (
        "main",
        "heading 1 Confirm your signature",
        "term Letter",
        "term How you want to appear",
        "button Yes, I sign",
        "button This wasn’t me",
        "contentinfo",
    ),
    "signed": ("main", "heading 1 Thank you. You have signed.", "heading 2 Your private link", "link http…", "note"),
    "signature that is counted": (
        "main",
        "heading 1 Your signature",
        "heading 2 What is public about you",
        "heading 2 Change it",
        "group How you want to appear",
        "radio Only counted",
        "textbox Name to publish (optional)",
        "combobox Your profession",
        "button Save changes",
        "heading 2 Withdraw",
        "button Withdraw my signature",
    ),
    "count": (
        "main",
        "heading 1 The count",
        "region The count",
        "region Growth",
        "figure Total by edition",
        "image Total by edition",
        "table Total by edition",
        "columnheader Edition",
        "rowheader 2",
        "cell 112",
        "region Who signed",
        "table By profession",
        "rowheader Nurses",
        "cell 105",
        "image By region: Belarus",
        "table How signatures were checked…",
    ),
    "signatories": (
        "main",
        "heading 1 Signatories",
        "heading 2 First signatories",
        "list",
        "heading 2 Names and pseudonyms",
        "search",
        "searchbox Search names",
        "button Search",
        "list",
        "navigation Pages of the list",
        "link Page 2",
        "link Next",
    ),
    "signatories, some found": ("search", "status", "StaticText signer", "list"),
    "edition": (
        "main",
        "heading 1 Edition 1",
        "table Figures of this edition",
        "columnheader This edition",
        "rowheader Total",
        "cell 113",
        "heading 2 To quote",
        "blockquote",
        "heading 2 How to check this number",
        "region Who signed",
        "navigation Editions",
    ),
}
REQUIRED = ("Your name", "Your e-mail address", "Your profession", "Where you work")
OPTIONAL = ("Your workplace (optional)", "Write to me when there is news about this letter (optional)")


@pytest.fixture
def opened(visitor: Visitor, address: Callable[[View, str], str]) -> Opened:
    """Return what opens a view in English and does there what is to be done."""

    def open_view(name: str) -> Page:
        page = visitor(width=320)
        page.goto(address(VIEWS[name], "en"))
        VIEWS[name].deed(page)
        return page

    return open_view


@pytest.mark.parametrize("view", WALKS)
def test_a_page_is_heard_in_its_order(view: str, opened: Opened) -> None:
    assert missed(opened(view), *WALKS[view]) == []


def test_each_field_says_what_it_wants_and_what_becomes_of_it(opened: Opened) -> None:
    page = opened("letter")
    fields = {one.name: one for one in heard(page) if one.role in ("textbox", "combobox", "checkbox", "radio")}
    assert [name for name, one in fields.items() if not one.description or one.states["invalid"] == "true"] == []
    assert fields["Your name"].description == page.locator("#f-name-hint").inner_text()
    assert fields["Only counted"].states["checked"] == "true"
    for name in (*REQUIRED, *OPTIONAL):
        assert page.get_by_label(name, exact=True).evaluate("one => one.required") is (name in REQUIRED)


def test_after_a_refused_form_the_summary_speaks_first_and_leads_to_each_field(opened: Opened) -> None:
    page = opened("letter with errors")
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    assert page.title().startswith("Error: ")
    wrong = {one.name: one for one in heard(page) if one.states.get("invalid") == "true"}
    links = summary.get_by_role("link").all()
    assert len(links) == len(wrong) > 1
    for link, (name, field) in zip(links, wrong.items(), strict=True):
        assert f"Error: {link.inner_text()}" in field.description
        link.press("Enter")
        assert page.evaluate("document.activeElement.labels[0].innerText.trim()") == name


def test_without_javascript_too_the_summary_has_the_focus(
    visitor: Visitor, address: Callable[[View, str], str]
) -> None:
    page = visitor(javascript=False)
    page.goto(address(VIEWS["letter with errors"], "en"))
    VIEWS["letter with errors"].deed(page)
    assert page.locator(".error-summary").evaluate("one => one === document.activeElement")


def test_the_text_is_read_in_its_own_language(visitor: Visitor, address: Callable[[View, str], str]) -> None:
    page = visitor(width=320, language="ar")
    page.goto(address(VIEWS["letter in another language than the page"], "ar"))
    assert page.locator("html").evaluate("one => [one.lang, one.dir]") == ["ar", "rtl"]
    for part in ("h1", ".prose", ".addressee", "#privacy > div", ".first-signatories"):
        around = page.locator(part).evaluate("one => one.closest('[lang]')?.matches('[lang=ru][dir=ltr]')")
        assert around, part
