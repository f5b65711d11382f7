"""Markdown as a small tree that a template can draw: the dialect of the pages, without HTML and images.

Inline text is flat, a row of runs, and blocks are nested only some levels deep: no text is too much for the typesetter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

from markdown_it.token import Token

from letters.web.markdown import SCHEMES, parse, readable_address

LOWEST = 4
"""The lowest level of headings; the title of the paper has level 1."""

DEEPEST = 5
"""How deep quotes and lists are drawn within each other; what lies deeper stands beside what holds it."""


@dataclass(frozen=True)
class Run:
    """Text of one kind; `href` is where it leads, empty for plain text. A break has no text."""

    text: str
    strong: bool = False
    emph: bool = False
    code: bool = False
    href: str = ""
    kind: Literal["text", "break"] = "text"


@dataclass(frozen=True)
class Paragraph:
    runs: Sequence[Run]
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True)
class Heading:
    level: int
    runs: Sequence[Run]
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True)
class Quote:
    blocks: Sequence[Block]
    kind: Literal["quote"] = "quote"


@dataclass(frozen=True)
class Listing:
    """A list; `start` is the number of its first item, `tight` when no item has a blank line after it."""

    items: Sequence[Sequence[Block]]
    tight: bool
    start: int
    kind: Literal["bullets", "numbers"]


@dataclass(frozen=True)
class Code:
    lines: Sequence[str]
    kind: Literal["code"] = "code"


@dataclass(frozen=True)
class Rule:
    kind: Literal["rule"] = "rule"


Block = Paragraph | Heading | Quote | Listing | Code | Rule


def to_blocks(markdown: str) -> list[Block]:
    """The blocks of a text. Headings begin at level 2 and leave no level out (PDF/UA-1, 7.4.2)."""
    blocks = _until_closed(iter(parse(markdown)), 0)
    last = 1
    for place, block in enumerate(blocks):
        if isinstance(block, Heading):
            last = min(max(block.level, 2), last + 1, LOWEST)
            blocks[place] = replace(block, level=last)
    return blocks


def _until_closed(tokens: Iterator[Token], depth: int) -> list[Block]:
    """The blocks up to the token that closes what holds them. Every opening token is closed by whoever reads it."""
    blocks: list[Block] = []
    for token in tokens:
        if token.nesting < 0:
            break
        blocks += _blocks(token, tokens, depth)
    return blocks


def _blocks(token: Token, tokens: Iterator[Token], depth: int) -> list[Block]:
    match token.type:
        case "heading_open":
            runs = _inline(tokens)
            return [Heading(int(token.tag[1:]), runs)] if any(run.text.strip() for run in runs) else []
        case "blockquote_open":
            inside = _headless(_until_closed(tokens, depth + 1))
            return [Quote(inside)] if depth < DEEPEST else inside
        case "bullet_list_open" | "ordered_list_open":
            listing = _listing(token, tokens, depth + 1)
            return [listing] if depth < DEEPEST else [block for item in listing.items for block in item]
        case "fence" | "code_block":
            return [Code(token.content.rstrip("\n").split("\n"))]
        case "hr":
            return [Rule()]
        case _:
            return [Paragraph(_inline(tokens))]


def _listing(token: Token, tokens: Iterator[Token], depth: int) -> Listing:
    items: list[list[Block]] = []
    tight = True
    for item in tokens:
        if item.nesting < 0:
            break
        inside = list(_upto_close(tokens))
        tight = tight and not any(each.type == "paragraph_open" and not each.hidden for each in inside)
        items.append(_headless(_until_closed(iter(inside), depth)))
    start = int(token.attrs.get("start", 1))
    return Listing(items, tight, start, "numbers" if token.type.startswith("ordered") else "bullets")


def _upto_close(tokens: Iterator[Token]) -> Iterator[Token]:
    depth = 1
    for token in tokens:
        depth += token.nesting
        yield token
        if not depth:
            return


def _headless(blocks: Sequence[Block]) -> list[Block]:
    """Within quotes and lists a heading is a paragraph in bold: it is no part of the paper's outline."""
    return [_bold(block) if isinstance(block, Heading) else block for block in blocks]


def _bold(heading: Heading) -> Paragraph:
    return Paragraph([replace(run, strong=True) for run in heading.runs])


def _inline(tokens: Iterator[Token]) -> list[Run]:
    """The runs of the next token, which holds them, and past the one after it, which closes the block."""
    content = next(tokens)
    next(tokens)
    return list(_runs(content.children or ()))


def _runs(tokens: Sequence[Token]) -> Iterator[Run]:
    strong = emph = 0
    href, shown = "", ""
    for token in tokens:
        match token.type:
            case "strong_open" | "strong_close":
                strong += token.nesting
            case "em_open" | "em_close":
                emph += token.nesting
            case "link_open":
                href, shown = str(token.attrs["href"]), ""
            case "link_close":
                yield from _printed(href, shown)
                href = ""
            case "softbreak":
                yield Run(" ")
            case "hardbreak":
                yield Run("", kind="break")
            case _:
                shown += token.content
                code = token.type == "code_inline"
                yield Run(token.content, strong > 0, emph > 0, code, href if _leads(href) else "")


def _printed(href: str, shown: str) -> Iterator[Run]:
    """Where a link leads, for whoever reads it on paper, unless its text says so already."""
    address = readable_address(href)
    if _leads(href) and shown not in (address, href):
        yield Run(" (")
        yield Run(address, href=href)
        yield Run(")")


def _leads(href: str) -> bool:
    """Whether a link leads anywhere from paper: what is no whole address does not."""
    return urlsplit(href).scheme in SCHEMES
