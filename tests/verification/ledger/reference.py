"""RFC 6962, section 2.1, word by word and slow, and tiles kept in memory: what the ledger is measured against."""

from collections.abc import Sequence
from functools import cache, cached_property
from hashlib import sha256

from verification.ledger.trees import Grown, append


class Reference:
    """The hashes and proofs of the RFC's definitions over entries; `size` is that of the tree asked about."""

    def __init__(self, entries: Sequence[bytes]) -> None:
        self.entries = entries
        self._hash = cache(self._hash_of)

    def root(self, size: int) -> bytes:
        return self._hash(0, size)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """PATH(m, D[n]) of section 2.1.1."""
        return self._path(index, 0, size)

    def consistency(self, old_size: int, new_size: int) -> list[bytes]:
        """PROOF(m, D[n]) of section 2.1.2."""
        return self._subproof(old_size, 0, new_size, complete=True)

    def _hash_of(self, start: int, end: int) -> bytes:
        if start == end:
            return sha256().digest()
        if end - start == 1:
            return sha256(b"\x00" + self.entries[start]).digest()
        split = start + largest_power_below(end - start)
        return sha256(b"\x01" + self._hash(start, split) + self._hash(split, end)).digest()

    def _path(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        split = start + largest_power_below(end - start)
        if index < split:
            return [*self._path(index, start, split), self._hash(split, end)]
        return [*self._path(index, split, end), self._hash(start, split)]

    def _subproof(self, old_end: int, start: int, end: int, *, complete: bool) -> list[bytes]:
        if old_end == end:
            return [] if complete else [self._hash(start, end)]
        split = start + largest_power_below(end - start)
        if old_end <= split:
            return [*self._subproof(old_end, start, split, complete=complete), self._hash(split, end)]
        return [*self._subproof(old_end, split, end, complete=False), self._hash(start, split)]


def largest_power_below(number: int) -> int:
    power = 1
    while power * 2 < number:
        power *= 2
    return power


class Tiles:
    """A tree in memory, which counts how often its tiles are read."""

    def __init__(self, entries: Sequence[bytes] = ()) -> None:
        self.stored: dict[tuple[int, int], bytes] = {}
        self.size = 0
        self.read_count = 0
        if entries:
            self.grow(entries)

    def read(self, level: int, number: int) -> bytes:
        self.read_count += 1
        return self.stored.get((level, number), b"")

    def grow(self, entries: Sequence[bytes]) -> Grown:
        grown = append(self.size, entries, self.read)
        self.stored.update(grown.tiles)
        self.size = grown.size
        return grown


class Numbered:
    """A log of 66,000 entries, each the four bytes of its own number, made once."""

    @cached_property
    def entries(self) -> list[bytes]:
        return [number.to_bytes(4, "big") for number in range(66_000)]

    @cached_property
    def reference(self) -> Reference:
        return Reference(self.entries)

    @cached_property
    def tiles(self) -> Tiles:
        return Tiles(self.entries)


NUMBERED = Numbered()
