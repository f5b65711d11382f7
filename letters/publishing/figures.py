"""Which cells of a breakdown are safe to print. Pure: counts in, printed cells out.

A cell has a memory, so that no edition can be differenced into one signer: it is read only once `moves_after` events
have come together since it was read last, in an edition of as many people, and prints that reading until the next.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from letters.models.values import FigurePolicy

Code = TypeVar("Code")
Pair = tuple[str, str]
"""A profession and a region."""


@dataclass(frozen=True)
class Cell:
    """One cell: its exact `count`, those of them without a public name, the events since it was read, and what it
    prints, None while it is hidden. An event is somebody who came to the cell or left it; showing or hiding a name is
    none, or a few people could have a cell read as often as they like."""

    count: int
    unnamed: int
    events: int
    printed: int | None


@dataclass(frozen=True)
class SafeCells:
    """What is printed of one dimension.

    `shown` maps codes to counts. `rest` is the least and the most that everybody else can be; it follows from the total
    and the shown cells alone, so it adds nothing to what they say. None when nobody can be left over.
    """

    shown: Mapping[str, int]
    rest: tuple[int, int] | None

    def as_json(self) -> dict[str, object]:
        return {"shown": dict(self.shown), "rest": list(self.rest) if self.rest else None}


def read_cells(cells: Mapping[Code, Cell], people: int, policy: FigurePolicy) -> dict[Code, Cell]:
    """The cells after an edition that so many people moved: read where enough events have come.

    An edition of fewer people than that reads none: which cell it completes would tell who they are.
    """
    if people < policy.moves_after:
        return dict(cells)
    return {code: _read(cell, policy) for code, cell in cells.items()}


def unread_after(unread: int, people: int, policy: FigurePolicy) -> int:
    """How many events a cell can have that were not read, after an edition of so many people; `unread` before it."""
    return policy.moves_after - 1 if people >= policy.moves_after else unread + people


def _read(cell: Cell, policy: FigurePolicy) -> Cell:
    if cell.events < policy.moves_after:
        return cell
    return replace(cell, events=0, printed=_reading(cell, policy))


def _reading(cell: Cell, policy: FigurePolicy) -> int | None:
    """A hidden cell is shown from the threshold on, a shown one hides only below `hides_below`.

    Both ask for signers without a public name: the named ones can be counted in the list and subtracted.
    """
    floor, covered = cell.count - cell.count % policy.step, cell.unnamed if policy.hides else cell.count
    if cell.printed is not None:
        return max(floor, policy.least_shown) if covered >= policy.hides_below else None
    return floor if min(covered, floor) >= policy.threshold else None


def safe_cells(
    printed: Mapping[str, int], total: int, codes: Collection[str], policy: FigurePolicy, unread: int
) -> SafeCells:
    """Print one dimension: `printed` has the cells that show themselves, `codes` every cell there is, and no cell has
    more than `unread` events.

    A single hidden cell takes the smallest shown one with it. Whether a hidden cell is empty makes no difference:
    otherwise its first signer would be seen to come.
    """
    shown = dict(sorted(printed.items(), key=lambda cell: (-cell[1], cell[0])))
    if policy.hides and len(set(codes) - shown.keys()) == 1 and shown:
        shown.popitem()
    return SafeCells(shown, rest_of(total, shown, policy, unread))


def rest_of(total: int, shown: Mapping[str, int], policy: FigurePolicy, unread: int) -> tuple[int, int] | None:
    """The least and the most that is left of the total beside the shown cells."""
    bounds = [bounds_of(count, policy, unread) for count in shown.values()]
    most = total - sum(low for low, _ in bounds)
    least = max(0, total - sum(high for _, high in bounds))
    return (least, most) if most > 0 else None


def bounds_of(printed: int, policy: FigurePolicy, unread: int) -> tuple[int, int]:
    """Between which counts the truth lies behind a printed one: it was rounded down, and is some events old."""
    lowest = policy.hides_below if printed == policy.least_shown else printed
    return max(0, lowest - unread), printed + policy.step - 1 + unread


def safe_pairs(
    counts: Mapping[Pair, tuple[int, int]], margins: tuple[Mapping[str, int], Mapping[str, int]], policy: FigurePolicy
) -> dict[Pair, int]:
    """Print two dimensions at once, when nothing can change any more: pairs that reach the threshold.

    `counts` maps (profession, region) to all signers and those without a public name; `margins` are the printed cells
    of both. No row and no column adds up to more than its cell prints: pairs say nothing newer than the cells do.
    """
    room = {(place, code): count for place, cells in enumerate(margins) for code, count in cells.items()}
    read = {pair: _reading(Cell(count, unnamed, 0, None), policy) or 0 for pair, (count, unnamed) in counts.items()}
    printed: dict[Pair, int] = {}
    for pair, count in sorted(read.items(), key=lambda item: (-item[1], item[0])):
        fits = min(count, *(room.get(side, 0) for side in enumerate(pair)))
        fits -= fits % policy.step
        if fits >= policy.threshold:
            printed[pair] = fits
            for side in enumerate(pair):
                room[side] -= fits
    return printed
