"""One small edition seen closely: every state of a cell that can have led to what was printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.reidentify.bounds import Moves, Shown, Track, may_be_taken_along
from letters.models.values import FigurePolicy
from letters.publishing.figures import Cell, read_cells

LOOK_BACK = 3
"""How many editions before the small one are taken into account."""

State = tuple[int, int]
"""A cell's exact count, and its events since it was read."""


@dataclass(frozen=True)
class Size:
    """How many people moved one edition, and how many events a cell can have after it that were not read."""

    people: int
    unread: int


def least_moved(
    shown: Sequence[Shown],
    code: str,
    codes: int,
    track: Track,
    number: int,
    policy: FigurePolicy,
    sizes: Sequence[Size],
) -> tuple[int, int]:
    """How many of the unknown who came, and of the unknown who went, in edition `number` (from 0) were this cell's at
    least. The product's own function says what each possible past would have printed."""
    first = max(0, number - LOOK_BACK)
    move = track.moves[number]
    before = shown[number - 1].get(code) if number else None
    if before == shown[number].get(code) and not move.came + move.went:
        return 0, 0  # nobody may have touched it
    befores = [{}, *shown][first : number + 2]
    if any(code not in before and may_be_taken_along(before, codes) for before in befores):
        return 0, 0
    low, high = track.counts[first]
    unread = sizes[first - 1].unread if first else 0
    states = {(count, events) for count in range(low, high + 1) for events in range(unread + 1)}
    moved: set[tuple[int, int]] = set()
    for place in range(first, number + 1):
        printed = befores[place - first].get(code), befores[place - first + 1].get(code)
        within = track.counts[place + 1]
        passed = [
            (after, came, went)
            for state in states
            for after, came, went in _steps(state, track.moves[place], printed, within, policy, sizes[place].people)
        ]
        states, moved = {after for after, _, _ in passed}, {(came, went) for _, came, went in passed}
    return min((came for came, _ in moved), default=0), min((went for _, went in moved), default=0)


def _steps(
    state: State,
    move: Moves,
    printed: tuple[int | None, int | None],
    within: tuple[int, int],
    policy: FigurePolicy,
    people: int,
) -> Iterator[tuple[State, int, int]]:
    count, events = state
    known = count + move.came - move.went
    for went in range(move.may_go + 1):
        for came in range(max(0, within[0] - known + went), min(move.may_come, within[1] - known + went) + 1):
            stands = known + came - went
            more = move.came + move.went + came + went
            cell = Cell(stands, max(0, stands - move.named), events + more, printed[0])
            after = read_cells({"": cell}, people, policy)[""]
            if after.printed == printed[1]:
                yield (after.count, after.events), came, went
