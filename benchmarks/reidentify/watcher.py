"""The patient observer: every edition, the minute of every visit, and some signers known beforehand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from benchmarks.reidentify.bounds import Moves, Track, read_bounds
from benchmarks.reidentify.letter import DIMENSIONS, Life
from benchmarks.reidentify.states import Size, least_moved
from letters.models.signatures import Display
from letters.publishing.coarsening import Pair

LIKELY = 0.95
"""Which share of a window's unknown signers must have a value for it to be pinned on each of them."""
LONGEST = 30
"""Editions of the longest window."""
FEW = 5
"""Editions with no more unknown visitors than these are seen closely."""


@dataclass
class Pins:
    """Whose value in a dimension is found: for `certain`, or at least `likely` (95 %).

    `leaks` says by which way each was found. `wrong` has whoever a certain value was pinned on that is not theirs: the
    observer's reasoning is sound if there is nobody.
    """

    certain: Mapping[str, set[int]] = field(default_factory=lambda: {dimension: set() for dimension in DIMENSIONS})
    likely: Mapping[str, set[int]] = field(default_factory=lambda: {dimension: set() for dimension in DIMENSIONS})
    leaks: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    wrong: set[int] = field(default_factory=set)


def either(found: Mapping[str, set[int]]) -> set[int]:
    """Who is found in any dimension."""
    return set().union(*found.values())


def watch(life: Life) -> Pins:
    """What the observer finds in all that a letter printed.

    Live, the figures are exact and every window of one edition says all there is to say.
    """
    watcher = Watcher(life)
    watcher.look_at_cells(longest=LONGEST if life.rules.every else 1)
    watcher.look_at_lost_entries()
    return watcher.pins


class Watcher:
    """What one observer makes of one letter's life.

    Besides the minute of each visit it knows which display the known and the named chose, and when they withdrew.
    """

    def __init__(self, life: Life) -> None:
        self.life, self.pins = life, Pins()
        self.open = {number for number in life.arrived_in if _is_open(life, number)}
        """Whose cells the observer knows without inference: from elsewhere, or from a public name."""
        self.unknown = life.arrived_in.keys() - self.open
        self.arrivals = _by_edition(life.arrived_in, self.unknown)
        self.returns = _by_edition(life.returned_in, self.unknown)

    def look_at_cells(self, longest: int) -> None:
        """What the figures of windows of up to `longest` editions say, and of small editions by themselves."""
        for dimension in DIMENSIONS:
            tracks = self._tracks(dimension)
            for since, until in self._windows(longest):
                self._look_at_window(dimension, tracks, since, until)
            if longest > 1:
                self._look_closely(dimension, tracks)

    def look_at_lost_entries(self) -> None:
        """An entry that the list lost belonged to somebody who came back since, and who had come by its edition."""
        for since, until, lost in self.life.gone:
            entries = _by_edition({number: self.life.entries[number][0] for number in lost}, self.unknown)
            for edition, owned in entries.items():
                owners = [
                    number for number in self._back_between(since, until) if self.life.arrived_in[number] == edition
                ]
                told = [cells_told(self.life, self.life.entries[number][1]) for number in owned]
                for dimension in DIMENSIONS:
                    for code, count in Counter(cells[dimension] for cells in told if dimension in cells).items():
                        self._claim(dimension, code, (count, len(owners)), owners, "lost entries")

    def _back_between(self, since: int, until: int) -> Iterator[int]:
        for number in self.unknown:
            returns = self.life.signers[number].returns
            if returns is not None and since < returns <= until:
                yield number

    def _windows(self, longest: int) -> Iterator[tuple[int, int]]:
        last = len(self.life.editions)
        return ((since, until) for since in range(last) for until in range(since + 1, min(last, since + longest) + 1))

    def _tracks(self, dimension: str) -> dict[str, Track]:
        codes = self.life.codes(dimension)
        shown = [edition.shown[dimension] for edition in self.life.editions]
        unread = [edition.unread for edition in self.life.editions]
        known = self._known(dimension)
        tracks = {}
        for code in codes:
            moves = [edition.moves(code) for edition in known]
            named = [move.named for move in moves]
            bounds = read_bounds(shown, code, named, len(codes), self.life.rules.policy, unread)
            tracks[code] = Track(bounds, moves)
        return tracks

    def _known(self, dimension: str) -> list[_Known]:
        """Per edition, what the observer knows of each cell beforehand."""
        life = self.life
        editions = [_Known() for _ in life.editions]
        for number in self.open:
            code, shows = life.cell(number, dimension), _shows(life, number)
            first = editions[life.arrived_in[number]]
            first.came[code] += 1
            first.named[code] += shows[0]
            if number in life.returned_in:
                again = editions[life.returned_in[number]]
                again.went[code] += number in life.withdrew
                again.named[code] += shows[1] - shows[0]
        for edition, printed, number in zip(editions, life.editions, range(len(editions)), strict=True):
            edition.may_come = printed.arrived - edition.came.total()
            edition.may_go = min(printed.withdrawn - edition.went.total(), len(self.returns.get(number, ())))
        for before, after in pairwise(editions):
            after.named.update(before.named)
        return editions

    def _look_at_window(self, dimension: str, tracks: Mapping[str, Track], since: int, until: int) -> None:
        came = [number for edition in range(since, until) for number in self.arrivals.get(edition, ())]
        back = [number for edition in range(since, until) for number in self.returns.get(edition, ())]
        if not came and not back:
            return
        windows = {code: track.window(since, until) for code, track in tracks.items()}
        all_that_can = sum(window.most_came for window in windows.values())
        for code, window in windows.items():
            others = all_that_can - window.most_came
            self._claim(dimension, code, (max(window.least_came, len(came) - others), len(came)), came, "windows")
            self._claim(dimension, code, (window.least_went, len(back)), back, "withdrawals")

    def _look_closely(self, dimension: str, tracks: Mapping[str, Track]) -> None:
        shown = [edition.shown[dimension] for edition in self.life.editions]
        sizes = [Size(edition.arrived + edition.withdrawn, edition.unread) for edition in self.life.editions]
        for number in range(len(shown)):
            came, back = self.arrivals.get(number, []), self.returns.get(number, [])
            if not 0 < len(came) + len(back) <= FEW:
                continue
            for code, track in tracks.items():
                arrived, left = least_moved(shown, code, len(tracks), track, number, self.life.rules.policy, sizes)
                self._claim(dimension, code, (arrived, len(came)), came, "small editions")
                self._claim(dimension, code, (left, len(back)), back, "small editions")

    def _claim(self, dimension: str, code: str, share: tuple[int, int], numbers: Collection[int], leak: str) -> None:
        """Pin a value on these unknown signers, of whom so many out of so many must have it at least."""
        least, among = share
        if not numbers or least <= 0 or least < LIKELY * among:
            return
        right = {number for number in numbers if self.life.cell(number, dimension) == code}
        self.pins.likely[dimension].update(right)
        self.pins.leaks[leak] |= right
        if least >= among:
            self.pins.certain[dimension].update(right)
            self.pins.wrong |= set(numbers) - right


@dataclass
class _Known:
    """What the observer knows of one edition's moves in one dimension, by cell."""

    came: Counter[str] = field(default_factory=Counter)
    went: Counter[str] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)
    may_come: int = 0
    may_go: int = 0

    def moves(self, code: str) -> Moves:
        known = self.came[code], self.went[code], self.named[code]
        return Moves(*known, self.may_come, self.may_go)


def cells_told(life: Life, pair: Pair) -> dict[str, str]:
    """The cells that a printed pair tells, by dimension; none where it is coarser."""
    profession, region = pair
    told = {}
    if profession is not None and profession in life.country.professions:
        told["profession"] = life.country.professions.profession_of(profession)
    if region is not None and region in life.country.regions:
        told["region"] = region
    return told


def _is_open(life: Life, number: int) -> bool:
    return life.signers[number].known or any(_shows(life, number))


def _shows(life: Life, number: int) -> tuple[bool, bool]:
    """Whether a signer's name was public first, and at last; a change before the first edition was never seen."""
    signer = life.signers[number]
    first, last = signer.display is Display.NAMED, signer.turns is Display.NAMED
    if number in life.returned_in:
        return first, last
    came_late = signer.returns is not None and number in life.arrived_in
    return (last, last) if came_late else (first, first)


def _by_edition(visits: Mapping[int, int], among: Collection[int]) -> dict[int, list[int]]:
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for number, edition in visits.items():
        if number in among:
            groups[edition].append(number)
    return groups
