"""A tree in tiles has the RFC's roots and proofs at every size, however it grew, and growing it reads only its edge."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.verification.ledger.reference import NUMBERED, Reference, Tiles
from verification.ledger.hashing import EMPTY_ROOT, leaf_hash
from verification.ledger.proofs import BadProof, verify_consistency, verify_inclusion
from verification.ledger.tiles import ENTRIES, LONGEST_ENTRY, WIDTH, BadTile
from verification.ledger.trees import append, consistency_proof, entries_between, inclusion_proof, root_at

EDGES = [1, 2, 3, 255, 256, 257, 511, 512, 513, 65_279, 65_280, 65_281, 65_535, 65_536, 65_537, 65_792, 65_793, 66_000]
SIZES = st.integers(1, 66_000) | st.sampled_from(EDGES)


def test_every_size_has_the_root_of_the_definition() -> None:
    for size in [*range(600), *EDGES]:
        assert root_at(size, NUMBERED.tiles.read) == NUMBERED.reference.root(size), size


@given(SIZES, st.data())
def test_inclusion_proofs_are_those_of_the_definition(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1) | st.sampled_from(EDGES).filter(lambda edge: edge < size) | st.just(0))
    proof = inclusion_proof(index, size, NUMBERED.tiles.read)
    assert proof == NUMBERED.reference.inclusion(index, size)
    verify_inclusion(index, size, leaf_hash(NUMBERED.entries[index]), proof, NUMBERED.reference.root(size))


@given(SIZES, SIZES)
def test_consistency_proofs_are_those_of_the_definition(one: int, other: int) -> None:
    old_size, new_size = sorted((one, other))
    proof = consistency_proof(old_size, new_size, NUMBERED.tiles.read)
    assert proof == NUMBERED.reference.consistency(old_size, new_size)
    roots = NUMBERED.reference.root(old_size), NUMBERED.reference.root(new_size)
    verify_consistency(old_size, new_size, *roots, proof)


def test_every_proof_of_every_small_tree_is_that_of_the_definition() -> None:
    for size in range(1, 70):
        for index in range(size):
            reference, read = NUMBERED.reference, NUMBERED.tiles.read
            assert inclusion_proof(index, size, read) == reference.inclusion(index, size)
            assert consistency_proof(index + 1, size, read) == reference.consistency(index + 1, size)


def test_nothing_proves_growth_from_the_empty_tree() -> None:
    assert consistency_proof(0, 300, NUMBERED.tiles.read) == []
    assert consistency_proof(300, 300, NUMBERED.tiles.read) == []


@pytest.mark.parametrize(("index", "size"), [(300, 300), (301, 300), (-1, 300), (0, 0)])
def test_no_proof_is_made_for_a_leaf_outside_of_the_tree(index: int, size: int) -> None:
    with pytest.raises(BadProof, match=f"{size} leaves has no leaf {index}"):
        inclusion_proof(index, size, NUMBERED.tiles.read)


@pytest.mark.parametrize(("old_size", "new_size"), [(301, 300), (-1, 300)])
def test_no_proof_is_made_for_a_tree_that_shrinks(old_size: int, new_size: int) -> None:
    with pytest.raises(BadProof, match=f"no growth from {old_size} to {new_size}"):
        consistency_proof(old_size, new_size, NUMBERED.tiles.read)


@given(st.integers(0, 1100), st.integers(0, 1100))
def test_entries_come_back_in_order(one: int, other: int) -> None:
    start, end = sorted((one, other))
    assert entries_between(start, end, NUMBERED.tiles.read) == NUMBERED.entries[start:end]


def test_an_empty_append_changes_nothing() -> None:
    assert append(0, [], Tiles().read).root == EMPTY_ROOT
    grown = append(300, [], NUMBERED.tiles.read)
    assert (grown.size, grown.root, grown.tiles) == (300, NUMBERED.reference.root(300), {})


def test_an_entry_that_is_too_long_is_refused() -> None:
    with pytest.raises(BadTile, match="at most 65535"):
        append(0, [b"", bytes(LONGEST_ENTRY + 1)], Tiles().read)


@given(st.lists(st.integers(0, 700), max_size=6))
def test_a_log_is_the_same_however_it_grew(steps: list[int]) -> None:
    tiles = Tiles()
    for step in steps:
        grown = tiles.grow(NUMBERED.entries[tiles.size : tiles.size + step])
        assert (grown.size, grown.root) == (tiles.size, NUMBERED.reference.root(tiles.size))
    assert tiles.stored == (Tiles(NUMBERED.entries[: tiles.size]).stored if tiles.size else {})


@pytest.mark.parametrize("size", [1, 255, 256, 257, 65_535, 65_536, 65_537])
def test_tiles_are_as_wide_as_the_specification_says(size: int) -> None:
    tiles = Tiles(NUMBERED.entries[:size])
    widths = {
        (level, number): min(WIDTH, (size >> 8 * level) - number * WIDTH)
        for level in range(3)
        for number in range(-(-(size >> 8 * level) // WIDTH))
    }
    assert {place: len(tile) // 32 for place, tile in tiles.stored.items() if place[0] != ENTRIES} == widths


def test_tiles_that_grew_later_still_serve_the_older_tree() -> None:
    tiles = Tiles(NUMBERED.entries[:300])
    before = consistency_proof(250, 300, tiles.read)
    tiles.grow(NUMBERED.entries[300:1000])
    assert consistency_proof(250, 300, tiles.read) == before
    assert root_at(300, tiles.read) == NUMBERED.reference.root(300)


@pytest.mark.parametrize("size", [0, 256, 65_536, 65_537, 65_999])
def test_appending_reads_only_the_right_edge(size: int) -> None:
    tiles = Tiles(NUMBERED.entries[:size])
    tiles.read_count = 0
    changed = tiles.grow([b"one more"]).tiles
    assert tiles.read_count <= 7
    assert len(changed) <= 3


@pytest.mark.parametrize("missing", [(0, 1), (1, 0), (ENTRIES, 1)])
def test_a_lost_tile_stops_the_log_and_is_named(missing: tuple[int, int]) -> None:
    tiles = Tiles(NUMBERED.entries[:300])
    del tiles.stored[missing]
    with pytest.raises(BadTile, match="is only 0 wide: expected"):
        tiles.grow([b"one more"])


def test_a_log_that_lost_its_last_leaves_does_not_go_on() -> None:
    tiles = Tiles(NUMBERED.entries[:299])
    with pytest.raises(BadTile, match="is only 43 wide: expected 44"):
        append(300, [b"one more"], tiles.read)


class GrowingLog(RuleBasedStateMachine):
    """Whatever is appended, each head that was ever seen stays provable from the newest."""

    def __init__(self) -> None:
        super().__init__()
        self.tiles = Tiles()
        self.entries: list[bytes] = []
        self.heads = [(0, EMPTY_ROOT)]

    @rule(count=st.sampled_from([1, 2, 100, 255, 256, 257]), content=st.binary(max_size=8))
    def grow(self, count: int, content: bytes) -> None:
        entries = [content + bytes([number % WIDTH]) for number in range(count)]
        grown = self.tiles.grow(entries)
        self.entries += entries
        self.heads.append((grown.size, grown.root))

    @invariant()
    def the_newest_root_is_that_of_the_definition(self) -> None:
        size, root = self.heads[-1]
        assert root == Reference(self.entries).root(size)
        assert entries_between(0, size, self.tiles.read) == self.entries

    @invariant()
    def every_older_head_is_consistent_with_it(self) -> None:
        size, root = self.heads[-1]
        for old_size, old_root in self.heads:
            verify_consistency(old_size, size, old_root, root, consistency_proof(old_size, size, self.tiles.read))


TestGrowingLog = GrowingLog.TestCase
TestGrowingLog.settings = settings(max_examples=15, stateful_step_count=8, deadline=None)
