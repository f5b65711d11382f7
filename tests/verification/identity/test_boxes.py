"""Boxes open with their key, their context and every bit as it was; otherwise they say so."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.identity.boxes import NONCE, BoxDamaged, lock, unlock

KEY, NONCE_BYTES = bytes(range(32)), bytes(NONCE)


@given(st.binary(max_size=300), st.binary(max_size=30))
def test_unlocking_undoes_locking(plaintext: bytes, context: bytes) -> None:
    assert unlock(KEY, lock(KEY, plaintext, context, os.urandom(NONCE)), context) == plaintext


@given(st.data())
def test_a_single_flipped_bit_is_noticed(data: st.DataObject) -> None:
    box = bytearray(lock(KEY, b"vera@example.org", b"here", NONCE_BYTES))
    bit = data.draw(st.integers(min_value=0, max_value=len(box) * 8 - 1))
    box[bit // 8] ^= 1 << bit % 8
    with pytest.raises(BoxDamaged):
        unlock(KEY, bytes(box), b"here")


@pytest.mark.parametrize(
    ("key", "context"),
    [(bytes(32), b"here"), (KEY, b"there"), (KEY, b""), (b"short", b"here"), (b"", b"here")],
    ids=["another key", "another context", "no context", "a short key", "no key"],
)
def test_another_key_or_context_does_not_open_it(key: bytes, context: bytes) -> None:
    box = lock(KEY, b"vera@example.org", b"here", NONCE_BYTES)
    with pytest.raises(BoxDamaged):
        unlock(key, box, context)


@pytest.mark.parametrize("length", [0, 1, NONCE - 1, NONCE, NONCE + 15])
def test_what_is_too_short_to_be_a_box_is_refused(length: int) -> None:
    with pytest.raises(BoxDamaged):
        unlock(KEY, bytes(length), b"")


def test_the_same_plaintext_never_looks_the_same_twice() -> None:
    boxes = {lock(KEY, b"vera@example.org", b"", os.urandom(NONCE)) for _ in range(20)}
    assert len(boxes) == 20


def test_a_repeated_nonce_gives_away_no_more_than_equality() -> None:
    one, other = (lock(KEY, text, b"", NONCE_BYTES) for text in (b"vera@example.org", b"vera@example.com"))
    assert one[NONCE : NONCE + 8] != other[NONCE : NONCE + 8]
