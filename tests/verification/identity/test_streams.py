"""A sealed file of any length opens as it was written, and no other way."""

import secrets
from collections.abc import Iterator
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.identity.custody import KeyPart, opener_for
from verification.identity.keypairs import KeyPair, new_key_pair
from verification.identity.sealing import CannotOpen
from verification.identity.streams import (
    CHUNK,
    NotSealed,
    StreamDamaged,
    open_chunks,
    open_file,
    read_head,
    seal_chunks,
    seal_file,
)
from verification.identity.two_of_three import combine

KEY = bytes(range(32))
SEALED = CHUNK + 16
LENGTHS = st.one_of(st.integers(0, 40), st.integers(CHUNK - 2, CHUNK + 2), st.integers(2 * CHUNK - 2, 2 * CHUNK + 2))


@pytest.fixture(scope="module")
def pair() -> KeyPair:
    return new_key_pair()


@pytest.fixture(scope="module")
def three() -> list[KeyPair]:
    return [new_key_pair() for _ in range(3)]


def cut(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    """The data in pieces of these sizes, and the rest."""
    source = BytesIO(data)
    yield from (source.read(size) for size in sizes)
    yield source.read()


def sealed_chunks(length: int) -> list[bytes]:
    return list(seal_chunks(KEY, [secrets.token_bytes(length)]))


def opened(data: bytes) -> bytes:
    return b"".join(open_chunks(KEY, BytesIO(data).read))


def a_file(public: str, content: bytes = b"content", context: bytes = b"a test") -> bytes:
    return b"".join(seal_file(public, context, [content], secrets.token_bytes))


def read_file(data: bytes, public: str, secret_keys: list[str], context: bytes = b"a test") -> bytes:
    source = BytesIO(data)
    head = read_head(source.read)
    opener = opener_for(public, [KeyPart(str(place), secret) for place, secret in enumerate(secret_keys)])
    return b"".join(open_file(head, opener, context, source.read))


@given(LENGTHS, st.lists(st.integers(0, 3 * CHUNK), max_size=6))
def test_what_was_sealed_opens_however_it_was_cut(length: int, sizes: list[int]) -> None:
    content = secrets.token_bytes(length)
    assert opened(b"".join(seal_chunks(KEY, cut(content, sizes)))) == content


@given(LENGTHS, st.data())
def test_a_shorter_file_is_noticed_wherever_it_ends(length: int, data: st.DataObject) -> None:
    whole = b"".join(sealed_chunks(length))
    end = data.draw(st.one_of(st.integers(0, len(whole) - 1), st.sampled_from([0, SEALED]).filter(len(whole).__gt__)))
    with pytest.raises(StreamDamaged):
        opened(whole[:end])


@given(LENGTHS, st.data())
def test_a_single_bit_is_noticed(length: int, data: st.DataObject) -> None:
    whole = bytearray(b"".join(sealed_chunks(length)))
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    with pytest.raises(StreamDamaged):
        opened(bytes(whole))


@given(st.permutations(range(4)).filter(lambda order: order != list(range(4))))
def test_chunks_in_another_order_are_noticed(order: list[int]) -> None:
    chunks = sealed_chunks(4 * CHUNK)
    with pytest.raises(StreamDamaged):
        opened(b"".join(chunks[place] for place in order))


@given(st.integers(0, 3), st.integers(0, 3))
def test_a_chunk_that_is_missing_or_there_twice_is_noticed(missing: int, twice: int) -> None:
    chunks = sealed_chunks(4 * CHUNK)
    for wrong in (chunks[:missing] + chunks[missing + 1 :], [*chunks[: twice + 1], *chunks[twice:]]):
        with pytest.raises(StreamDamaged):
            opened(b"".join(wrong))


@given(st.integers(0, 2))
def test_a_chunk_of_another_file_is_noticed(place: int) -> None:
    chunks = sealed_chunks(3 * CHUNK)
    chunks[place] = list(seal_chunks(bytes(32), [bytes(3 * CHUNK)]))[place]
    with pytest.raises(StreamDamaged):
        opened(b"".join(chunks))


@given(st.binary(min_size=1, max_size=100))
def test_what_was_added_is_noticed(more: bytes) -> None:
    with pytest.raises(StreamDamaged):
        opened(b"".join(sealed_chunks(CHUNK)) + more)


def test_everything_before_damage_is_as_it_was_written() -> None:
    content = secrets.token_bytes(3 * CHUNK)
    pieces = open_chunks(KEY, BytesIO(b"".join(seal_chunks(KEY, [content]))[: 2 * SEALED]).read)
    assert next(pieces) == content[:CHUNK]
    with pytest.raises(StreamDamaged):
        next(pieces)


def test_no_chunk_waits_for_the_end() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield bytes(1000)

    assert len(next(seal_chunks(KEY, endless()))) == SEALED


def test_a_file_opens_with_its_secret_key(pair: KeyPair) -> None:
    assert read_file(a_file(pair.public), pair.public, [pair.secret]) == b"content"


def test_a_file_for_three_opens_with_any_two(three: list[KeyPair]) -> None:
    public = combine([pair.public for pair in three])
    for chosen in ((0, 1), (0, 2), (1, 2)):
        assert read_file(a_file(public), public, [three[place].secret for place in chosen]) == b"content"


def test_no_other_key_and_no_other_context_opens_it(pair: KeyPair) -> None:
    other = new_key_pair()
    with pytest.raises(CannotOpen):
        read_file(a_file(pair.public), other.public, [other.secret])
    with pytest.raises(CannotOpen):
        read_file(a_file(pair.public), pair.public, [pair.secret], b"another use")


def test_two_files_of_the_same_have_nothing_in_common(pair: KeyPair) -> None:
    first, second = (a_file(pair.public, bytes(CHUNK))[-CHUNK:] for _ in range(2))
    assert all(first[at : at + 16] != second[at : at + 16] for at in range(0, CHUNK, 16))


@given(st.binary(max_size=200))
def test_any_other_file_is_told_apart(data: bytes) -> None:
    with pytest.raises(NotSealed):
        read_head(BytesIO(data).read)


def test_a_beginning_that_is_cut_opens_nothing(pair: KeyPair) -> None:
    whole = a_file(pair.public)
    with pytest.raises((NotSealed, CannotOpen)):
        read_file(whole[:2000], pair.public, [pair.secret])
    with pytest.raises(NotSealed):
        read_head(BytesIO(whole[:26] + b"\xff" * 8 + whole[34:]).read)
