"""What a policy leaves for readers: how many editions, how late, and how much of the breakdown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import mean

from benchmarks.reidentify.letter import CLOSES, DIMENSIONS, Life


@dataclass(frozen=True)
class Utility:
    """Editions while the letter was open, mean hours from a signature to its edition, and which share of the total the
    shown cells of the last edition hold, by dimension."""

    editions: int
    hours_late: float
    shown: dict[str, float]


def utility_of(life: Life) -> Utility:
    """Raises `ValueError` for a letter without editions."""
    late = [life.editions[at].minute - life.signers[number].minute for number, at in life.arrived_in.items()]
    last = life.editions[-1]
    shown = {dimension: sum(last.shown[dimension].values()) / last.total for dimension in DIMENSIONS}
    return Utility(sum(edition.minute <= CLOSES for edition in life.editions), mean(late) / 60, shown)


def base_rate(life: Life, dimension: str) -> float:
    """The share of the largest cell: what guessing alone gets right."""
    counts = Counter(life.cell(number, dimension) for number in life.arrived_in)
    return max(counts.values()) / counts.total()
