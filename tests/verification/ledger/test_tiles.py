"""Tiles have one address and one encoding each; anything else is refused."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.ledger.tiles import (
    ENTRIES,
    HIGHEST,
    LONGEST_ENTRY,
    MOST_TILES,
    WIDTH,
    BadTile,
    TileAddress,
    cut,
    decode_bundle,
    encode_bundle,
    hashes_in,
    parts_of,
)

ADDRESSES = st.builds(TileAddress, st.integers(ENTRIES, HIGHEST), st.integers(0, MOST_TILES - 1), st.integers(1, WIDTH))
BUNDLES = st.lists(st.binary(max_size=40), max_size=WIDTH)
HASHES = b"".join(bytes([number]) * 32 for number in range(WIDTH))


@pytest.mark.parametrize(
    ("address", "path"),
    [
        (TileAddress(0, 0), "tile/0/000"),
        (TileAddress(0, 1234067), "tile/0/x001/x234/067"),
        (TileAddress(0, 1067, 3), "tile/0/x001/067.p/3"),
        (TileAddress(0, 273, 112), "tile/0/273.p/112"),
        (TileAddress(2, 0, 1), "tile/2/000.p/1"),
        (TileAddress(63, 999), "tile/63/999"),
        (TileAddress(ENTRIES, 0), "tile/entries/000"),
        (TileAddress(ENTRIES, 1000, 255), "tile/entries/x001/000.p/255"),
        (TileAddress(0, MOST_TILES - 1), "tile/0/x036/x028/x797/x018/x963/967"),
    ],
)
def test_addresses_are_written_as_the_specification_has_them(address: TileAddress, path: str) -> None:
    assert address.path == path
    assert TileAddress.parse(path) == address


@given(ADDRESSES)
def test_an_address_that_is_written_is_read_again(address: TileAddress) -> None:
    assert TileAddress.parse(address.path) == address


@given(st.from_regex(r"tile/[0-9e]{1,3}/(x?[0-9]{2,4}/){0,2}[0-9]{2,4}(\.p/[0-9]{1,4})?"))
def test_whatever_is_read_is_written_the_same(path: str) -> None:
    with contextlib.suppress(BadTile):
        assert TileAddress.parse(path).path == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/1067",
        "tile/0/001/067",
        "tile/0/x001/x067",
        "tile/0/x001",
        "tile/0/x1/067",
        "tile/0/x0001/067",
        "tile/0/X001/067",
        "tile/0/x000/067",
        "tile/0/x001/067/",
        "/tile/0/000",
        "tile//0/000",
        "tile/0/../000",
        "tile/00/000",
        "tile/01/000",
        "tile/64/000",
        "tile/100/000",
        "tile/-1/000",
        "tile/+1/000",
        "tile/Entries/000",
        "tile/data/000",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/007",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/999",
        "tile/0/000.p/-1",
        "tile/0/000.P/1",
        "tile/0/000.p/1/",
        "tile/0/000\n",
        "tile/0/٠٠٠",
        "tile/٠/000",
        "tile/0/000.p/１",
        "tile/0/x036/x028/x797/x018/x963/968",
        "tile/0/x999/x999/x999/x999/x999/999",
        "tile/0/" + "x001/" * 2000 + "000",
    ],
)
def test_paths_in_any_other_form_are_refused(path: str) -> None:
    with pytest.raises(BadTile, match="expected"):
        TileAddress.parse(path)


@pytest.mark.parametrize(
    ("level", "number", "width"), [(-2, 0, 1), (64, 0, 1), (0, -1, 1), (0, MOST_TILES, 1), (0, 0, 0), (0, 0, 257)]
)
def test_addresses_that_no_tree_has_cannot_be_made(level: int, number: int, width: int) -> None:
    with pytest.raises(BadTile, match="expected"):
        TileAddress(level, number, width)


def test_a_bundle_is_lengths_and_entries() -> None:
    assert encode_bundle([b"ab", b"", b"c" * 258]) == b"\x00\x02ab\x00\x00\x01\x02" + b"c" * 258


@given(BUNDLES)
def test_entries_survive_a_bundle(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries)) == entries


@given(st.binary(max_size=80))
def test_a_bundle_that_is_read_is_written_the_same(data: bytes) -> None:
    with contextlib.suppress(BadTile):
        assert encode_bundle(decode_bundle(data)) == data


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=20), st.data())
def test_a_bundle_that_ends_inside_an_entry_is_refused(entries: list[bytes], data: st.DataObject) -> None:
    bundle, last = encode_bundle(entries), len(entries[-1]) + 2
    with pytest.raises(BadTile, match="ends inside an entry"):
        decode_bundle(bundle[: -data.draw(st.integers(1, last - 1))])


def test_an_entry_may_be_as_long_as_its_length_can_say() -> None:
    longest = bytes(LONGEST_ENTRY)
    assert decode_bundle(encode_bundle([longest])) == [longest]
    with pytest.raises(BadTile, match=f"has {LONGEST_ENTRY + 1} bytes"):
        encode_bundle([longest + b"\x00"])


def test_a_bundle_of_257_entries_is_refused() -> None:
    with pytest.raises(BadTile, match="holds 257 entries"):
        decode_bundle(encode_bundle([b"entry"] * 257))


def test_hashes_are_read_in_order() -> None:
    assert hashes_in(HASHES) == [bytes([number]) * 32 for number in range(WIDTH)]
    assert hashes_in(b"") == []


@pytest.mark.parametrize("length", [1, 31, 33, 8191, 8193, 8224])
def test_a_tile_of_no_whole_number_of_hashes_or_of_too_many_is_refused(length: int) -> None:
    with pytest.raises(BadTile, match=f"has {length} bytes"):
        hashes_in(bytes(length))


@given(st.integers(1, WIDTH))
def test_a_tile_is_cut_to_its_first_hashes(width: int) -> None:
    address = TileAddress(0, 7, width)
    assert cut(address, HASHES) == HASHES[: 32 * width]
    assert parts_of(address, HASHES) == hashes_in(HASHES)[:width]


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=WIDTH), st.data())
def test_a_bundle_is_cut_to_its_first_entries(entries: list[bytes], data: st.DataObject) -> None:
    width = data.draw(st.integers(1, len(entries)))
    assert cut(TileAddress(ENTRIES, 7, width), encode_bundle(entries)) == encode_bundle(entries[:width])


@pytest.mark.parametrize("stored", [b"", HASHES[:64]])
def test_a_tile_that_is_narrower_than_asked_is_refused(stored: bytes) -> None:
    with pytest.raises(BadTile, match=rf"tile/1/005\.p/3 is only {len(stored) // 32} wide: expected 3"):
        cut(TileAddress(1, 5, 3), stored)


def test_a_bundle_that_is_narrower_than_asked_is_refused() -> None:
    with pytest.raises(BadTile, match=r"tile/entries/005\.p/3 is only 2 wide: expected 3"):
        cut(TileAddress(ENTRIES, 5, 3), encode_bundle([b"one", b"two"]))


@pytest.mark.parametrize("level", [0, ENTRIES])
def test_a_stored_tile_that_was_cut_short_is_refused(level: int) -> None:
    stored = HASHES if level == 0 else encode_bundle([b"entry"] * WIDTH)
    with pytest.raises(BadTile, match="bytes"):
        cut(TileAddress(level, 0, 3), stored[:-1])
