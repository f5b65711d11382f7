"""Merkle tree hashes as in RFC 6962, section 2.1, with SHA-256."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

HASH = 32
"""Bytes in a hash."""

EMPTY_ROOT = sha256(b"").digest()
"""The root of the tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry; the leading 0 keeps leaves and inner nodes apart."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node above two others."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """The Merkle tree hash over hashed leaves, `EMPTY_ROOT` without any.

    Pairing level by level, with an odd last node moved up as it is, gives the tree that the RFC defines by splitting
    at the largest power of two. Hence roots of subtrees may stand for leaves, if all but the last are equally high.
    """
    level = list(leaf_hashes)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        above = [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        level = above if len(level) % 2 == 0 else [*above, level[-1]]
    return level[0]
