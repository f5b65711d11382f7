"""A letter's life without a database: the product's own rules decide every edition, cell and entry that is printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.reidentify.crowd import CHANGE_DAYS, DAY, OPEN_DAYS, Country, Signer
from letters.models.signatures import Display
from letters.models.values import FigurePolicy
from letters.publishing.coarsening import Pair, Traits, coarsen
from letters.publishing.figures import Cell, read_cells, safe_cells, unread_after

DIMENSIONS = ("profession", "region")
CLOSES, ENDS = OPEN_DAYS * DAY, (OPEN_DAYS + CHANGE_DAYS) * DAY


@dataclass(frozen=True)
class Rules:
    """What is compared: a policy for figures, and how many minutes and moving signatures an edition needs.

    Once the letter is closed an edition needs `closed_at_least`; the last of all takes whatever waits. Entries under a
    pseudonym leave the list every `masks_leave` minutes, or with every change of the public pages where that is 0.
    """

    name: str
    policy: FigurePolicy
    every: int = 6 * 60
    at_least: int = 50
    closed_at_least: int = 10
    masks_leave: int = 0


PROTECTED = Rules("protected", FigurePolicy.usual(10, 10))
POLICIES = (
    PROTECTED,
    Rules("without memory", FigurePolicy(threshold=10, step=10, moves_after=1, hides_below=5)),
    Rules("editions only", FigurePolicy.usual(1, 1)),
    Rules("live", FigurePolicy.usual(1, 1), every=0, at_least=1),
)
IMPROVED = replace(PROTECTED, masks_leave=7 * DAY)
"""What would find fewer: pseudonyms that leave together once a week."""


@dataclass(frozen=True)
class Printed:
    """One edition as everybody sees it: its moment, what came and went in it, and by dimension the cells shown."""

    minute: int
    arrived: int
    withdrawn: int
    total: int
    unread: int
    shown: Mapping[str, Mapping[str, int]]


@dataclass
class Life:
    """What a letter printed, and in which edition each signer's visits were counted.

    Signers go by their number in `signers`. `entries` has the edition and the pair that each pseudonymous entry was
    first printed with; `gone` says which of them the list lost between two moments. `cells` are the exact cells before
    each edition, which nobody outside sees.
    """

    country: Country
    rules: Rules
    signers: Sequence[Signer]
    editions: list[Printed] = field(default_factory=list)
    arrived_in: dict[int, int] = field(default_factory=dict)
    returned_in: dict[int, int] = field(default_factory=dict)
    withdrew: set[int] = field(default_factory=set)
    entries: dict[int, tuple[int, Pair]] = field(default_factory=dict)
    gone: list[tuple[int, int, list[int]]] = field(default_factory=list)
    cells: list[Mapping[str, Mapping[str, Cell]]] = field(default_factory=list)

    def cell(self, number: int, dimension: str) -> str:
        signer = self.signers[number]
        return self.country.professions.profession_of(signer.profession) if dimension == "profession" else signer.region

    def codes(self, dimension: str) -> Sequence[str]:
        return tuple(self.country.scheme.codes(dimension))


class Figures:
    """The cells of one dimension, read and printed by the product's functions."""

    def __init__(self, policy: FigurePolicy, codes: Sequence[str]) -> None:
        self.policy, self.codes = policy, codes
        self.cells: dict[str, Cell] = dict.fromkeys(codes, Cell(0, 0, 0, None))
        self.unread = 0

    def move(self, counts: Counter[str], unnamed: Counter[str], events: Counter[str], people: int) -> None:
        """Count the changes of an edition that so many people moved, and read the cells that have seen enough."""
        moved = {
            code: Cell(
                cell.count + counts[code], cell.unnamed + unnamed[code], cell.events + events[code], cell.printed
            )
            for code, cell in self.cells.items()
        }
        self.cells = read_cells(moved, people, self.policy)
        self.unread = unread_after(self.unread, people, self.policy)

    def shown(self, total: int) -> Mapping[str, int]:
        printed = {code: cell.printed for code, cell in self.cells.items() if cell.printed is not None}
        return safe_cells(printed, total, self.codes, self.policy, self.unread).shown


def live(country: Country, rules: Rules, signers: Sequence[Signer]) -> Life:
    """Let the signers come and return, and print what the rules say when they say it."""
    life = Life(country, rules, signers)
    press = _Press(life)
    for moment in _beats(rules, signers):
        press.take(moment)
        if press.is_due(moment):
            press.release(moment)
        press.remove(moment)
    return life


def _beats(rules: Rules, signers: Sequence[Signer]) -> list[int]:
    """The moments at which public pages may change: on the letter's own beat, and when it closes.

    Live counts change with every signature, which the observer can tell apart by the minute.
    """
    visits = {visit for signer in signers for visit in (signer.minute, signer.returns) if visit is not None}
    moments = range(rules.every, ENDS + 1, rules.every) if rules.every else visits
    return sorted({*moments, CLOSES, ENDS})


class _Press:
    """Takes visits in their order and prints editions."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.figures = {dimension: Figures(life.rules.policy, life.codes(dimension)) for dimension in DIMENSIONS}
        self.shows: dict[int, Display] = {}
        self.total = 0
        returns = [
            (signer.returns, 1, number) for number, signer in enumerate(life.signers) if signer.returns is not None
        ]
        arrivals = [(signer.minute, 0, number) for number, signer in enumerate(life.signers)]
        self.visits = sorted([*arrivals, *returns], reverse=True)
        self.arriving: list[int] = []
        self.returning: list[int] = []
        self.leaving: list[int] = []
        self.removed = 0

    def take(self, until: int) -> None:
        """The visits up to a moment."""
        while self.visits and self.visits[-1][0] <= until:
            _minute, again, number = self.visits.pop()
            (self.returning if again else self.arriving).append(number)
            if again and number in self.life.entries:
                self.leaving.append(number)

    def is_due(self, now: int) -> bool:
        moving = len(self.arriving) + sum(self.life.signers[number].turns is None for number in self.returning)
        if now < CLOSES:
            return moving >= self.life.rules.at_least
        enough = self.life.rules.closed_at_least if now < ENDS else 1
        return moving >= enough or (enough == 1 and bool(self.returning))

    def release(self, now: int) -> None:
        """One edition for everybody who waits."""
        self._print(now, list(dict.fromkeys([*self.arriving, *self.returning])))
        self.arriving, self.returning = [], []

    def remove(self, now: int) -> None:
        """Take hidden and withdrawn entries off the list, with or without an edition."""
        every = self.life.rules.masks_leave
        if not every or now % every == 0 or now >= ENDS:
            self.life.gone += [(self.removed, now, self.leaving)] if self.leaving else []
            self.removed, self.leaving = now, []

    def _print(self, now: int, numbers: Sequence[int]) -> None:
        edition = len(self.life.editions)
        turns = [(number, self.shows.get(number), self._will_show(number)) for number in numbers]
        turns = [(number, was, will) for number, was, will in turns if was is not will]
        for number, was, will in turns:
            self._note(number, was, will, edition)
        arrived = sum(was is None for _, was, _ in turns)
        withdrawn = sum(will is None for _, _, will in turns)
        self.total += arrived - withdrawn
        if self.life.rules.every:
            self.life.cells.append({dimension: dict(figures.cells) for dimension, figures in self.figures.items()})
        for dimension in DIMENSIONS:
            self._count(dimension, turns, arrived + withdrawn)
        self._enter([number for number, _, will in turns if will is Display.PSEUDONYM], edition)
        shown = {dimension: figures.shown(self.total) for dimension, figures in self.figures.items()}
        unread = self.figures["region"].unread
        self.life.editions.append(Printed(now, arrived, withdrawn, self.total, unread, shown))

    def _count(self, dimension: str, turns: Sequence[tuple[int, Display | None, Display | None]], people: int) -> None:
        """One event for each signer who comes or goes."""
        counts, unnamed, events = Counter[str](), Counter[str](), Counter[str]()
        for number, was, will in turns:
            code = self.life.cell(number, dimension)
            events[code] += (was is None) != (will is None)
            counts[code] += (will is not None) - (was is not None)
            unnamed[code] += _unnamed(will) - _unnamed(was)
        self.figures[dimension].move(counts, unnamed, events, people)

    def _will_show(self, number: int) -> Display | None:
        signer = self.life.signers[number]
        return signer.turns if number in self.returning else signer.display

    def _note(self, number: int, was: Display | None, will: Display | None, edition: int) -> None:
        if was is None:
            self.life.arrived_in[number] = edition
        else:
            self.life.returned_in[number] = edition
        if will is None:
            self.life.withdrew.add(number)
            self.shows.pop(number, None)
        else:
            self.shows[number] = will

    def _enter(self, numbers: Sequence[int], edition: int) -> None:
        """Print the entries of those who have none yet, as finely as the product prints them."""
        life, country = self.life, self.life.country
        first = [number for number in numbers if number not in life.entries]
        traits = [Traits(life.signers[number].profession, life.signers[number].region) for number in first]
        at_least = life.rules.policy.threshold
        pairs = coarsen(traits, at_least, country.professions.ancestors, country.regions.ancestors)
        life.entries |= {number: (edition, pair) for number, pair in zip(first, pairs, strict=True)}


def _moved(cell: Cell, count: int, unnamed: int, events: int) -> Cell:
    return Cell(cell.count + count, cell.unnamed + unnamed, cell.events + events, cell.printed)


def _unnamed(display: Display | None) -> int:
    return display is not None and display is not Display.NAMED
