"""What printed figures say about exact ones: bounds for a cell's count after each edition, and for what moved it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from letters.models.values import FigurePolicy
from letters.publishing.figures import bounds_of

Shown = Mapping[str, int]
"""One dimension of one edition, as printed."""


@dataclass(frozen=True)
class Moves:
    """What may have moved one cell in one edition.

    The observer knows of `came` arrivals and of `went` withdrawals, and sees `named` public names in this cell
    afterwards. Besides, up to `may_come` others came and `may_go` others went.
    """

    came: int
    went: int
    named: int
    may_come: int
    may_go: int


def read_bounds(
    shown: Sequence[Shown], code: str, named: Sequence[int], codes: int, policy: FigurePolicy, unread: Sequence[int]
) -> list[tuple[int, int]]:
    """Bounds on one cell's count after each edition, each from what that edition and the one before printed.

    `named` has how many public names the list holds in this cell after each edition, `codes` how many cells there are,
    `unread` how many events each can have then that were not read.
    """
    befores: Sequence[Shown] = [{}, *shown]
    most_named = list(accumulate(named, max))
    return [
        _shown_bounds(before, now, code, codes, policy, events)
        if code in now
        else _absent_bounds(before, now, code, names, codes, policy, events)
        for before, now, names, events in zip(befores, shown, most_named, unread, strict=False)
    ]


def is_fresh(before: Shown, now: Shown, code: str, codes: int) -> bool:
    """Whether a cell was certainly read in this edition: it changed, and no complementary hiding explains it."""
    if (code in before) == (code in now):
        return before.get(code) != now.get(code)
    return not may_be_taken_along(before if code in now else now, codes)


def may_be_taken_along(shown: Shown, codes: int) -> bool:
    """Whether one of the absent cells may only keep a single hidden one company."""
    return codes - len(shown) == 2


def _shown_bounds(
    before: Shown, now: Shown, code: str, codes: int, policy: FigurePolicy, unread: int
) -> tuple[int, int]:
    printed = now[code]
    if not is_fresh(before, now, code, codes):
        return bounds_of(printed, policy, unread)
    stood_lower = code in before and printed == policy.least_shown
    return policy.hides_below if stood_lower else printed, printed + policy.step - 1


def _absent_bounds(
    before: Shown, now: Shown, code: str, names: int, codes: int, policy: FigurePolicy, unread: int
) -> tuple[int, int]:
    if not policy.hides:
        return 0, 0
    if code in before and is_fresh(before, now, code, codes):
        return 0, policy.hides_below - 1 + names
    hidden = policy.least_shown - 1 + unread + names
    if not may_be_taken_along(now, codes) or not now:
        return 0, hidden
    return 0, max(hidden, bounds_of(min(now.values()), policy, unread)[1])


def tighten(bounds: Sequence[tuple[int, int]], moves: Sequence[Moves]) -> list[tuple[int, int]]:
    """Carry bounds forwards and backwards: a count moves only by who came and went. The first stands for no edition."""
    low, high = [0, *(pair[0] for pair in bounds)], [0, *(pair[1] for pair in bounds)]
    net = [(move.came - move.went - move.may_go, move.came - move.went + move.may_come) for move in moves]
    for place, (least, most) in enumerate(net):
        low[place + 1] = max(low[place + 1], low[place] + least)
        high[place + 1] = min(high[place + 1], high[place] + most)
    for place, (least, most) in reversed(list(enumerate(net))):
        low[place] = max(low[place], low[place + 1] - most)
        high[place] = min(high[place], high[place + 1] - least)
    return list(zip(low, high, strict=True))


@dataclass(frozen=True)
class Window:
    """One cell between two editions: how many of the unknown arrivals, and of the unknown withdrawals, were its own."""

    least_came: int
    most_came: int
    least_went: int


class Track:
    """One cell through all editions."""

    def __init__(self, bounds: Sequence[tuple[int, int]], moves: Sequence[Moves]) -> None:
        self.moves = moves
        self.counts = tighten(bounds, moves)
        self._known = _sums(move.came - move.went for move in moves)
        self._may_come = _sums(move.may_come for move in moves)
        self._may_go = _sums(move.may_go for move in moves)

    def window(self, since: int, until: int) -> Window:
        """What moved between the count after edition `since` and after edition `until` (0 is before the first)."""
        low = self.counts[until][0] - self.counts[since][1]
        high = self.counts[until][1] - self.counts[since][0]
        known = self._known[until] - self._known[since]
        may_come = self._may_come[until] - self._may_come[since]
        may_go = self._may_go[until] - self._may_go[since]
        return Window(
            least_came=max(0, low - known),
            most_came=max(0, min(may_come, high - known + may_go)),
            least_went=max(0, known - high),
        )


def _sums(values: Iterable[int]) -> list[int]:
    return list(accumulate(values, initial=0))
