"""The roots of a tree at every size, while its leaves come bundle by bundle."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from verification.ledger.hashing import EMPTY_ROOT, node_hash
from verification.ledger.tiles import WIDTH


class GrowingTree:
    """A Merkle tree (RFC 6962, section 2.1) that keeps no leaves: as much as `root_at` its newest bundle needs."""

    def __init__(self) -> None:
        self._full = 0
        self._peaks: list[bytes] = []
        """Roots of the largest full subtrees over full bundles, from the left."""
        self._levels: list[list[bytes]] = [[]]

    def add(self, hashes: list[bytes]) -> None:
        """Add a bundle of leaf hashes; every one but the last is `WIDTH` long."""
        if len(self._levels[0]) == WIDTH:
            self._put_away(self._levels[-1][0])
        self._levels = _levels_over(hashes)

    def roots_at(self, sizes: Iterable[int]) -> dict[int, bytes]:
        """The roots at these sizes, of which each ends in the newest bundle."""
        return {size: self._root_at(size) for size in sizes}

    def _root_at(self, size: int) -> bytes:
        within = size - self._full * WIDTH
        inside = [
            level[(within >> height) - 1]
            for height, level in reversed(list(enumerate(self._levels)))
            if within >> height & 1
        ]
        *lefts, root = [*self._peaks, *inside] or [EMPTY_ROOT]
        for left in reversed(lefts):
            root = node_hash(left, root)
        return root

    def _put_away(self, peak: bytes) -> None:
        count = self._full
        while count & 1:
            peak = node_hash(self._peaks.pop(), peak)
            count >>= 1
        self._peaks.append(peak)
        self._full += 1


def _levels_over(hashes: list[bytes]) -> list[list[bytes]]:
    """Every full node over these hashes, level by level; pairs alone, so that an odd last one has nothing above it."""
    levels = [hashes]
    while len(level := levels[-1]) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        levels.append([sha256(b"\x01" + left + right).digest() for left, right in pairs])
    return levels
