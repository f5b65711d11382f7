"""What a reader sees on a letter's page: its text, and the number of signatures.

A letter's text may stand only in tags that say nothing about looks. Otherwise a page could hold the words that were
signed, and hide or cover some of them. Up to its end, a page has to be written so plainly that every browser reads it
as this module does: where browsers mend a page, they may hide what was shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

from verification.errors import Refusal

BLOCKS = frozenset({"p", "br", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "hr", "pre"})
"""Tags in a letter's text that part two words."""

INLINE = frozenset({"a", "strong", "em", "code"})
"""Tags in a letter's text that may stand inside a word."""

ATTRIBUTES = {"a": frozenset({"href", "rel"}), "ol": frozenset({"start"})}
"""What these tags may carry; no other tag of a letter's text carries anything."""

HIDING = frozenset({"hidden", "style", "popover", "inert", "aria-hidden"})
"""What may not stand on the elements that hold the text or the total."""

PLAIN = frozenset(
    ["html", "body", "main", "article", "header", "div", "section", "p", "strong", "table", "tbody", "tr", "td"]
)
"""What the text and the total may stand in."""

GROUPING = frozenset(" \u00a0\u202f\u2009,.'\u2019")
"""What may part the digits of the total."""

DEEPEST = 100
"""How deep the elements of a page may be nested; ours are not a fifth of that."""

_END = re.compile("</article>", re.IGNORECASE)
_MORE = re.compile("<article|<body|<html|count-total|data-edition", re.IGNORECASE)
"""What a page may not have once more behind its letter; what a second <body> carries goes to the first."""

_UNPLAIN = re.compile(
    r"""<(?!
        [a-z][a-z0-9]*+ (?:[ \t\r\n]++ [a-z][a-z0-9:_-]*+ (?:="[^"<]*+"|='[^'<]*+')?+ )*+ [ \t\r\n]*+ /?> |
        /[a-z][a-z0-9]*+> |
        !doctype[ ]html> |
        !--(?!-?>) [^<>-]*+ (?:-[^<>-]++)*+ -->
    )""",
    re.IGNORECASE | re.VERBOSE,
)
"""Whatever is no tag or comment in its plainest form; parsers differ about where other forms end."""

_AROUND = frozenset({"html", "body", "main"})
"""What the letter stands in, and nothing that could hide it."""

_BEARERS = frozenset({"article", "h1", "div", "section", "table", "strong", "data"})
"""Tags that a part can begin with."""

_LAST = frozenset({"html", "body", "main"})
"""Ends that a browser passes over while something else is open."""

_OTHERWISE = frozenset(
    ["iframe", "noembed", "noframes", "noscript", "script", "select", "style", "template", "textarea", "title", "xmp"]
)
"""Tags in which a browser reads by rules of their own: nothing may begin inside of them."""

_NEVER = frozenset({"frameset", "math", "plaintext", "svg"})
"""Tags that change how a browser reads what comes behind them."""

_WITHOUT_END = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})


class BadPage(Refusal):
    """The page has not the parts of a letter's page, each once and plain."""


@dataclass(frozen=True)
class PageFigures:
    """The count as a letter's page shows it: the edition's number, the total as it is marked up for machines, and the
    total as its digits stand on the page."""

    edition: int
    total: int
    in_digits: int


class LetterPage:
    """A letter's page, read once. Raises `BadPage` for what is no HTML, or ends inside a tag."""

    def __init__(self, html: str) -> None:
        self._reader = _PageReader()
        end = _end_of_parts(html)
        head, rest = html[:end], html[end:]
        if odd := _UNPLAIN.search(head):
            self._reader.broken = f"The letter's page holds {head[odd.start() :][:40]!r}: expected plain tags."
        self._feed(head)
        self._reader.behind = True
        if not self._reader.at_rest or _MORE.search(rest):  # most of a page is the form, and holds nothing of this
            self._feed(rest)
        if self._reader.rawdata:  # never closed: the parser would look at it again from every tag in it
            raise BadPage("The letter's page ends inside a tag: expected all of it.")

    def _feed(self, html: str) -> None:
        try:
            self._reader.feed(html)
        except AssertionError:  # what the parser of the standard library does about some declarations
            raise BadPage("The letter's page is no HTML.") from None

    @property
    def text(self) -> str:
        """The `<h1>` and the `<div class="prose">` of `<article class="letter">`, joined by a newline, each with its
        white space collapsed to single spaces.

        Raises `BadPage` when one of them is not there exactly once, or holds tags or attributes that could hide words.
        """
        if wrong := self._reader.broken or self._reader.hiding:
            raise BadPage(wrong)
        return "\n".join(" ".join(self._reader.only(part).split()) for part in ("title", "body"))

    @property
    def figures(self) -> PageFigures:
        """The count in the element that has `data-edition="12"`, marked up as `<data value="4410">4,410</data>` inside
        of `<strong class="count-total">`. Raises `BadPage` when it is not there exactly once, could be hidden, or has
        other signs than digits and what groups them."""
        if self._reader.broken:
            raise BadPage(self._reader.broken)
        only = self._reader.only
        digits = "".join(sign for sign in only("total").strip() if sign not in GROUPING)
        return PageFigures(_page_number(only("edition")), _page_number(only("value")), _page_number(digits))


def visible_text(html: str) -> str:
    """The text of a letter's page. Raises `BadPage`, as `LetterPage` says."""
    return LetterPage(html).text


def _end_of_parts(html: str) -> int:
    """Where the letter ends, or on a page without one its total."""
    letter = _END.search(html)
    if letter:
        return letter.end()
    total = html.find("count-total")
    end = html.find("</strong>", total) if total >= 0 else -1
    return end + len("</strong>") if end >= 0 else len(html)


def _page_number(text: str) -> int:
    if not (text.isdecimal() and len(text) < 16):
        raise BadPage(f"The letter's page prints {text[:40]!r} where the count stands: expected a number.")
    return int(text)


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
        self._open: list[tuple[str, str, str]] = []  # tag, part, and the tag around it that could hide it
        self._found: dict[str, list[list[str]]] = {part: [] for part in _PARTS}
        self.hiding = ""
        """Why the text may not be all that is seen, "" when it is."""
        self.broken = ""
        """Why a browser may show neither the text nor the total as they are read here, "" when it does."""
        self.behind = False
        """Whether the parts have ended: from there on the page may be written as it likes, and begin none."""

    @property
    def at_rest(self) -> bool:
        """Whether every part that began has ended."""
        return not self.rawdata and not any(part in self._found or part == "article" for _tag, part, _odd in self._open)

    def only(self, part: str) -> str:
        """The text of a part. Raises `BadPage` unless it is there once."""
        found = self._found[part]
        if len(found) != 1:
            raise BadPage(f"The letter's page has {_PARTS[part]} {len(found)} times: expected it once.")
        return "".join(found[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        inside = self._part
        self._check_inside(inside, tag, attrs)
        given = {name: value or "" for name, value in attrs}
        odd = self._could_hide(tag, given)
        part = self._begins(tag, given, odd) if tag in _BEARERS else ""
        if part in self._found:
            self._found[part].append([])
        if tag in _AROUND and odd:
            self._break(f"has {odd}: expected it to be shown")
        if tag not in _WITHOUT_END:
            if len(self._open) >= DEEPEST:
                raise BadPage(f"The letter's page nests more than {DEEPEST} elements: this is no page of a letter.")
            self._open.append((tag, part or inside, odd))
        if tag in BLOCKS:
            self.handle_data(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A browser passes over the slash."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.handle_data(" ")
        if not self.behind and (tag in _LAST or not self._open or self._open[-1][0] != tag):
            self._break(f"has </{tag[:40]}> where something else is to end: expected each element to end in its order")
        for place in reversed(range(len(self._open))):
            if self._open[place][0] == tag:
                del self._open[place:]
                break

    def handle_comment(self, data: str) -> None:
        if not self.behind:
            self._check_read_alike("!")

    def handle_data(self, data: str) -> None:
        if self._part in self._found:
            self._found[self._part][-1].append(data)

    def updatepos(self, i: int, j: int) -> int:
        """Nobody asks in which line something stands, and counting lines takes a tenth of the time."""
        return j

    @property
    def _part(self) -> str:
        return self._open[-1][1] if self._open else ""

    def _begins(self, tag: str, given: Mapping[str, str], odd: str) -> str:
        """Which part begins with this tag, "" for none; an edition and a machine's value are found at once."""
        part = self._named(tag, given, given.get("class", "").split(), {part for _tag, part, _odd in self._open})
        if part and odd:
            self._break(f"has {odd} around its {part}: expected it to be shown")
        if part and self.behind:
            self._break(f"has {_PARTS.get(part, part)} behind its letter or total: expected it once")
        return part

    def _could_hide(self, tag: str, given: Mapping[str, str]) -> str:
        """The element, of those around and this one, that could hide what is inside, "" for none."""
        around = self._open[-1][2] if self._open else ""
        if around:
            return around
        if hiding := HIDING & given.keys():
            return f"{' and '.join(sorted(hiding))} on <{tag[:40]}>"
        return "" if tag in PLAIN or tag in _BEARERS else f"<{tag[:40]}>"

    def _check_read_alike(self, tag: str) -> None:
        around = self._open[-1][0] if self._open else ""
        if around in _OTHERWISE or tag in _NEVER:
            self._break(f"has <{(around if around in _OTHERWISE else tag)[:40]}> before its text or total ends")

    def _break(self, said: str) -> None:
        self.broken = self.broken or f"The letter's page {said}."

    def _named(self, tag: str, given: Mapping[str, str], classes: list[str], around: set[str]) -> str:
        if "data-edition" in given:
            self._note("edition", given["data-edition"])
            return "count"
        if tag == "data" and "count" in around:
            self._note("value", given.get("value"))
        if tag == "strong" and "count-total" in classes and "count" in around:
            return "total"
        if tag == "article" and "letter" in classes:
            return "article" if _AROUND.issuperset(name for name, _part, _odd in self._open) else ""
        if "article" in around and tag == "h1":
            return "title"
        return "body" if "article" in around and tag == "div" and "prose" in classes else ""

    def _check_inside(self, inside: str, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self.behind:
            self._check_read_alike(tag)
        if inside in ("title", "body"):
            self._check_plain(tag, attrs)
        elif inside == "total" and (tag, [name for name, _value in attrs]) != ("data", ["value"]):
            self._break(f"has <{tag[:40]}> in its total: expected <data value='…'> alone")

    def _check_plain(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        odd = {name for name, _value in attrs} - ATTRIBUTES.get(tag, frozenset())
        if tag not in BLOCKS | INLINE or odd:
            shown = " ".join([tag, *sorted(odd)])
            self.hiding = f"The letter's text holds <{shown[:60]}>, which can hide words: expected plain text."

    def _note(self, part: str, value: str | None) -> None:
        if value is not None:
            self._found[part].append([value])
