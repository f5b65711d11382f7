"""The n-1 attack where other people sign as well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from benchmarks.reidentify.letter import Figures, Life
from benchmarks.reidentify.watcher import LIKELY
from letters.models.signatures import Display
from letters.models.values import FigurePolicy
from letters.publishing.figures import Cell


def find_in_traffic(life: Life, number: int, dimension: str) -> tuple[bool, bool]:
    """Whether a signer is found, certainly and likely, among those who really came in the same interval.

    The flooder is granted that every cell stands at its brink, and knows the others' named and known cells.
    """
    came, back = _company(life, number)
    if back:
        return False, False
    policy = life.rules.policy
    figures = Figures(policy, life.codes(dimension))
    brink = 10 * policy.least_shown + policy.step - 1
    cell = Cell(brink, brink, policy.moves_after - 1, brink - brink % policy.step)
    figures.cells = dict.fromkeys(figures.codes, cell)
    unknown = [other for other in came if not life.signers[other].known]
    people = Counter(life.cell(other, dimension) for other in unknown)
    named = Counter(life.cell(other, dimension) for other in unknown if life.signers[other].display is Display.NAMED)
    figures.move(people, people - named, people, people.total() + life.rules.at_least - 1)
    moved = {code: figures.cells[code].printed or 0 for code in figures.codes}
    return _tell(life.cell(number, dimension), moved, cell.printed or 0, named, people.total(), policy)


def _tell(
    truth: str, now: Mapping[str, int], before: int, named: Counter[str], people: int, policy: FigurePolicy
) -> tuple[bool, bool]:
    """What the cells that moved say of everybody who is not named."""
    least, most = {}, {}
    for code, printed in now.items():
        steps = (printed - before) // policy.step
        most[code] = max(0, policy.step * steps - named[code])
        least[code] = max(0, policy.step * (steps - 1) + 1 - named[code]) if steps else 0
    unnamed = people - named.total()
    at_least = max(least[truth], unnamed - sum(most.values()) + most[truth])
    return at_least >= unnamed, at_least >= LIKELY * unnamed


def _company(life: Life, number: int) -> tuple[list[int], bool]:
    """Everybody who signed in the interval of this signer's visit, and whether anybody came back in it.

    With a flooder about, there is an edition at the end of every interval.
    """
    every = life.rules.every
    beat = life.signers[number].minute // every
    came = [other for other, signer in enumerate(life.signers) if signer.minute // every == beat]
    back = any(signer.returns is not None and signer.returns // every == beat for signer in life.signers)
    return came, back
