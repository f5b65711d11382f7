"""Checking inclusion and consistency proofs (RFC 6962, sections 2.1.1 and 2.1.2).

A proof is a list of hashes whose number and places follow from the sizes alone, so a hash too many or too few is
found before anything is hashed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verification.errors import Refusal
from verification.ledger.hashing import EMPTY_ROOT, HASH, node_hash

LONGEST_PROOF = 63
"""Hashes in a proof of the largest tree."""


class BadProof(Refusal):
    """A proof that does not prove what it is shown for."""


@dataclass(frozen=True)
class Node:
    """A place in the tree: the node over the leaves from `index << height`, at most `1 << height` of them."""

    height: int
    index: int


def path_of(start: Node, size: int) -> list[Node]:
    """The siblings on the way from a node up to the root of a tree of `size` leaves, the lowest first."""
    siblings = (
        Node(height, (start.index >> (height - start.height)) ^ 1)
        for height in range(start.height, (size - 1).bit_length())
    )
    return [node for node in siblings if node.index << node.height < size]


def consistency_nodes(old_size: int, new_size: int) -> tuple[Node, list[Node]]:
    """The highest full node that ends the old tree, and its path in the new one. Both sizes are positive."""
    height = (old_size & -old_size).bit_length() - 1
    start = Node(height, (old_size - 1) >> height)
    return start, path_of(start, new_size)


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Raises `BadProof` unless the leaf of that hash is number `index` (from 0) in the tree of `size` and `root`."""
    if not 0 <= index < size:
        raise BadProof(f"A tree of {size} leaves has no leaf {index}: expected an index from 0 to {size - 1}.")
    path = path_of(Node(0, index), size)
    _check_lengths({"leaf": leaf, "root": root}, proof, len(path))
    found = leaf
    for node, sibling in zip(path, proof, strict=True):
        found = _joined(found, sibling, left=node.index % 2 == 0)
    _check_root("The root that the leaf and its proof lead to", found, root)


def verify_consistency(old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raises `BadProof` unless the new tree begins with all the leaves of the old one, in their order.

    From an empty tree, and between equal sizes, the proof is empty (C2SP tlog-witness).
    """
    if not 0 <= old_size <= new_size:
        raise BadProof(f"The tree shrank from {old_size} to {new_size} leaves: a log only grows.")
    roots = {"old root": old_root, "new root": new_root}
    if old_size in (0, new_size):
        _check_lengths(roots, proof, 0)
        _check_root(f"The root of {old_size} leaves", old_root, new_root if old_size else EMPTY_ROOT)
        return
    start, path = consistency_nodes(old_size, new_size)
    _check_lengths(roots, proof, len(path) + (start.index > 0))
    first, rest = (proof[0], proof[1:]) if start.index else (old_root, proof)
    _check_growth(first, list(zip(path, rest, strict=True)), old_root, new_root)


def _check_growth(start: bytes, steps: list[tuple[Node, bytes]], old_root: bytes, new_root: bytes) -> None:
    """What lies left of the start belongs to both trees, what lies right of it to the new one only."""
    old = new = start
    for node, sibling in steps:
        is_left = node.index % 2 == 0
        new = _joined(new, sibling, left=is_left)
        old = _joined(old, sibling, left=True) if is_left else old
    _check_root("The old root that the proof leads to", old, old_root)
    _check_root("The new root that the proof leads to", new, new_root)


def _joined(node: bytes, sibling: bytes, *, left: bool) -> bytes:
    return node_hash(sibling, node) if left else node_hash(node, sibling)


def _check_lengths(named: dict[str, bytes], proof: Sequence[bytes], needed: int) -> None:
    for name, value in named.items():
        if len(value) != HASH:
            raise BadProof(f"The {name} has {len(value)} bytes: expected a hash of {HASH}.")
    if len(proof) != needed:
        raise BadProof(f"The proof has {len(proof)} hashes: these sizes need exactly {needed}.")
    for number, value in enumerate(proof, start=1):
        if len(value) != HASH:
            raise BadProof(f"Hash {number} of the proof has {len(value)} bytes: expected {HASH}.")


def _check_root(what: str, found: bytes, expected: bytes) -> None:
    if found != expected:
        raise BadProof(f"{what} is {found.hex()}: expected {expected.hex()}. These are different trees.")
