"""The paper as a value, and as a PDF: the same paper gives the same bytes.

What a signer or an organiser wrote reaches the typesetter as JSON in `sys_inputs`, and is never part of its source.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from letters.organising.handover.blocks import to_blocks
from letters.organising.typesetting.starting import NotTypeset, printable, typeset
from letters.settings import ROOT
from verification.errors import Refusal

TEMPLATE = ROOT / "templates" / "organising" / "handover" / "paper.typ"

PATIENCE = 120.0
"""Seconds that a paper may take."""

LONGEST_WORD = 24
"""Letters in a row that are never parted without a hyphen; more may break anywhere, or they would leave the page."""

_LONG = re.compile(rf"[^\s\-\u2010-\u2014]{{{LONGEST_WORD + 1},}}")
_JOINERS = ("\N{ZERO WIDTH JOINER}", "\N{ZERO WIDTH NON-JOINER}")


class PaperFailed(Refusal):
    """The PDF could not be made."""


@dataclass(frozen=True)
class Words:
    """What the paper says of itself: its headings, and the small print below them."""

    open_letter: str
    corrections: str
    corrections_note: str
    responsible: str
    who_signed: str
    signatures: str
    reported: str
    reported_note: str
    reported_by: str
    reported_count: str
    check: str
    log_head: str
    log_head_note: str
    signatories: str
    first_signatories: str
    names: str
    names_note: str


@dataclass(frozen=True)
class Line:
    """Something with a name: a correction by its day, an address by what stands there."""

    label: str
    text: str


@dataclass(frozen=True)
class Figure:
    """One figure as printed, a count or a range; `share` of the total, from 0 to 1."""

    label: str
    text: str
    share: float = 0.0


@dataclass(frozen=True)
class Breakdown:
    """One table of figures; `head` names what its lines are, `note` may be empty."""

    title: str
    head: str
    figures: Sequence[Figure]
    note: str = ""


@dataclass(frozen=True)
class Signatory:
    """A public name or a pseudonym, and what may be shown beside it."""

    name: str
    about: str = ""
    pseudonymous: bool = False


@dataclass(frozen=True)
class Paper:
    """Everything that is printed, in the language of its reader, and safe for anybody to see.

    `day` is the edition's and the only date of the PDF; `text` is Markdown; `signatures` is the noun that follows
    `total`, and `sum` says what it comes from; `reported` are figures that nobody verified, never part of a total;
    `hidden` says why there are no names, where there are none; `log_head` is None while there is no log.
    """

    language: str
    day: date
    title: str
    addressee: str
    text: str
    corrections: Sequence[Line]
    responsible: str
    edition: str
    total: str
    signatures: str
    sum: str
    breakdowns_note: str
    breakdowns: Sequence[Breakdown]
    reported: Sequence[Figure]
    proofs: Sequence[str]
    addresses: Sequence[Line]
    log_head: str | None
    hidden: str
    first_signatories: Sequence[Signatory]
    signatories: Sequence[Signatory]
    words: Words


def render(paper: Paper, patience: float = PATIENCE) -> bytes:
    """The paper as an A4 PDF, typeset in another process; `patience` is in seconds.

    15,000 names take about 5 s and 600 MB there. Raises `PaperFailed`.
    """
    try:
        return typeset(TEMPLATE, _printable(_tree(paper)), "pdf", patience)
    except NotTypeset:
        raise PaperFailed(
            "The PDF could not be made: the machine has too little time or memory for it, or the text is nested too "
            "deep. Try again later, or make the text simpler."
        ) from None


def _tree(paper: Paper) -> dict[str, Any]:
    tree = asdict(paper)
    tree["text"] = [asdict(block) for block in to_blocks(paper.text)]
    tree["day"] = {"year": paper.day.year, "month": paper.day.month, "day": paper.day.day}
    tree["log_head"] = paper.log_head.splitlines() if paper.log_head else None
    return tree


def _printable(value: Any) -> Any:
    """A tree whose texts hold nothing unprintable, and whose long words are cut into pieces."""
    if isinstance(value, str):
        return _pieces(printable(value))
    if isinstance(value, dict):
        return {key: _printable(each) for key, each in value.items()}
    return [_printable(each) for each in value] if isinstance(value, list | tuple) else value


def _pieces(text: str) -> str | list[str]:
    """The text, or where it has long words, pieces of it between which a line may break."""
    cuts = [cut for word in _LONG.finditer(text) for cut in _cuts(text, word.start(), word.end())]
    if not cuts:
        return text
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def _cuts(text: str, start: int, end: int) -> Iterator[int]:
    """Between which letters a word may break: never before a mark, which belongs to the letter that it stands on."""
    for place in range(start + 1, end):
        before, after = text[place - 1], text[place]
        if not unicodedata.category(after).startswith("M") and after not in _JOINERS and before not in _JOINERS:
            yield place
