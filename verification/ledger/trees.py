"""A Merkle tree kept in tiles: appending to it, its roots, proofs and entries (RFC 6962, 2.1; C2SP tlog-tiles).

Everything reads tiles through a function and writes none. A tile is stored once and grows in place until it is full, so
the stored one may be wider than an older tree needs: `cut` takes what that tree had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from verification.ledger.hashing import EMPTY_ROOT, HASH, leaf_hash, root_of
from verification.ledger.proofs import BadProof, Node, consistency_nodes, path_of
from verification.ledger.tiles import ENTRIES, WIDTH, TileAddress, cut, encode_bundle, hashes_in, parts_of

ReadTile = Callable[[int, int], bytes]
"""Level and number of a tile to the stored tile, as wide as it is; `b""` when there is none."""

TILE_HEIGHT = 8
"""Levels of the tree in one tile: 2**8 is `WIDTH`."""


@dataclass(frozen=True)
class Grown:
    """A tree after an append: its size, its root, and the tiles (by level and number) that changed or are new."""

    size: int
    root: bytes
    tiles: Mapping[tuple[int, int], bytes]


def append(size: int, entries: Sequence[bytes], read_tile: ReadTile) -> Grown:
    """Add entries to a tree of `size`; reads only the right edge, so the cost grows with the entries alone.

    Raises `BadTile` when a stored tile is narrower than `size` says, or an entry is too long.
    """
    tiles = _grown_bundles(size, entries, read_tile)
    level, hashes = 0, [leaf_hash(entry) for entry in entries]
    while hashes:
        grown = _grown_tiles(level, size >> TILE_HEIGHT * level, hashes, read_tile)
        tiles |= grown
        hashes = [root_of(hashes_in(tile)) for tile in grown.values() if len(tile) == WIDTH * HASH]
        level += 1

    def read_new(level: int, number: int) -> bytes:
        return tiles.get((level, number)) or read_tile(level, number)

    new_size = size + len(entries)
    return Grown(new_size, root_at(new_size, read_new), tiles)


def root_at(size: int, read_tile: ReadTile) -> bytes:
    """The root of the first `size` leaves. Raises `BadTile` when a stored tile is too narrow."""
    return _node_value(Node((size - 1).bit_length(), 0), size, read_tile) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, read_tile: ReadTile) -> list[bytes]:
    """The proof that leaf `index` is in the tree of `size` (RFC 6962, 2.1.1). Raises `BadProof`, `BadTile`."""
    if not 0 <= index < size:
        raise BadProof(f"A tree of {size} leaves has no leaf {index}: expected an index from 0 to {size - 1}.")
    return _node_values(path_of(Node(0, index), size), size, read_tile)


def consistency_proof(old_size: int, new_size: int, read_tile: ReadTile) -> list[bytes]:
    """The proof that the tree of `new_size` begins with that of `old_size` (RFC 6962, 2.1.2).

    Empty from an empty tree and between equal sizes. Raises `BadProof`, `BadTile`.
    """
    if not 0 <= old_size <= new_size:
        raise BadProof(f"There is no growth from {old_size} to {new_size} leaves: expected the smaller size first.")
    if old_size in (0, new_size):
        return []
    start, path = consistency_nodes(old_size, new_size)
    return _node_values([start, *path] if start.index else path, new_size, read_tile)


def entries_between(start: int, end: int, read_tile: ReadTile) -> list[bytes]:
    """The entries from `start` up to and without `end`. Raises `BadTile` when a bundle holds too few."""
    entries: list[bytes] = []
    for number in range(start // WIDTH, -(-end // WIDTH)):
        first = number * WIDTH
        address = TileAddress(ENTRIES, number, min(end - first, WIDTH))
        entries += parts_of(address, read_tile(ENTRIES, number))[max(start - first, 0) :]
    return entries


def _grown_bundles(size: int, entries: Sequence[bytes], read_tile: ReadTile) -> dict[tuple[int, int], bytes]:
    number, width = divmod(size, WIDTH)
    edge = _edge(ENTRIES, number, width, read_tile)
    bundles: dict[tuple[int, int], bytes] = {}
    at = 0
    while at < len(entries):
        bundles[ENTRIES, number] = edge + encode_bundle(entries[at : at + WIDTH - width])
        at += WIDTH - width
        number, width, edge = number + 1, 0, b""
    return bundles


def _grown_tiles(level: int, count: int, hashes: list[bytes], read_tile: ReadTile) -> dict[tuple[int, int], bytes]:
    """The tiles of a level with `count` hashes in it, and more behind them."""
    number, width = divmod(count, WIDTH)
    row = _edge(level, number, width, read_tile) + b"".join(hashes)
    step = WIDTH * HASH
    return {(level, number + at // step): row[at : at + step] for at in range(0, len(row), step)}


def _edge(level: int, number: int, width: int, read_tile: ReadTile) -> bytes:
    return cut(TileAddress(level, number, width), read_tile(level, number)) if width else b""


def _node_values(nodes: Iterable[Node], size: int, read_tile: ReadTile) -> list[bytes]:
    read_once = cache(read_tile)
    return [_node_value(node, size, read_once) for node in nodes]


def _node_value(node: Node, size: int, read_tile: ReadTile) -> bytes:
    """The hash of a node in the tree of `size`, whose last node of every height may stand over fewer leaves."""
    level, inside = divmod(node.height, TILE_HEIGHT)
    first, beyond = node.index << inside, (node.index + 1) << inside
    full = size >> TILE_HEIGHT * level
    rest = [] if beyond <= full else _rest(level, size, read_tile)
    return root_of(_hashes_between(level, first, min(beyond, full), read_tile) + rest)


def _rest(level: int, size: int, read_tile: ReadTile) -> list[bytes]:
    """The hash over the leaves behind the last full hash of a level, which no tile of that level has, if any."""
    rest: list[bytes] = []
    for below in range(level):
        count = size >> TILE_HEIGHT * below
        hashes = _hashes_between(below, count - count % WIDTH, count, read_tile) + rest
        rest = [root_of(hashes)] if hashes else []
    return rest


def _hashes_between(level: int, start: int, end: int, read_tile: ReadTile) -> list[bytes]:
    """Hashes of one tile, by their numbers in the level."""
    if start == end:
        return []
    number = start // WIDTH
    address = TileAddress(level, number, end - number * WIDTH)
    return parts_of(address, read_tile(level, number))[start % WIDTH :]
