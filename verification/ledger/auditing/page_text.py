"""What a reader sees on a letter's page: its text, and the number of signatures.

A letter's text may stand only in tags that say nothing about looks. Otherwise a page could hold the words that were
signed, and hide or cover some of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

from verification.errors import Refusal

BLOCKS = frozenset("p br h2 h3 h4 ul ol li blockquote hr pre".split())
"""Tags in a letter's text that part two words."""

INLINE = frozenset("a strong em code".split())
"""Tags in a letter's text that may stand inside a word."""

ATTRIBUTES = {"a": frozenset({"href", "rel"}), "ol": frozenset({"start"})}
"""What these tags may carry; no other tag of a letter's text carries anything."""

HIDING = frozenset({"hidden", "style"})
"""What may not stand on the elements that hold the text."""

DEEPEST = 100
"""How deep the elements of a page may be nested; ours are not a fifth of that."""

_WITHOUT_END = frozenset("area base br col embed hr img input link meta source track wbr".split())


class BadPage(Refusal):
    """The page has not the parts of a letter's page, each once and plain."""


@dataclass(frozen=True)
class PageFigures:
    """The count as a letter's page shows it: the edition's number, the total as it is marked up for machines, and the
    total as its digits stand on the page."""

    edition: int
    total: int
    in_digits: int


def visible_text(html: str) -> str:
    """The text of a letter's page: the `<h1>` and the `<div class="prose">` of `<article class="letter">`, joined by a
    newline, each with its white space collapsed to single spaces.

    Raises `BadPage` when one of them is not there exactly once, or holds tags or attributes that could hide words.
    """
    reader = _read_page(html)
    return "\n".join(" ".join(reader.only(part).split()) for part in ("title", "body"))


def page_figures(html: str) -> PageFigures:
    """The count in `<section class="count" data-edition="12">`, marked up as `<data value="4410">4,410</data>` inside
    of `<strong class="count-total">`. Raises `BadPage` when it is not there exactly once."""
    reader = _read_page(html)
    digits = "".join(sign for sign in reader.only("total") if sign.isdecimal())
    return PageFigures(_page_number(reader.only("edition")), _page_number(reader.only("value")), _page_number(digits))


def _page_number(text: str) -> int:
    if not (text.isdecimal() and len(text) < 16):
        raise BadPage(f"The letter's page prints {text[:40]!r} where the count stands: expected a number.")
    return int(text)


def _read_page(html: str) -> _PageReader:
    reader = _PageReader()
    reader.feed(html)
    reader.close()
    return reader


_PARTS = {
    "title": "an <h1> in its <article class='letter'>",
    "body": "a <div class='prose'> in its <article class='letter'>",
    "total": "a <strong class='count-total'> in its count",
    "edition": "a data-edition on its count",
    "value": "a <data value='…'> in its count",
}


class _PageReader(HTMLParser):
    """Collects the parts of a letter's page; the open elements are kept, as the parser itself knows only tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, str]] = []
        self._found: dict[str, list[list[str]]] = {part: [] for part in _PARTS}

    def only(self, part: str) -> str:
        """The text of a part. Raises `BadPage` unless it is there once."""
        found = self._found[part]
        if len(found) != 1:
            raise BadPage(f"The letter's page has {_PARTS[part]} {len(found)} times: expected it once.")
        return "".join(found[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        inside = self._part
        if inside in ("title", "body"):
            _check_plain(tag, given)
        part = self._begins(tag, given)
        if part in ("title", "body", "article"):
            _check_shown(tag, given)
        if part in self._found:
            self._found[part].append([])
        if tag not in _WITHOUT_END:
            if len(self._open) >= DEEPEST:
                raise BadPage(f"The letter's page nests more than {DEEPEST} elements: this is no page of a letter.")
            self._open.append((tag, part or inside))
        if tag in BLOCKS:
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        places = [place for place, (name, _part) in enumerate(self._open) if name == tag]
        if tag in BLOCKS:
            self.handle_data(" ")
        if places:
            del self._open[places[-1] :]

    def handle_data(self, data: str) -> None:
        if self._part in self._found:
            self._found[self._part][-1].append(data)

    @property
    def _part(self) -> str:
        return self._open[-1][1] if self._open else ""

    def _begins(self, tag: str, given: Mapping[str, str]) -> str:
        """Which part begins with this tag, "" for none; an edition and a machine's value are found at once."""
        classes = given.get("class", "").split()
        around = {part for _tag, part in self._open}
        if tag == "section" and "count" in classes:
            self._note("edition", given.get("data-edition"))
            return "count"
        if tag == "data" and "count" in around:
            self._note("value", given.get("value"))
        if tag == "strong" and "count-total" in classes and "count" in around:
            return "total"
        if tag == "article" and "letter" in classes:
            return "article"
        if "article" in around and tag == "h1":
            return "title"
        return "body" if "article" in around and tag == "div" and "prose" in classes else ""

    def _note(self, part: str, value: str | None) -> None:
        if value is not None:
            self._found[part].append([value])


def _check_plain(tag: str, given: Mapping[str, str]) -> None:
    odd = given.keys() - ATTRIBUTES.get(tag, frozenset())
    if tag not in BLOCKS | INLINE or odd:
        shown = " ".join([tag, *sorted(odd)])
        raise BadPage(f"The letter's text holds <{shown[:60]}>, which can hide words: expected plain text.")


def _check_shown(tag: str, given: Mapping[str, str]) -> None:
    if odd := HIDING & given.keys():
        raise BadPage(f"The letter's page has {' and '.join(sorted(odd))} on its <{tag}>: expected it to be shown.")
