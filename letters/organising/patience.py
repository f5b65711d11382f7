"""How long to leave those alone who failed: longer each time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

FIRST = 5.0
"""Seconds after the first failure."""

LONGEST = 600.0
"""Seconds after many."""


@dataclass
class Patience:
    """Failures in a row of each thing, by a clock of seconds that never goes back."""

    seconds: Callable[[], float]
    _failures: dict[Hashable, tuple[int, float]] = field(default_factory=dict, init=False)

    def over(self, thing: Hashable) -> bool:
        """Whether it may be tried now."""
        _count, until = self._failures.get(thing, (0, 0.0))
        return self.seconds() >= until or thing not in self._failures

    def failed(self, thing: Hashable) -> None:
        """It failed, once more; wait twice as long as the last time."""
        count, _until = self._failures.get(thing, (0, 0.0))
        wait = min(FIRST * 2 ** min(count, 20), LONGEST)
        self._failures[thing] = count + 1, self.seconds() + wait

    def worked(self, thing: Hashable) -> None:
        """It worked; the next failure is the first again."""
        self._failures.pop(thing, None)
