"""Which cells of a breakdown are safe to print. Pure: counts in, printed cells out.

A cell has a memory, so that no edition can be differenced into one signer: it is read only once `moves_after` events
have come together since it was read last, and prints that reading until the next.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from letters.models.values import FigurePolicy


@dataclass(frozen=True)
class Cell:
    """One cell: its exact `count`, those of them without a public name, the events (people who came, went, or showed
    or hid their name) since it was read, and what it prints, None while it is hidden."""

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


def read_cell(cell: Cell, policy: FigurePolicy) -> Cell:
    """The cell after an edition: read if enough events have come, as it was otherwise."""
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


def safe_cells(printed: Mapping[str, int], total: int, codes: Collection[str], policy: FigurePolicy) -> SafeCells:
    """Print one dimension: `printed` has the cells that show themselves, `codes` every cell there is.

    A single hidden cell takes the smallest shown one with it. Whether a hidden cell is empty makes no difference:
    otherwise its first signer would be seen to come.
    """
    shown = dict(sorted(printed.items(), key=lambda cell: (-cell[1], cell[0])))
    if policy.hides and len(set(codes) - shown.keys()) == 1 and shown:
        shown.popitem()
    return SafeCells(shown, rest_of(total, shown, policy))


def rest_of(total: int, shown: Mapping[str, int], policy: FigurePolicy) -> tuple[int, int] | None:
    """The least and the most that is left of the total beside the shown cells."""
    bounds = [bounds_of(count, policy) for count in shown.values()]
    most = total - sum(low for low, _ in bounds)
    least = max(0, total - sum(high for _, high in bounds))
    return (least, most) if most > 0 else None


def bounds_of(printed: int, policy: FigurePolicy) -> tuple[int, int]:
    """Between which counts the truth lies behind a printed one: it was rounded down, and is some events old."""
    unread = policy.moves_after - 1
    lowest = policy.hides_below if printed == policy.least_shown else printed
    return max(0, lowest - unread), printed + policy.step - 1 + unread


def most_hidden(policy: FigurePolicy) -> int:
    """How many signers without a public name a hidden cell can hold."""
    return policy.least_shown - 1 + policy.moves_after - 1


def safe_pairs(
    counts: Mapping[tuple[str, str], tuple[int, int]],
    shown: tuple[Collection[str], Collection[str]],
    policy: FigurePolicy,
) -> dict[tuple[str, str], int]:
    """Print two dimensions at once, when nothing can change any more: pairs of shown cells that reach the threshold.

    `counts` maps (profession, region) to all signers and those without a public name.
    """
    read = {
        pair: _reading(Cell(count, unnamed, 0, None), policy)
        for pair, (count, unnamed) in counts.items()
        if pair[0] in shown[0] and pair[1] in shown[1]
    }
    printed = {pair: count for pair, count in read.items() if count is not None}
    return dict(sorted(printed.items(), key=lambda item: (-item[1], item[0])))
