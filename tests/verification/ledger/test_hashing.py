"""Roots are those that were published, and those of the RFC's own definition for every size."""

from hashlib import sha256

import pytest

from tests.verification.ledger.reference import NUMBERED
from verification.ledger.hashing import EMPTY_ROOT, leaf_hash, node_hash, root_of

PUBLISHED_LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
PUBLISHED_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The trees over the first 0 to 8 leaves, from the tests of Certificate Transparency (Apache-2.0)."""


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots_come_out(size: int) -> None:
    leaves = [leaf_hash(leaf) for leaf in PUBLISHED_LEAVES[:size]]
    assert root_of(leaves).hex() == PUBLISHED_ROOTS[size]


def test_the_empty_root_is_the_hash_of_nothing() -> None:
    assert sha256(b"").digest() == EMPTY_ROOT == root_of([])


def test_every_small_tree_and_those_around_the_tile_edges_have_the_root_of_the_definition() -> None:
    leaves = [leaf_hash(entry) for entry in NUMBERED.entries]
    for size in [*range(600), 65_535, 65_536, 65_537]:
        assert root_of(leaves[:size]) == NUMBERED.reference.root(size), size


def test_roots_of_equally_high_subtrees_stand_for_their_leaves() -> None:
    leaves = [leaf_hash(entry) for entry in NUMBERED.entries[:1000]]
    subtrees = [root_of(leaves[start : start + 256]) for start in range(0, 1000, 256)]
    assert root_of(subtrees) == root_of(leaves)


def test_an_entry_that_spells_an_inner_node_does_not_hash_like_one() -> None:
    left, right = leaf_hash(b"left"), leaf_hash(b"right")
    assert leaf_hash(left + right) != node_hash(left, right)


def test_the_order_of_leaves_matters() -> None:
    left, right = leaf_hash(b"left"), leaf_hash(b"right")
    assert root_of([left, right]) != root_of([right, left])
