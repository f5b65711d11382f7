"""Tiles: 256 hashes or entries to a file, their addresses and their bytes (C2SP tlog-tiles)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from struct import Struct

from verification.errors import Refusal
from verification.ledger.hashing import HASH

WIDTH = 256
"""Hashes in a full tile, entries in a full bundle."""

ENTRIES = -1
"""The level of entry bundles, which lie below the leaf hashes."""

HIGHEST = 63
"""The highest level that an address can name."""

LONGEST_ENTRY = 2**16 - 1
"""Bytes in the longest entry: a bundle gives the length in 16 bits."""

MOST_TILES = 2**55
"""Tiles of one level in the largest tree, of 2**63 leaves."""

_LENGTH = Struct(">H")
_TILE_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([0-9]{1,3}))?")


class BadTile(Refusal):
    """The address or the bytes of a tile are not as the specification has them."""


@dataclass(frozen=True)
class TileAddress:
    """Where a tile is: its level, its number in the level, and how many hashes or entries of it are meant.

    Raises `BadTile` for an address that no tree has.
    """

    level: int
    number: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if not ENTRIES <= self.level <= HIGHEST:
            raise BadTile(f"There is no tile level {self.level}: expected 0 to {HIGHEST}, or the entries.")
        if not 0 <= self.number < MOST_TILES:
            raise BadTile(f"There is no tile number {self.number}: expected 0 to {MOST_TILES - 1}.")
        if not 1 <= self.width <= WIDTH:
            raise BadTile(f"A tile is never {self.width} wide: expected 1 to {WIDTH}.")

    @property
    def path(self) -> str:
        """The address below the log's own, as `tile/0/x001/067.p/3`."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_in_threes(self.number)}{partial}"

    @classmethod
    def parse(cls, path: str) -> TileAddress:
        """Read a path in the one form that `path` writes. Raises `BadTile`."""
        found = _TILE_PATH.fullmatch(path)
        if not found:
            raise BadTile(f"No tile has the path {path[:80]!r}: expected one like 'tile/0/x001/067.p/3'.")
        level, number, width = found.groups()
        address = cls(
            ENTRIES if level == "entries" else int(level),
            int(re.sub("[x/]", "", number)),
            WIDTH if width is None else int(width),
        )
        if address.path != path:
            raise BadTile(f"The path {path!r} has zeros or a width that do not belong: expected {address.path!r}.")
        return address


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Entries one after another, each behind its length in two bytes, big-endian. Raises `BadTile`."""
    return b"".join(part for entry in entries for part in (_length_of(entry), entry))


def decode_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises `BadTile` when it ends inside an entry, or holds more than `WIDTH`."""
    entries: list[bytes] = []
    at, length_at = 0, _LENGTH.unpack_from
    while at + 2 <= len(data):
        start = at + 2
        at = start + length_at(data, at)[0]
        entries.append(data[start:at])
    if at != len(data):
        raise BadTile(f"The bundle of {len(data)} bytes ends inside an entry: it was cut short. Fetch it again.")
    if len(entries) > WIDTH:
        raise BadTile(f"The bundle holds {len(entries)} entries: expected at most {WIDTH}.")
    return entries


def hashes_in(data: bytes) -> list[bytes]:
    """The hashes of a tile. Raises `BadTile` when it ends inside a hash, or holds more than `WIDTH`."""
    if len(data) % HASH or len(data) > WIDTH * HASH:
        raise BadTile(f"The tile has {len(data)} bytes: expected up to {WIDTH} hashes of {HASH} bytes each.")
    return [data[at : at + HASH] for at in range(0, len(data), HASH)]


def parts_of(address: TileAddress, data: bytes) -> list[bytes]:
    """The first `width` hashes or entries of a stored tile. Raises `BadTile` when it is not that wide, or damaged."""
    parts = decode_bundle(data) if address.level == ENTRIES else hashes_in(data)
    if len(parts) < address.width:
        raise BadTile(f"The tile {address.path} is only {len(parts)} wide: expected {address.width}. Fetch it again.")
    return parts[: address.width]


def cut(address: TileAddress, data: bytes) -> bytes:
    """A stored tile cut to the first `width` hashes or entries. Raises `BadTile` when it is not that wide."""
    parts = parts_of(address, data)
    return encode_bundle(parts) if address.level == ENTRIES else b"".join(parts)


def _in_threes(number: int) -> str:
    parts = [f"{number % 1000:03}"]
    while number := number // 1000:
        parts.append(f"x{number % 1000:03}")
    return "/".join(reversed(parts))


def _length_of(entry: bytes) -> bytes:
    if len(entry) > LONGEST_ENTRY:
        raise BadTile(f"An entry has {len(entry)} bytes: expected at most {LONGEST_ENTRY}.")
    return _LENGTH.pack(len(entry))
