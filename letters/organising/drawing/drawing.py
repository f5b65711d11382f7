"""From what a card or a poster says to its bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from letters.models.drawings import DrawingKind
from letters.organising.handover.blocks import Block, Code, Heading, Listing, Quote, Rule, to_blocks
from letters.organising.typesetting.starting import Form, printable, typeset
from letters.reading.codes import qr_svg
from letters.reading.drawable import Card, Drawable, Poster, template_of

PATIENCE = 30.0
"""Seconds that a drawing may take; it takes one."""


def draw(drawable: Drawable, patience: float = PATIENCE) -> bytes:
    """A card as PNG of 1200 by 630 pixels, a poster as PDF of one A4 page. Raises `NotTypeset`."""
    kind, form = _KINDS[type(drawable)]
    return typeset(template_of(kind), _values(drawable), form, patience)


_KINDS: dict[type[Drawable], tuple[DrawingKind, Form]] = {
    Card: (DrawingKind.CARD, "png"),
    Poster: (DrawingKind.POSTER, "pdf"),
}


def _values(drawable: Drawable) -> dict[str, Any]:
    values = asdict(drawable)
    values |= values.pop("tongue")
    if isinstance(drawable, Poster):
        values |= {"text": list(plain(to_blocks(drawable.text))), "code": qr_svg(drawable.address)}
    return {name: _printable(value) for name, value in values.items()}


def _printable(value: str | Sequence[str]) -> str | list[str]:
    return printable(value) if isinstance(value, str) else [printable(each) for each in value]


def plain(blocks: Sequence[Block]) -> Iterator[str]:
    """The paragraphs of a text without its marks and headings: a poster's is short."""
    for block in blocks:
        match block:
            case Quote():
                yield from plain(block.blocks)
            case Listing():
                yield from (f"• {' '.join(plain(item))}" for item in block.items)
            case Code():
                yield " ".join(block.lines)
            case Heading() | Rule():
                pass
            case _:
                yield "".join(run.text if run.kind == "text" else " " for run in block.runs)
