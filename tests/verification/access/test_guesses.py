"""How often a secret may be guessed at, and that nobody can tell whose, or who guessed."""

import secrets
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parts.clock import Clock
from verification.access.guesses import Guesses, TooManyGuesses
from verification.access.windows import OwnCounts

HOME, AWAY, ONION = "198.51.100.1", "203.0.113.1", "127.0.0.1"


@pytest.fixture
def counts(clock: Clock) -> OwnCounts:
    return OwnCounts(clock, secrets.token_bytes)


@pytest.fixture
def guesses(counts: OwnCounts) -> Guesses:
    return Guesses(counts)


def count(guesses: Guesses, whose: bytes, address: str, times: int) -> int:
    """How many of so many attempts are let through."""
    passed = 0
    for _ in range(times):
        try:
            guesses.count(whose, address)
            passed += 1
        except TooManyGuesses:
            pass
    return passed


def test_one_network_has_ten_attempts_at_one_account(guesses: Guesses) -> None:
    assert count(guesses, b"one", HOME, 15) == 10
    assert count(guesses, b"one", "198.51.100.200", 1) == 0
    assert count(guesses, b"another", HOME, 1) == 1
    assert count(guesses, b"one", AWAY, 1) == 1


def test_all_networks_together_have_fifty_at_one_account(guesses: Guesses) -> None:
    assert sum(count(guesses, b"one", f"198.51.{n}.1", 10) for n in range(8)) == 50


def test_one_network_has_sixty_at_all_accounts(guesses: Guesses) -> None:
    assert sum(count(guesses, bytes([n]), HOME, 1) for n in range(80)) == 60


def test_those_who_have_no_network_of_their_own_are_not_counted_together(guesses: Guesses) -> None:
    assert sum(count(guesses, bytes([n]), ONION, 1) for n in range(80)) == 80
    assert count(guesses, b"one", ONION, 15) == 10


@given(tried=st.integers(10, 40), seconds=st.integers(0, 899))
def test_whoever_waits_as_long_as_told_comes_through(tried: int, seconds: int) -> None:
    clock = Clock()
    guesses = Guesses(OwnCounts(clock, secrets.token_bytes))
    count(guesses, b"one", HOME, tried)
    clock.advance(seconds=seconds)
    with pytest.raises(TooManyGuesses) as refused:
        guesses.count(b"one", HOME)
    assert timedelta(0) < refused.value.after <= timedelta(minutes=15)
    clock.now += refused.value.after
    guesses.count(b"one", HOME)


def test_a_right_attempt_begins_anew_for_its_network_alone(guesses: Guesses) -> None:
    count(guesses, b"one", HOME, 10)
    count(guesses, b"one", AWAY, 10)
    guesses.forgive(b"one", HOME)
    assert (count(guesses, b"one", HOME, 1), count(guesses, b"one", AWAY, 1)) == (1, 0)


def test_nothing_that_is_kept_names_an_account_or_a_network(guesses: Guesses, counts: OwnCounts) -> None:
    whose = b"owner@example.org"
    count(guesses, whose, HOME, 12)
    told = repr([vars(limiter.storage) for limiter in counts._limiters.values()])
    assert "OrderedDict" in told
    assert "owner" not in told
    assert "198.51" not in told
