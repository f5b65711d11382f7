"""The roots on the way are those of trees of that size."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from verification.ledger.auditing.growing import GrowingTree
from verification.ledger.hashing import root_of
from verification.ledger.tiles import WIDTH

LEAVES = [sha256(bytes([number % 256, number // 256])).digest() for number in range(5 * WIDTH)]


@given(st.integers(1, 5 * WIDTH), st.sets(st.integers(1, 5 * WIDTH), max_size=12))
def test_every_root_on_the_way_is_that_of_a_tree_of_its_size(size: int, sizes: set[int]) -> None:
    tree, roots = GrowingTree(), dict[int, bytes]()
    for first in range(0, size, WIDTH):
        end = min(first + WIDTH, size)
        tree.add(LEAVES[first:end])
        roots |= tree.roots_at({at for at in {*sizes, size} if first < at <= end})
    assert roots == {at: root_of(LEAVES[:at]) for at in {*sizes, size} if at <= size}
