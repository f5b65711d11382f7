"""Which cells of a breakdown are safe to print. Pure: counts in, printed cells out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from letters.models.values import FigurePolicy


@dataclass(frozen=True)
class SafeCells:
    """What is printed of one dimension.

    `shown` maps codes to counts rounded down to the policy's step. `rest` is the least and the most that the cells not
    shown, and what rounding took, can hold; it follows from the total and the shown cells alone, so it adds nothing
    to what they say. None when nothing is left over.
    """

    shown: Mapping[str, int]
    rest: tuple[int, int] | None

    def as_json(self) -> dict[str, object]:
        return {"shown": dict(self.shown), "rest": list(self.rest) if self.rest else None}


def safe_cells(exact: Mapping[str, int], policy: FigurePolicy) -> SafeCells:
    """Print the cells of one dimension under `policy`.

    A cell is rounded down to the step, and shown where that reaches the threshold. A hidden cell is never alone: it
    takes the smallest shown one with it, because the total is exact.
    """
    present = {code: count for code, count in exact.items() if count > 0}
    floors = {code: count - count % policy.step for code, count in present.items()}
    shown = {code: floor for code, floor in floors.items() if floor >= policy.threshold}
    if len(present) - len(shown) == 1 and shown:
        del shown[min(shown, key=lambda code: (shown[code], code))]
    in_order = sorted(shown.items(), key=lambda cell: (-cell[1], cell[0]))
    return SafeCells(dict(in_order), _rest(sum(present.values()), shown, policy.step))


def _rest(total: int, shown: Mapping[str, int], step: int) -> tuple[int, int] | None:
    most = total - sum(shown.values())
    least = max(0, most - len(shown) * (step - 1))
    return (least, most) if most else None
