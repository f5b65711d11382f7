"""The n-1 attack: whoever confirms fakes of their own can choose in whose company a target is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.reidentify.letter import Figures, Life


@dataclass
class Siege:
    """One dimension of a letter to which, for a while, nobody but the flooder and one target comes.

    The flooder sees what is printed and nothing else; `mailboxes` and `editions` are what it has cost so far.
    """

    figures: Figures
    total: int
    at_least: int
    mailboxes: int = 0
    editions: int = 0
    printed: Mapping[str, int] = field(default_factory=dict)

    def edition(self, fakes: Counter[str], target: str | None = None) -> Mapping[str, int]:
        """Print an edition of these fakes, with the target in its cell; returns how far each cell was seen to move."""
        people = fakes + Counter([target] if target else [])
        if people.total() < self.at_least:
            raise ValueError("Too few for an edition.")
        self.figures.move(people, people, people, people.total())
        self.total += people.total()
        self.mailboxes += fakes.total()
        self.editions += 1
        before, self.printed = self.printed, self.figures.shown(self.total)
        return {code: count - before.get(code, 0) for code, count in self.printed.items()}

    def find(self, target: str) -> str | None:
        """Bring every cell to its brink, let the target come, and name the cell that moves; None if that is not one."""
        step, codes = self.figures.policy.step, self.figures.codes
        moves_after = self.figures.policy.moves_after
        self._measure(moves_after, step)
        moved = self.edition(Counter(dict.fromkeys(codes, moves_after - 1)), target)
        cells = [code for code, by in moved.items() if by]
        return cells[0] if len(cells) == 1 else None

    def _measure(self, moves_after: int, step: int) -> None:
        """Find by halving how far each cell is beyond its last step, and bring it to where the fakes that are one too
        few for a reading also leave it one short of the next step."""
        codes = self.figures.codes
        self.edition(Counter(dict.fromkeys(codes, moves_after)))
        beyond = {code: list(range(step)) for code in codes}
        goal = (step - moves_after) % step
        while asked := {code: values for code, values in beyond.items() if values != [goal]}:
            fakes = Counter({code: moves_after + _extra(values, goal, step) for code, values in asked.items()})
            if fakes.total() < self.at_least:
                fakes[codes[0]] += -(-(self.at_least - fakes.total()) // step) * step
            moved = self.edition(fakes)
            for code, values in asked.items():
                counts = [value + fakes[code] for value in values]
                beyond[code] = [count % step for count in counts if count - count % step == moved[code]]


def _extra(values: Sequence[int], goal: int, step: int) -> int:
    """How many fakes more tell half of the values from the others; of a single one, how many lead to the goal."""
    if len(values) == 1:
        return (goal - values[0]) % step
    return step - values[len(values) // 2]


def besiege(life: Life, number: int, dimension: str) -> Siege:
    """A siege that begins before the edition in which this signer was counted."""
    at = life.arrived_in[number]
    figures = Figures(life.rules.policy, life.codes(dimension))
    figures.cells = dict(life.cells[at][dimension])
    before = life.editions[at - 1] if at else None
    printed = before.shown[dimension] if before else {}
    return Siege(figures, before.total if before else 0, life.rules.at_least, printed=printed)
