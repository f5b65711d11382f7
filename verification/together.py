"""What many threads have to do, done together by one of them: a group commit.

There is no thread of its own that could die. Whoever comes while nobody leads, leads: takes up all that waits, does
it, tells each, and hands the lead to one that came meanwhile.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")

AT_MOST = 32
"""Items that one group holds."""


class _Turn(Enum):
    LEAD = "lead"
    DONE = "done"
    ALONE = "alone"


@dataclass
class _Place(Generic[T]):
    """One item in the queue, and what its thread is woken for."""

    item: T
    turn: _Turn = _Turn.DONE
    failure: Exception | None = None
    asleep: Lock = field(default_factory=Lock)

    def wake(self, turn: _Turn, failure: Exception | None = None) -> None:
        self.turn, self.failure = turn, failure
        self.asleep.release()


class Together(Generic[T]):
    """Does items in groups by `write`, which does all of a group or none.

    When a group fails with one of `shared`, that goes for each of its items, and each thread raises it; whoever waits
    behind it raises `shared` too, untried. After any other failure each item is done by its own thread with `write`
    alone, so that nobody suffers for another's.
    """

    def __init__(self, write: Callable[[Sequence[T]], object], shared: type[Exception]) -> None:
        self._write, self._shared = write, shared
        self._lock, self._led = Lock(), False
        self._waiting: deque[_Place[T]] = deque()

    def do(self, item: T) -> None:
        """Return once the item is done. Raises what doing it alone would raise."""
        place = _Place(item)
        place.asleep.acquire()
        if self._queue(place):
            place.asleep.acquire()
        else:
            place.turn = _Turn.LEAD
        if place.turn is _Turn.LEAD:
            self._lead(place)
        if place.turn is _Turn.ALONE:
            self._write((item,))
        if place.failure is not None:
            raise type(place.failure)(*place.failure.args) from place.failure.__cause__ or place.failure

    def _queue(self, place: _Place[T]) -> bool:
        """Whether somebody leads already, who will see to it."""
        with self._lock:
            self._waiting.append(place)
            led, self._led = self._led, True
        return led

    def _lead(self, own: _Place[T]) -> None:
        group = self._take_up()
        turn, failure = _Turn.ALONE, None
        try:
            self._write([place.item for place in group])
            turn = _Turn.DONE
        except self._shared as error:
            turn, failure = _Turn.DONE, error
            self._turn_away(error)
        except Exception:  # noqa: BLE001 - each meets its own, alone
            turn = _Turn.ALONE
        finally:
            self._hand_on()
            for place in group:
                place.wake(turn, failure)

    def _turn_away(self, error: Exception) -> None:
        failure = self._shared(*error.args)
        failure.__cause__ = error.__cause__
        with self._lock:
            behind, self._waiting = self._waiting, deque()
        for place in behind:
            place.wake(_Turn.DONE, failure)

    def _take_up(self) -> list[_Place[T]]:
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), AT_MOST))]

    def _hand_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting[0].wake(_Turn.LEAD)
            else:
                self._led = False
