"""Which keys open a letter is settled before any record is touched; each wrong way to bring keys has its sentence."""

import base64
import json
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.identity.custody import (
    ForeignKey,
    KeyPart,
    KeysMissing,
    KeyTooMany,
    OneKey,
    TwoOfThree,
    opener_for,
)
from verification.identity.keypairs import fingerprint
from verification.identity.sealing import (
    BadPublicKey,
    BadSecretKey,
    new_key_pair,
    public_key_of,
    seal,
    unseal,
)
from verification.identity.two_of_three import combine

ANNA, VERA, IVAN, OTHER = (new_key_pair() for _ in range(4))
COMBINED = combine([ANNA.public, VERA.public, IVAN.public])
A, V = KeyPart("anna.key", ANNA.secret), KeyPart("vera.key", VERA.secret)
STRANGER = KeyPart("other.key", OTHER.secret)


@given(st.binary(max_size=4096), st.binary(max_size=40))
def test_one_key_opens_what_was_sealed_to_it(plaintext: bytes, context: bytes) -> None:
    sealed = seal(ANNA.public, plaintext, context)
    assert opener_for(ANNA.public, [A]).open(sealed, context) == plaintext == unseal(ANNA.secret, sealed, context)


@pytest.mark.parametrize("kept", ["sealed_to_one", "sealed_to_two_of_three"])
def test_what_was_sealed_by_an_earlier_version_still_opens(kept: str) -> None:
    record = json.loads(Path(__file__).with_name(f"{kept}.json").read_text())
    parts = [KeyPart(str(number), secret) for number, secret in enumerate(record["secrets"])]
    for some in [parts] if len(parts) == 1 else combinations(parts, 2):
        opened = opener_for(record["public"], list(some)).open(
            base64.b64decode(record["sealed"]), bytes.fromhex(record["context"])
        )
        assert opened.decode() == record["plaintext"]


def test_a_key_of_another_letter_is_named() -> None:
    for public, parts in (
        (ANNA.public, [STRANGER]),
        (COMBINED, [A, STRANGER]),
        (COMBINED, [STRANGER, A]),
        (COMBINED, [A, V, STRANGER]),
    ):
        with pytest.raises(ForeignKey, match=r"^The key in other\.key does not belong to this letter"):
            opener_for(public, parts)


@pytest.mark.parametrize("parts", [[A, KeyPart("copy.key", ANNA.secret)], [A, V, KeyPart("copy.key", ANNA.secret)]])
def test_the_same_key_twice_is_refused(parts: list[KeyPart]) -> None:
    with pytest.raises(KeyTooMany, match=r"anna\.key and copy\.key hold the same key"):
        opener_for(COMBINED, parts)


def test_one_of_three_is_told_that_another_is_missing() -> None:
    with pytest.raises(KeysMissing, match="any two of its three organisers"):
        opener_for(COMBINED, [A])
    with pytest.raises(KeysMissing):
        TwoOfThree({0: ANNA.secret})


@pytest.mark.parametrize("second", [A, V, STRANGER])
def test_two_keys_for_a_single_key_letter_are_refused(second: KeyPart) -> None:
    with pytest.raises(KeyTooMany, match="one key, and here are 2"):
        opener_for(ANNA.public, [A, second])


@pytest.mark.parametrize("public", [ANNA.public, COMBINED])
def test_no_key_opens_no_letter(public: str) -> None:
    with pytest.raises(KeysMissing):
        opener_for(public, [])


def test_no_secret_key_is_another_refusal() -> None:
    for public in (ANNA.public, COMBINED):
        with pytest.raises(BadSecretKey):
            opener_for(public, [KeyPart("public.txt", ANNA.public)])
    with pytest.raises(BadSecretKey):
        OneKey("")


def test_a_letter_without_a_public_key_opens_with_none() -> None:
    with pytest.raises(BadPublicKey):
        opener_for("", [A])


@given(st.integers(min_value=0, max_value=96 * 8 - 1))
def test_a_secret_key_altered_by_one_bit_is_never_taken_for_another_that_works(bit: int) -> None:
    digits = list(ANNA.secret)
    place = len(digits) - 128 + bit // 6
    digits[place] = chr(ord(digits[place]) ^ 1 << bit % 6)
    try:
        public = public_key_of("".join(digits))
    except BadSecretKey:
        return
    # X25519 sets five bits of a secret itself (RFC 7748, section 5): altering those alters nothing.
    assert public == ANNA.public or fingerprint(public) != fingerprint(ANNA.public)


def test_a_fingerprint_is_the_same_for_the_same_key_however_copied() -> None:
    assert fingerprint(ANNA.public) == fingerprint(ANNA.public + "\r\n") != fingerprint(VERA.public)
    assert len(fingerprint(ANNA.public).split()) == 8
