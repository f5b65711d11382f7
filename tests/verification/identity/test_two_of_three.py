"""Any two of three organisers open a record, one alone opens nothing, and no bit of it can be altered unnoticed."""

import base64
from collections.abc import Sequence
from contextlib import suppress
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.identity.custody import KeyPart, OneKey, Opener, opener_for
from verification.identity.hybrid import decrypt
from verification.identity.keypairs import read_secret
from verification.identity.sealing import (
    BLOCK,
    PUBLIC_PREFIX,
    SECRET_PREFIX,
    BadPublicKey,
    CannotOpen,
    KeyPair,
    check_public_key,
    members_of,
    new_key_pair,
    seal,
)
from verification.identity.two_of_three import COMBINED_PREFIX, PAIRS, CannotCombine, SecretKeyGiven, combine

ANNA, VERA, IVAN, OTHER = (new_key_pair() for _ in range(4))
TEAM = (ANNA, VERA, IVAN)
COMBINED = combine([pair.public for pair in TEAM])
TWO = list(combinations(TEAM, 2))
RAW = base64.b64decode(COMBINED.removeprefix(COMBINED_PREFIX))
PART = len(RAW) // 3

some_two = st.sampled_from(TWO)


def opener(pairs: Sequence[KeyPair], public: str = COMBINED) -> Opener:
    return opener_for(public, [KeyPart(f"{number}.key", pair.secret) for number, pair in enumerate(pairs)])


def combined(raw: bytes) -> str:
    return COMBINED_PREFIX + base64.b64encode(raw).decode()


@given(some_two, st.binary(max_size=4096), st.binary(max_size=40))
def test_any_two_open_what_was_sealed(two: Sequence[KeyPair], plaintext: bytes, context: bytes) -> None:
    assert opener(two).open(seal(COMBINED, plaintext, context), context) == plaintext


def test_all_three_open_it_too() -> None:
    assert opener(TEAM).open(seal(COMBINED, b"Vera", b"here"), b"here") == b"Vera"


SEALED = seal(COMBINED, b"Vera", b"here")


@given(some_two, st.integers(min_value=0, max_value=len(SEALED) * 8 - 1))
def test_a_bit_flipped_anywhere_is_noticed_by_any_two(two: Sequence[KeyPair], bit: int) -> None:
    altered = bytearray(SEALED)
    altered[bit // 8] ^= 1 << bit % 8
    with pytest.raises(CannotOpen):
        opener(two).open(bytes(altered), b"here")


@pytest.mark.parametrize("pair", TEAM, ids=["first", "second", "third"])
def test_one_alone_opens_no_part_of_a_record(pair: KeyPair) -> None:
    for start in range(0, len(SEALED), 16):
        with pytest.raises(CannotOpen):
            OneKey(pair.secret).open(SEALED[start:], b"here")


@pytest.mark.parametrize("pair", TEAM, ids=["first", "second", "third"])
def test_one_who_peels_the_outer_layers_is_left_with_sealed_keys(pair: KeyPair) -> None:
    secret, peeled = read_secret(pair.secret), 0
    for number, places in enumerate(PAIRS):
        info = b"undersigned 2of3 1\0" + bytes(places) + b"here"
        with suppress(CannotOpen):
            sealed_key = decrypt(secret, SEALED[number * 2304 :][:2304], info)
            peeled += 1
            with pytest.raises(CannotOpen):
                decrypt(secret, sealed_key, info)
    assert peeled == 2 - members_of(COMBINED).index(pair.public)


@given(some_two, some_two)
def test_two_of_another_letter_open_nothing(two: Sequence[KeyPair], others: Sequence[KeyPair]) -> None:
    strangers = [new_key_pair() for _ in range(3)]
    with pytest.raises(CannotOpen):
        opener(strangers[:2], combine([pair.public for pair in strangers])).open(SEALED, b"here")


@pytest.mark.parametrize("context", [b"", b"there", b"here\0", b"\0here"])
def test_another_context_does_not_open_it(context: bytes) -> None:
    with pytest.raises(CannotOpen):
        opener(TEAM[:2]).open(SEALED, context)


@pytest.mark.parametrize(
    "sealed", [b"", b"x", SEALED[:-1], SEALED[1:], SEALED[:2304], SEALED[: 3 * 2304], SEALED + b"x"]
)
def test_what_is_no_whole_record_does_not_open(sealed: bytes) -> None:
    for two in TWO:
        with pytest.raises(CannotOpen):
            opener(two).open(sealed, b"here")


def test_the_sealed_keys_of_one_record_do_not_open_another() -> None:
    other = seal(COMBINED, b"Ivan", b"here")
    with pytest.raises(CannotOpen):
        opener(TEAM[:2]).open(SEALED[: 3 * 2304] + other[3 * 2304 :], b"here")


def test_sealing_twice_shares_not_a_block() -> None:
    one, other = SEALED, seal(COMBINED, b"Vera", b"here")
    blocks = [{sealed[start : start + 16] for start in range(0, len(sealed), 16)} for sealed in (one, other)]
    assert not blocks[0] & blocks[1]


@given(st.integers(min_value=0, max_value=BLOCK - 1), st.integers(min_value=0, max_value=BLOCK - 1))
def test_the_size_does_not_tell_the_length_within(one: int, other: int) -> None:
    assert len(seal(COMBINED, b"x" * one, b"")) == len(seal(COMBINED, b"y" * other, b""))


def test_the_combined_key_is_the_same_in_any_order() -> None:
    assert {combine([pair.public for pair in order]) for order in permutations(TEAM)} == {COMBINED}
    assert set(members_of(COMBINED)) == {pair.public for pair in TEAM}


PUBLICS = [pair.public for pair in TEAM]


@pytest.mark.parametrize("publics", [[], PUBLICS[:1], PUBLICS[:2], [*PUBLICS, OTHER.public]], ids=len)
def test_not_three_keys_are_refused(publics: list[str]) -> None:
    with pytest.raises(CannotCombine, match="three public keys"):
        combine(publics)


@pytest.mark.parametrize("again", [ANNA.public, ANNA.public + "\n"])
def test_the_same_key_twice_is_refused(again: str) -> None:
    with pytest.raises(CannotCombine, match="twice"):
        combine([ANNA.public, VERA.public, again])


def test_a_secret_key_is_refused_loudly_and_not_repeated() -> None:
    with pytest.raises(SecretKeyGiven, match=r"STOP: number 2 is a SECRET key") as refused:
        combine([ANNA.public, VERA.secret, IVAN.public])
    assert VERA.secret.removeprefix(SECRET_PREFIX)[:16] not in str(refused.value)


def test_a_combined_key_within_another_is_refused() -> None:
    with pytest.raises(CannotCombine, match="combined key already"):
        combine([ANNA.public, VERA.public, COMBINED])


@pytest.mark.parametrize(
    "part",
    ["", "words", PUBLIC_PREFIX, PUBLIC_PREFIX + "!" * 1624, PUBLIC_PREFIX + "A" * 1624, ANNA.public[:-8]],
    ids=["empty", "words", "the prefix alone", "no base64", "zeros", "cut short"],
)
def test_an_unusable_part_is_named_by_its_number(part: str) -> None:
    with pytest.raises(BadPublicKey, match=r"Number 3 .*`undersigned keys new`"):
        combine([VERA.public, IVAN.public, part])


BAD_COMBINED = {
    "the prefix alone": COMBINED_PREFIX,
    "one key": combined(RAW[:PART]),
    "two keys": combined(RAW[: 2 * PART]),
    "four keys": combined(RAW + RAW[:PART]),
    "cut short": COMBINED[:-8],
    "no base64": COMBINED_PREFIX + "!" * 4864,
    "not ASCII": COMBINED_PREFIX + "ж" * 4864,
    "zeros": combined(bytes(len(RAW))),
    "the first zero": combined(bytes(PART) + RAW[PART:]),
    "the last zero": combined(RAW[:-PART] + bytes(PART)),
    "X25519 of the second zero": combined(RAW[: 2 * PART - 32] + bytes(32) + RAW[2 * PART :]),
    "X25519 of the third of low order": combined(RAW[:-32] + b"\x01" + bytes(31)),
    "ML-KEM of the first out of range": combined(b"\xff" * 1184 + RAW[1184:]),
    "the same twice": combined(RAW[:PART] + RAW[: 2 * PART]),
    "the prefix of a single key": COMBINED.replace(COMBINED_PREFIX, PUBLIC_PREFIX),
    "the prefix of three before one": ANNA.public.replace(PUBLIC_PREFIX, COMBINED_PREFIX),
}


@pytest.mark.parametrize("text", BAD_COMBINED.values(), ids=BAD_COMBINED)
def test_an_unusable_combined_key_is_refused(text: str) -> None:
    with pytest.raises(BadPublicKey, match="undersigned keys new"):
        check_public_key(text)
    with pytest.raises(BadPublicKey):
        seal(text, b"Vera", b"")


def test_a_line_break_after_a_copied_combined_key_does_no_harm() -> None:
    check_public_key(COMBINED + "\n")
    assert opener(TEAM[:2], COMBINED + "\n").open(seal(COMBINED + "\n", b"Vera", b""), b"") == b"Vera"
