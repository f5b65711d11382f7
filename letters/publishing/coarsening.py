"""How finely a pseudonymous entry may show profession and region. Pure.

An entry shows the finest pair that enough entries of the same edition show as well; entries that find no such pair
step by step coarser ones, down to neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Ancestors = Callable[[str], Sequence[str]]
"""From a code to itself, its parent, and so on up to the coarsest."""

Pair = tuple[str | None, str | None]


@dataclass(frozen=True)
class Traits:
    """What is true of one signer."""

    profession: str
    region: str


def coarsen(signers: Sequence[Traits], at_least: int, professions: Ancestors, regions: Ancestors) -> list[Pair]:
    """What each signer's entry prints, in the same order: (profession, region), either may be None.

    Every printed pair other than (None, None) is printed by at least `at_least` of these signers. Signers already
    settled at a finer pair do not count towards a coarser one, so subtracting them gains nothing.
    """
    ladders = [((*professions(signer.profession), None), (*regions(signer.region), None)) for signer in signers]
    settled: list[Pair | None] = [None] * len(signers)
    for steps in _finest_first(ladders):
        groups: defaultdict[Pair, list[int]] = defaultdict(list)
        for number, (up, out) in enumerate(ladders):
            if settled[number] is None:
                groups[up[min(steps[0], len(up) - 1)], out[min(steps[1], len(out) - 1)]].append(number)
        for pair, members in groups.items():
            if len(members) >= at_least:
                for number in members:
                    settled[number] = pair
    return [pair or (None, None) for pair in settled]


def _finest_first(ladders: Sequence[tuple[Sequence[str | None], Sequence[str | None]]]) -> list[tuple[int, int]]:
    highest = max((len(up) for up, _ in ladders), default=0)
    widest = max((len(out) for _, out in ladders), default=0)
    steps = [(up, out) for up in range(highest) for out in range(widest)]
    return sorted(steps, key=lambda step: (sum(step), step[0]))
