"""Leaves: what is written is read back, nothing else is read, and nothing links a leaf to another."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.ledger.leaves import (
    BadLeaf,
    Beginning,
    Leaf,
    Opening,
    Signature,
    Tally,
    Void,
    Withdrawal,
    canonical,
    decode_leaf,
    nullifier_of,
)

HIDDEN = st.binary(min_size=32, max_size=32)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcяё", max_size=4), inner, max_size=3),
    max_leaves=8,
)
CONTENTS = st.dictionaries(st.text("abcяё_", max_size=6), VALUES, max_size=4)
LEAVES = st.one_of(
    HIDDEN.map(Signature),
    HIDDEN.map(Withdrawal),
    st.builds(Void, HIDDEN, st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=32)),
    CONTENTS.map(Beginning),
    CONTENTS.map(Tally),
)


@given(leaf=LEAVES)
def test_what_is_written_is_read_back(leaf: Leaf) -> None:
    assert decode_leaf(leaf.encode()) == leaf


@given(entry=st.binary(max_size=80))
def test_whatever_is_read_would_be_written_like_that(entry: bytes) -> None:
    try:
        leaf = decode_leaf(entry)
    except BadLeaf:
        return
    assert leaf.encode() == entry


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        b"S",
        b"S" + bytes(31),
        b"S" + bytes(33),
        b"W" + bytes(31),
        b"V" + bytes(32),
        b"V" + bytes(32) + b"Burst",
        b"V" + bytes(32) + b"b" * 33,
        b"X" + bytes(32),
        b"T",
        b"T[]",
        b"T{",
        b'T{"b":1,"a":2}',
        b'T{"a": 1}',
        b'T{"a":1,"a":2}',
        b'T{"a":"\\u0430"}',
        b'T{"a":NaN}',
        b'T{"a":1}\n',
        b"T\xff",
        b"T" + b'{"a":' * 5000,
    ],
)
def test_anything_else_is_refused(entry: bytes) -> None:
    with pytest.raises(BadLeaf):
        decode_leaf(entry)


def test_json_stands_in_one_way() -> None:
    content: dict[str, Any] = {"я": 1, "a": [True, None, "ё"]}
    assert canonical(content) == '{"a":[true,null,"ё"],"я":1}'.encode()
    assert json.loads(canonical(content)) == content


def test_the_same_secret_and_seal_make_the_same_leaf_and_others_another() -> None:
    opening = Opening.of(bytes(32), b"sealed")
    commitments = {
        opening.commitment,
        Opening.of(bytes(32), b"sealed").commitment,
        Opening.of(bytes(31) + b"\1", b"sealed").commitment,
        Opening.of(bytes(32), b"another").commitment,
    }
    assert len(commitments) == 3


def test_a_withdrawal_shows_nothing_of_its_signatures_leaf() -> None:
    """Known values, made once by hand with Python's hmac: they hold every later version to this form."""
    secret = bytes(range(32))
    opening = Opening.of(secret, b"sealed")
    assert opening.nullifier == nullifier_of(secret)
    assert opening.nullifier.hex() == "72820beb48a285223ee0cb8cb6124747b1747a449d958cccf76073a5dc1ee916"
    assert opening.commitment.hex() == "686649eb4319bc8c32d02a7166538601a7057c57261453a6ef578d604cc70744"
    assert len({opening.nullifier, opening.blinding, opening.seal_hash, opening.commitment, secret}) == 5
