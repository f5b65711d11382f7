"""Measuring in turns, so that what else the machine does meets everybody alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import TypeVar

R = TypeVar("R")


def in_turns(rounds: int, works: Mapping[str, Callable[[int], R]]) -> dict[str, list[R]]:
    """What each work gave in each round, which it is told the number of.

    Whoever comes later finds the machine warmer, so that each round begins with another one.
    """
    given: dict[str, list[R]] = {name: [] for name in works}
    names = list(works)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            given[name].append(works[name](number))
    return given


def middle(values: Sequence[R], figure: Callable[[R], float]) -> float:
    """The median of one figure over the rounds."""
    return median(figure(value) for value in values)
