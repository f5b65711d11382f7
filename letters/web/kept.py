"""A store of bounded size: what was not asked for longest goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, Protocol, TypeVar

BUDGET = 8 * 1024 * 1024
"""Bytes that one store holds at most."""

BESIDES = 2_500
"""Bytes that a value takes besides its body: its key and headers. Who asks for a small page under ever new addresses
would otherwise fill the memory with them."""

LARGE = 256 * 1024
"""Bytes from which on a body has to share other room, so that a few of them do not throw out all that is small."""


class HasBody(Protocol):
    """Something kept, and how much room it takes."""

    @property
    def body(self) -> bytes: ...


V = TypeVar("V", bound=HasBody)


class Kept(Generic[V]):
    """Values by key within `budget` bytes; safe for several threads."""

    def __init__(self, budget: int = BUDGET, besides: int = BESIDES) -> None:
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = Lock()
        self._room, self._besides = budget, besides

    def get(self, key: Hashable) -> V | None:
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: Hashable, value: V) -> None:
        """Keep a value in place of what was there, and let go of the oldest until all fit."""
        with self._lock:
            old = self._values.pop(key, None)
            self._room += self._size(old) if old else 0
            self._values[key] = value
            self._room -= self._size(value)
            while self._room < 0 and self._values:
                _key, gone = self._values.popitem(last=False)
                self._room += self._size(gone)

    def _size(self, value: V) -> int:
        return len(value.body) + self._besides
