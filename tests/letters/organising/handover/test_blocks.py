"""Markdown as blocks: the page's dialect, flat enough to draw whatever was written."""

from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.organising.handover.blocks import (
    DEEPEST,
    LOWEST,
    Block,
    Code,
    Heading,
    Listing,
    Paragraph,
    Quote,
    Rule,
    Run,
    to_blocks,
)
from letters.web.markdown import to_html

pieces = st.sampled_from(
    [
        "# ",
        "#### ",
        "> ",
        "- ",
        "7. ",
        "**",
        "*",
        "`",
        "```\n",
        "\n",
        "\n\n",
        "    ",
        "---",
        "[",
        "](https://a.example)",
        "<b>",
        "\\",
    ]
)
markdown = st.lists(pieces | st.text(st.characters(exclude_categories=["Cs"]), max_size=6), max_size=20).map("".join)


def plain(value: Any) -> str:
    """All the text of some blocks."""
    if isinstance(value, dict):
        return "".join(plain(value[key]) for key in ("text", "runs", "items", "blocks", "lines") if key in value)
    return "".join(map(plain, value)) if isinstance(value, list | tuple) else str(value)


def depth(blocks: list[Block]) -> int:
    inner = [
        block.blocks if isinstance(block, Quote) else [each for item in block.items for each in item]
        for block in blocks
        if isinstance(block, Quote | Listing)
    ]
    return max((1 + depth(list(each)) for each in inner), default=0)


def test_every_kind_of_block_is_read() -> None:
    read = to_blocks("Text\n\n## Part\n\n> said\n\n3. three\n4. four\n\n---\n\n```\na\n b\n```\n")
    assert read == [
        Paragraph([Run("Text")]),
        Heading(2, [Run("Part")]),
        Quote([Paragraph([Run("said")])]),
        Listing([[Paragraph([Run("three")])], [Paragraph([Run("four")])]], tight=True, start=3, kind="numbers"),
        Rule(),
        Code(["a", " b"]),
    ]


def test_a_list_with_blank_lines_is_loose() -> None:
    listing = to_blocks("- one\n\n- two\n  - inner\n")[0]
    assert isinstance(listing, Listing)
    assert (listing.kind, listing.tight, len(listing.items)) == ("bullets", False, 2)


def test_emphasis_adds_up() -> None:
    assert to_blocks("a **b *c*** `d`  \ne\nf") == [
        Paragraph(
            [
                Run("a "),
                Run("b ", strong=True),
                Run("c", strong=True, emph=True),
                Run(" "),
                Run("d", code=True),
                Run("", kind="break"),
                Run("e"),
                Run(" "),
                Run("f"),
            ]
        )
    ]


def test_a_link_prints_where_it_leads() -> None:
    assert to_blocks("[отчёт](https://example.org/%D0%BF%D1%83%D1%82%D1%8C)") == [
        Paragraph(
            [
                Run("отчёт", href="https://example.org/%D0%BF%D1%83%D1%82%D1%8C"),
                Run(" ("),
                Run("https://example.org/путь", href="https://example.org/%D0%BF%D1%83%D1%82%D1%8C"),
                Run(")"),
            ]
        )
    ]


def test_an_address_is_printed_once() -> None:
    address = "https://example.org/x"
    assert to_blocks(f"<{address}>") == [Paragraph([Run(address, href=address)])]


@pytest.mark.parametrize("href", ["/relative", "ftp://example.org", "tel:1", "#part"])
def test_what_leads_nowhere_from_paper_is_plain_text(href: str) -> None:
    assert to_blocks(f"[text]({href})") == [Paragraph([Run("text")])]


@pytest.mark.parametrize("written", ["<b>x</b>", "<script>x</script>", "[x](javascript:x)", "@x", "$x$", "#x()"])
def test_what_is_no_markdown_stays_as_it_was_written(written: str) -> None:
    assert plain([asdict(block) for block in to_blocks(written)]) == written


@given(st.lists(st.integers(1, 6), max_size=12))
def test_headings_begin_at_level_two_and_leave_none_out(written: list[int]) -> None:
    read = [
        block.level
        for block in to_blocks("\n\n".join("#" * level + " h" for level in written))
        if isinstance(block, Heading)
    ]
    assert len(read) == len(written)
    assert all(2 <= level <= min(before + 1, LOWEST) for before, level in zip([1, *read], read, strict=False))


def test_a_heading_without_words_is_none() -> None:
    assert to_blocks("##\n\n#\n\ntext") == [Paragraph([Run("text")])]


def test_headings_within_quotes_and_lists_are_bold_text() -> None:
    assert to_blocks("> # loud") == [Quote([Paragraph([Run("loud", strong=True)])])]


@pytest.mark.parametrize("marker", ["> ", "- ", "1. ", "> - "])
def test_nesting_ends_somewhere(marker: str) -> None:
    for levels in (3, 9, 18, 500):
        assert depth(to_blocks(marker * levels + "deep")) <= DEEPEST


def test_emphasis_within_emphasis_never_overflows() -> None:
    assert len(to_blocks("**a *b " * 5000 + "*b **" * 5000)) == 1


@given(markdown)
def test_the_paper_says_what_the_page_says(written: str) -> None:
    """Whatever has no link says the same, letter by letter."""
    if "](" in written or "<" in written:
        return
    words = plain([asdict(block) for block in to_blocks(written)])
    page = to_html(written).striptags()
    assert "".join(words.split()) == "".join(page.split())
