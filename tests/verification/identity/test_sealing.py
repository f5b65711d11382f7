"""Sealed records open with the secret half and the same context; their size tells nothing; bad keys are refused."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.identity.sealing import (
    BLOCK,
    PUBLIC_PREFIX,
    SECRET_PREFIX,
    BadPublicKey,
    BadSecretKey,
    CannotOpen,
    check_public_key,
    new_key_pair,
    public_key_of,
    seal,
    unseal,
)

PAIR, OTHER = new_key_pair(), new_key_pair()
RAW_PUBLIC = base64.b64decode(PAIR.public.removeprefix(PUBLIC_PREFIX))
LOW_ORDER = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
]
"""Points of Curve25519 that make every shared secret zero (RFC 7748, section 6.1)."""


def public(raw: bytes) -> str:
    return PUBLIC_PREFIX + base64.b64encode(raw).decode()


BAD_PUBLIC = {
    "empty": "",
    "no prefix": PAIR.public.removeprefix(PUBLIC_PREFIX),
    "another prefix": PAIR.public.replace("public-1", "public-2"),
    "the prefix alone": PUBLIC_PREFIX,
    "the secret half": PAIR.secret,
    "cut short": PAIR.public[:-8],
    "too long": PAIR.public + "AAAA",
    "no base64": PUBLIC_PREFIX + "!" * 1600,
    "not ASCII": PUBLIC_PREFIX + "ж" * 1600,
    "a lone surrogate": PUBLIC_PREFIX + "\ud800",
    "zeros": public(bytes(len(RAW_PUBLIC))),
    "zeros for ML-KEM": public(bytes(1184) + RAW_PUBLIC[1184:]),
    "ML-KEM out of range": public(b"\xff" * 1184 + RAW_PUBLIC[1184:]),
    **{f"X25519 of low order {point[:4]}": public(RAW_PUBLIC[:1184] + bytes.fromhex(point)) for point in LOW_ORDER},
}

BAD_SECRET = {
    "empty": "",
    "the public half": PAIR.public,
    "the prefix alone": SECRET_PREFIX,
    "cut short": PAIR.secret[:-8],
    "no base64": SECRET_PREFIX + "!" * 128,
    "not ASCII": SECRET_PREFIX + "ж" * 128,
}


@given(st.binary(max_size=2 * BLOCK), st.binary(max_size=40))
def test_unsealing_undoes_sealing(plaintext: bytes, context: bytes) -> None:
    assert unseal(PAIR.secret, seal(PAIR.public, plaintext, context), context) == plaintext


@given(st.integers(min_value=0, max_value=BLOCK - 1), st.integers(min_value=0, max_value=BLOCK - 1))
def test_the_size_of_a_sealed_record_does_not_tell_the_length_within(one: int, other: int) -> None:
    assert len(seal(PAIR.public, b"x" * one, b"")) == len(seal(PAIR.public, b"y" * other, b""))


def test_sealing_twice_never_looks_the_same() -> None:
    assert len({seal(PAIR.public, b"same", b"") for _ in range(10)}) == 10


def test_another_secret_key_does_not_open_it() -> None:
    with pytest.raises(CannotOpen):
        unseal(OTHER.secret, seal(PAIR.public, b"Vera", b"here"), b"here")


@pytest.mark.parametrize("context", [b"", b"there", b"here\0"])
def test_another_context_does_not_open_it(context: bytes) -> None:
    with pytest.raises(CannotOpen):
        unseal(PAIR.secret, seal(PAIR.public, b"Vera", b"here"), context)


SEALED = seal(PAIR.public, b"Vera", b"here")


@given(st.integers(min_value=0, max_value=len(SEALED) * 8 - 1))
def test_a_single_flipped_bit_is_noticed(bit: int) -> None:
    altered = bytearray(SEALED)
    altered[bit // 8] ^= 1 << bit % 8
    with pytest.raises(CannotOpen):
        unseal(PAIR.secret, bytes(altered), b"here")


@pytest.mark.parametrize("sealed", [b"", b"x", SEALED[:-1], SEALED[:1100], SEALED + b"x"])
def test_what_is_no_whole_record_does_not_open(sealed: bytes) -> None:
    with pytest.raises(CannotOpen):
        unseal(PAIR.secret, sealed, b"here")


@pytest.mark.parametrize("text", BAD_PUBLIC.values(), ids=BAD_PUBLIC)
def test_an_unusable_public_key_is_refused(text: str) -> None:
    with pytest.raises(BadPublicKey):
        check_public_key(text)
    with pytest.raises(BadPublicKey):
        seal(text, b"Vera", b"")


@pytest.mark.parametrize("text", BAD_SECRET.values(), ids=BAD_SECRET)
def test_an_unusable_secret_key_is_refused(text: str) -> None:
    with pytest.raises(BadSecretKey):
        unseal(text, SEALED, b"here")
    with pytest.raises(BadSecretKey):
        public_key_of(text)


def test_a_line_break_after_a_copied_key_does_no_harm() -> None:
    check_public_key(PAIR.public + "\n")
    assert public_key_of(PAIR.secret + "\n") == PAIR.public


def test_the_secret_half_knows_its_public_half() -> None:
    assert public_key_of(PAIR.secret) == PAIR.public


def test_a_refusal_never_repeats_a_secret() -> None:
    cut = PAIR.secret[:-8]
    with pytest.raises(BadSecretKey) as refusal:
        public_key_of(cut)
    assert cut[30:60] not in str(refusal.value)
