"""Markdown to safe HTML: markdown-it-py without HTML and images, then nh3."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

TAGS = {"p", "br", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "blockquote", "a", "hr", "code", "pre"}
SCHEMES = {"https", "http", "mailto"}

_parser = MarkdownIt("commonmark", {"html": False, "typographer": True}).disable(["image"]).enable("replacements")


def to_html(markdown: str) -> Markup:
    """Safe HTML: no scripts, images or attributes but a link's address. Headings begin at the second level."""
    html = _parser.render(markdown).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}, "*": set()},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(clean)  # noqa: S704 - nh3 has just cleaned it


def parse(markdown: str) -> list[Token]:
    """The tokens of the same dialect, for whoever draws it other than as HTML."""
    return _parser.parse(markdown)


def readable_address(href: str) -> str:
    """A link's address as people write it: without percent signs and punycode where that is safe."""
    return _parser.normalizeLinkText(href)


def split_title(markdown: str) -> tuple[str, str]:
    """The first `# heading` as plain text, and the rest; the title is empty when there is none."""
    title, body = "", []
    for line in markdown.splitlines():
        if not title and line.startswith("# "):
            title = line.removeprefix("# ").strip().rstrip("#").strip()
        else:
            body.append(line)
    return title, "\n".join(body).strip() + "\n"
