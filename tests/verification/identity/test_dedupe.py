"""The dedupe index tells equal from different under one key, and nothing under another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.identity.dedupe import WINDOW, address_index, form_fingerprints

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
UNIX_TIMES = st.integers(min_value=0, max_value=2**35)
FIELDS = st.lists(st.text(max_size=20), min_size=1, max_size=5).map(tuple)

Fields = tuple[str, ...]


def repeats(fields: Fields, seconds: int, earlier_fields: Fields, earlier: int, key: bytes = KEY) -> bool:
    return form_fingerprints(key, earlier_fields, earlier)[0] in form_fingerprints(key, fields, seconds)


@given(st.text(), st.text())
def test_addresses_are_equal_exactly_when_their_indexes_are(one: str, other: str) -> None:
    assert (address_index(KEY, one) == address_index(KEY, other)) == (one == other)


def test_the_same_address_has_another_index_under_another_letters_key() -> None:
    assert address_index(KEY, "vera@example.org") != address_index(OTHER_KEY, "vera@example.org")


@given(FIELDS, UNIX_TIMES, st.integers(min_value=0, max_value=WINDOW))
def test_the_same_form_within_ten_minutes_is_recognised(fields: Fields, first: int, later: int) -> None:
    assert repeats(fields, first + later, fields, first)


@given(FIELDS, UNIX_TIMES, st.integers(min_value=2 * WINDOW))
def test_the_same_form_after_twenty_minutes_is_another(fields: Fields, first: int, later: int) -> None:
    assert not repeats(fields, first + later, fields, first)


@given(FIELDS, FIELDS, UNIX_TIMES)
def test_forms_that_differ_are_never_taken_for_each_other(one: Fields, other: Fields, seconds: int) -> None:
    assert repeats(one, seconds, other, seconds) == (one == other)


def test_moving_a_letter_from_one_field_to_the_next_makes_another_form() -> None:
    assert not repeats(("ab", "c"), 0, ("a", "bc"), 0)


def test_fingerprints_of_another_key_recognise_nothing() -> None:
    assert form_fingerprints(KEY, ("same",), 0)[0] not in form_fingerprints(OTHER_KEY, ("same",), 0)


@pytest.mark.parametrize("text", ["form", "address"])
def test_an_address_index_is_never_a_form_fingerprint(text: str) -> None:
    assert address_index(KEY, text) not in form_fingerprints(KEY, (text,), 0)
