"""The breakdowns as the last edition counted them, beside what it let readers see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session

from letters.models.values import Letter
from letters.publishing.changes import DIMENSIONS
from letters.publishing.tallies import Scheme, count_cells

Label = Callable[[str, str], str]
"""What a cell is called, by its dimension and code."""


@dataclass(frozen=True)
class CellLine:
    """One cell: how many it holds, and what readers see of it, None for nothing. `share` is of the largest one."""

    label: str
    exact: int
    shown: int | None
    share: float


def compare_cells(session: Session, letter: Letter, scheme: Scheme, label: Label) -> Mapping[str, Sequence[CellLine]]:
    """By dimension the cells that are not empty, the largest first. Both figures are the last edition's."""
    figures = letter.edition.figures if letter.edition else {}
    exact = count_cells(session, letter.id, scheme)
    return {
        dimension: _lines(
            {code: count for (place, code), (count, _) in exact.items() if place == dimension},
            figures[dimension]["shown"] if figures else {},
            partial(label, dimension),
        )
        for dimension in DIMENSIONS
    }


def _lines(exact: Mapping[str, int], shown: Mapping[str, int], label: Callable[[str], str]) -> list[CellLine]:
    filled = sorted((code for code in {**exact, **shown} if exact.get(code) or shown.get(code)), key=label)
    most = max((exact.get(code, 0) for code in filled), default=0)
    lines = [
        CellLine(label(code), exact.get(code, 0), shown.get(code), exact.get(code, 0) / most if most else 0.0)
        for code in filled
    ]
    return sorted(lines, key=lambda line: -line.exact)
