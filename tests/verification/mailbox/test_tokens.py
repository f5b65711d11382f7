"""Tokens: each reads back what was minted, for its own purpose, in its own time, and not one character off."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parts.clock import Clock
from verification.mailbox.tokens import (
    CONFIRM_FOR,
    LONGEST,
    Purpose,
    TokenDamaged,
    TokenExpired,
    TokenForeign,
    Tokens,
)

SECRET, OTHER_SECRET = bytes(range(32)), bytes(range(1, 33))
PURPOSES = st.sampled_from(Purpose)
LASTING = [purpose for purpose in Purpose if purpose is not Purpose.CONFIRM]
ID = bytes(range(16))


@pytest.fixture
def tokens(clock: Clock) -> Tokens:
    return Tokens(SECRET, clock)


def fixed() -> Tokens:
    return Tokens(SECRET, Clock())


@given(PURPOSES, st.binary(max_size=200))
def test_reading_undoes_minting(purpose: Purpose, content: bytes) -> None:
    assert fixed().read(purpose, fixed().mint(purpose, content)) == content


@pytest.mark.parametrize("other", Purpose)
@pytest.mark.parametrize("purpose", Purpose)
def test_a_token_of_one_purpose_is_foreign_to_every_other(tokens: Tokens, purpose: Purpose, other: Purpose) -> None:
    token = tokens.mint(purpose, ID)
    if purpose is other:
        assert tokens.read(other, token) == ID
        return
    with pytest.raises(TokenForeign):
        tokens.read(other, token)


@given(PURPOSES, st.data())
def test_a_token_altered_in_any_one_character_is_damaged(purpose: Purpose, data: st.DataObject) -> None:
    token = fixed().mint(purpose, ID)
    place = data.draw(st.integers(min_value=0, max_value=len(token) - 1))
    put = data.draw(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=token[place]))
    with pytest.raises(TokenDamaged):
        fixed().read(purpose, token[:place] + put + token[place + 1 :])


@pytest.mark.parametrize("purpose", Purpose)
def test_the_last_character_of_a_token_can_be_nothing_else(tokens: Tokens, purpose: Purpose) -> None:
    for number in range(60):
        token = tokens.mint(purpose, number.to_bytes(16))
        for put in {chr(code) for code in range(33, 127)} - {token[-1]}:
            with pytest.raises(TokenDamaged):
                tokens.read(purpose, token[:-1] + put)


@given(PURPOSES, st.data())
def test_a_token_with_something_put_in_or_left_out_is_damaged(purpose: Purpose, data: st.DataObject) -> None:
    token = fixed().mint(purpose, ID)
    place = data.draw(st.integers(min_value=0, max_value=len(token) - 1))
    put = data.draw(st.text(st.characters(max_codepoint=255), min_size=1, max_size=4))
    for altered in (token[:place] + put + token[place:], token + put, token[:place] + token[place + 1 :]):
        with pytest.raises(TokenDamaged):
            fixed().read(purpose, altered)


@pytest.mark.parametrize("token", ["", ".", "..", "a", "a.b", "a.b.c", "ж" * 20, "\x00", "%00", "x" * 1_000_000])
@pytest.mark.parametrize("purpose", Purpose)
def test_what_is_no_token_is_damaged(tokens: Tokens, purpose: Purpose, token: str) -> None:
    with pytest.raises(TokenDamaged):
        tokens.read(purpose, token)


@given(PURPOSES, st.text(st.characters()))
def test_no_text_brings_anything_but_a_refusal(purpose: Purpose, token: str) -> None:
    with pytest.raises((TokenDamaged, TokenForeign)):
        fixed().read(purpose, token)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_token_of_another_secret_is_damaged(tokens: Tokens, clock: Clock, purpose: Purpose) -> None:
    with pytest.raises(TokenDamaged):
        tokens.read(purpose, Tokens(OTHER_SECRET, clock).mint(purpose, ID))


@pytest.mark.parametrize("purpose", LASTING)
def test_a_lasting_token_works_in_ten_years(tokens: Tokens, clock: Clock, purpose: Purpose) -> None:
    token = tokens.mint(purpose, ID)
    clock.advance(days=3652)
    assert tokens.read(purpose, token) == ID


def test_a_confirmation_works_to_the_last_second_of_its_seven_days(tokens: Tokens, clock: Clock) -> None:
    token = tokens.mint(Purpose.CONFIRM, ID)
    clock.now += CONFIRM_FOR
    assert tokens.read(Purpose.CONFIRM, token) == ID
    clock.advance(seconds=1)
    with pytest.raises(TokenExpired):
        tokens.read(Purpose.CONFIRM, token)


def test_an_expired_confirmation_is_still_foreign_to_other_pages(tokens: Tokens, clock: Clock) -> None:
    token = tokens.mint(Purpose.CONFIRM, ID)
    clock.now += CONFIRM_FOR + timedelta(days=1)
    with pytest.raises(TokenForeign):
        tokens.read(Purpose.MANAGE, token)


def test_a_token_says_nothing_but_one_opaque_id(tokens: Tokens) -> None:
    for purpose in Purpose:
        assert len(tokens.mint(purpose, ID)) < 110
    assert tokens.mint(Purpose.MANAGE, ID) == tokens.mint(Purpose.MANAGE, ID)


def test_every_token_is_short_enough_to_be_read(tokens: Tokens) -> None:
    longest_slug = b"x" * 80 + b" 999999999"
    assert len(tokens.mint(Purpose.FORM, longest_slug)) <= LONGEST
