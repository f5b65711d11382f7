"""Proofs of the RFC's own definition are believed, and nothing else; what is wrong is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verification.ledger.reference import NUMBERED, Reference
from tests.verification.ledger.test_hashing import PUBLISHED_LEAVES
from verification.ledger.hashing import EMPTY_ROOT, leaf_hash
from verification.ledger.proofs import BadProof, verify_consistency, verify_inclusion

REFERENCE = NUMBERED.reference
PUBLISHED = Reference(PUBLISHED_LEAVES)
PUBLISHED_INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
}
"""Index and size to the proof, from the tests of Certificate Transparency (Apache-2.0)."""
PUBLISHED_CONSISTENCY = {
    (1, 8): PUBLISHED_INCLUSION[0, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
"""Old and new size to the proof, from the same tests."""
EDGES = [1, 2, 255, 256, 257, 511, 512, 513, 65_279, 65_280, 65_535, 65_536, 65_537, 65_793]


def leaf(index: int) -> bytes:
    return leaf_hash(NUMBERED.entries[index])


def show_inclusion(index: int, size: int, proof: list[bytes] | None = None) -> None:
    proof = REFERENCE.inclusion(index, size) if proof is None else proof
    verify_inclusion(index, size, leaf(index), proof, REFERENCE.root(size))


def show_growth(old_size: int, new_size: int, proof: list[bytes] | None = None) -> None:
    proof = REFERENCE.consistency(old_size, new_size) if proof is None else proof
    verify_consistency(old_size, new_size, REFERENCE.root(old_size), REFERENCE.root(new_size), proof)


@st.composite
def places(draw: st.DrawFn) -> tuple[int, int]:
    """An index and a larger size; or, one added to the index, two sizes with an honest proof between them."""
    size = draw(st.integers(1, 700) | st.sampled_from(EDGES))
    return draw(st.integers(0, size - 1)), size


@pytest.mark.parametrize(("index", "size"), PUBLISHED_INCLUSION)
def test_the_published_inclusion_proofs_hold(index: int, size: int) -> None:
    proof = [bytes.fromhex(value) for value in PUBLISHED_INCLUSION[index, size]]
    assert proof == PUBLISHED.inclusion(index, size)
    verify_inclusion(index, size, leaf_hash(PUBLISHED_LEAVES[index]), proof, PUBLISHED.root(size))


@pytest.mark.parametrize(("old_size", "new_size"), PUBLISHED_CONSISTENCY)
def test_the_published_consistency_proofs_hold(old_size: int, new_size: int) -> None:
    proof = [bytes.fromhex(value) for value in PUBLISHED_CONSISTENCY[old_size, new_size]]
    assert proof == PUBLISHED.consistency(old_size, new_size)
    verify_consistency(old_size, new_size, PUBLISHED.root(old_size), PUBLISHED.root(new_size), proof)


def test_every_leaf_of_every_small_tree_is_proven() -> None:
    for size in range(1, 130):
        for index in range(size):
            show_inclusion(index, size)


def test_every_growth_of_every_small_tree_is_proven() -> None:
    for new_size in range(1, 130):
        for old_size in range(1, new_size + 1):
            show_growth(old_size, new_size)


@given(places())
def test_leaves_of_larger_trees_are_proven(place: tuple[int, int]) -> None:
    show_inclusion(*place)


@given(places())
def test_growth_of_larger_trees_is_proven(place: tuple[int, int]) -> None:
    old_size, new_size = place[0] + 1, place[1]
    show_growth(old_size, new_size)


@given(places(), st.data())
def test_an_inclusion_proof_with_one_bit_changed_is_refused(place: tuple[int, int], data: st.DataObject) -> None:
    proof = REFERENCE.inclusion(*place)
    if proof:
        with pytest.raises(BadProof, match="different trees"):
            show_inclusion(*place, with_one_bit_changed(proof, data))


@given(places(), st.data())
def test_a_consistency_proof_with_one_bit_changed_is_refused(place: tuple[int, int], data: st.DataObject) -> None:
    old_size, new_size = place[0] + 1, place[1]
    proof = REFERENCE.consistency(old_size, new_size)
    if proof:
        with pytest.raises(BadProof, match="different trees"):
            show_growth(old_size, new_size, with_one_bit_changed(proof, data))


@given(places(), st.binary(min_size=32, max_size=32), st.data())
def test_a_hash_too_many_or_too_few_is_refused_at_any_place(
    place: tuple[int, int], extra: bytes, data: st.DataObject
) -> None:
    proof = REFERENCE.inclusion(*place)
    at = data.draw(st.integers(0, len(proof)))
    with pytest.raises(BadProof, match=f"has {len(proof) + 1} hashes.*exactly {len(proof)}"):
        show_inclusion(*place, [*proof[:at], extra, *proof[at:]])
    if proof:
        with pytest.raises(BadProof, match=f"has {len(proof) - 1} hashes.*exactly {len(proof)}"):
            show_inclusion(*place, proof[:-1])


@given(places(), st.binary(min_size=32, max_size=32))
def test_a_consistency_proof_of_another_length_is_refused(place: tuple[int, int], extra: bytes) -> None:
    old_size, new_size = place[0] + 1, place[1]
    proof = REFERENCE.consistency(old_size, new_size)
    with pytest.raises(BadProof, match=f"exactly {len(proof)}"):
        show_growth(old_size, new_size, [*proof, extra])
    if proof:
        with pytest.raises(BadProof, match=f"exactly {len(proof)}"):
            show_growth(old_size, new_size, proof[1:])


@given(places(), st.integers(0, 700))
def test_a_proof_for_another_index_is_refused(place: tuple[int, int], other: int) -> None:
    index, size = place
    if other != index and other < size:
        with pytest.raises(BadProof):
            verify_inclusion(other, size, leaf(index), REFERENCE.inclusion(index, size), REFERENCE.root(size))


@pytest.mark.parametrize(("index", "size"), [(8, 8), (9, 8), (-1, 8), (0, 0), (2**64, 8)])
def test_an_index_outside_of_the_tree_is_refused(index: int, size: int) -> None:
    with pytest.raises(BadProof, match=f"{size} leaves has no leaf {index}"):
        verify_inclusion(index, size, leaf(0), REFERENCE.inclusion(0, 8), REFERENCE.root(8))


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_hashes_of_another_length_are_refused_and_named(length: int) -> None:
    proof, root, wrong = REFERENCE.inclusion(3, 8), REFERENCE.root(8), bytes(length)
    with pytest.raises(BadProof, match=f"The leaf has {length} bytes"):
        verify_inclusion(3, 8, wrong, proof, root)
    with pytest.raises(BadProof, match=f"The root has {length} bytes"):
        verify_inclusion(3, 8, leaf(3), proof, wrong)
    with pytest.raises(BadProof, match=f"Hash 2 of the proof has {length} bytes"):
        verify_inclusion(3, 8, leaf(3), [proof[0], wrong, proof[2]], root)
    with pytest.raises(BadProof, match=f"The old root has {length} bytes"):
        verify_consistency(3, 8, wrong, root, REFERENCE.consistency(3, 8))
    with pytest.raises(BadProof, match=f"The new root has {length} bytes"):
        verify_consistency(8, 8, root, wrong, [])


def test_another_root_is_refused_with_both_in_words() -> None:
    with pytest.raises(BadProof, match=f"is {REFERENCE.root(8).hex()}: expected {EMPTY_ROOT.hex()}"):
        verify_inclusion(3, 8, leaf(3), REFERENCE.inclusion(3, 8), EMPTY_ROOT)


def test_a_log_that_shrank_is_refused() -> None:
    with pytest.raises(BadProof, match="shrank from 8 to 7"):
        verify_consistency(8, 7, REFERENCE.root(8), REFERENCE.root(7), [])


def test_two_roots_of_one_size_are_refused() -> None:
    with pytest.raises(BadProof, match="The root of 8 leaves"):
        verify_consistency(8, 8, REFERENCE.root(8), REFERENCE.root(7), [])


def test_everything_grows_from_the_empty_tree_with_an_empty_proof() -> None:
    verify_consistency(0, 8, EMPTY_ROOT, REFERENCE.root(8), [])
    verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    with pytest.raises(BadProof, match="The root of 0 leaves"):
        verify_consistency(0, 8, REFERENCE.root(1), REFERENCE.root(8), [])
    with pytest.raises(BadProof, match="exactly 0"):
        verify_consistency(0, 8, EMPTY_ROOT, REFERENCE.root(8), [EMPTY_ROOT])


@given(places(), st.data())
def test_a_tree_that_rewrote_an_old_leaf_is_never_proven(place: tuple[int, int], data: st.DataObject) -> None:
    new_size = min(place[1], 700)
    old_size = min(place[0] + 1, new_size)
    entries = NUMBERED.entries[:new_size]
    entries[data.draw(st.integers(0, old_size - 1))] = b"rewritten"
    forked = Reference(entries)
    with pytest.raises(BadProof, match="different trees"):
        verify_consistency(
            old_size,
            new_size,
            REFERENCE.root(old_size),
            forked.root(new_size),
            forked.consistency(old_size, new_size),
        )


def with_one_bit_changed(proof: list[bytes], data: st.DataObject) -> list[bytes]:
    at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    changed = (int.from_bytes(proof[at], "big") ^ 1 << bit).to_bytes(32, "big")
    return [*proof[:at], changed, *proof[at + 1 :]]
