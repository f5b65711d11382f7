"""Proofs of work: what was done pays for one letter for a while, and nothing else does."""

import base64
import json
import secrets
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parts.clock import Clock
from tests.verification.access.solving import solve
from verification.access.proof import LEAST, LONGEST, BadProof, Proofs

LETTER = "a-letter"


def proofs(clock: Clock, secret: bytes = b"s" * 32, below: Callable[[int], int] = lambda _most: 0) -> Proofs:
    """Asks for little work, so that tests are quick."""
    return Proofs(lambda: secret, clock, below)


@pytest.fixture
def solved(clock: Clock) -> str:
    return solve(proofs(clock).ask(LETTER))


def test_work_that_was_done_pays(clock: Clock, solved: str) -> None:
    payment = proofs(clock).check(solved, LETTER)
    assert len(payment.id) == 32
    assert payment.expires_on == date(2026, 12, 2)
    assert proofs(clock).check(solved, LETTER) == payment


def test_every_challenge_pays_under_a_name_of_its_own(clock: Clock) -> None:
    ids = {proofs(clock).check(solve(proofs(clock).ask(LETTER)), LETTER).id for _ in range(3)}
    assert len(ids) == 3


def test_the_work_is_what_was_drawn(clock: Clock) -> None:
    asked = json.loads(proofs(clock, below=lambda most: most - 1).ask(LETTER))["parameters"]
    assert (asked["algorithm"], asked["cost"], asked["data"]["most"]) == ("PBKDF2/SHA-256", 2_000, 800)
    done = json.loads(base64.b64decode(solve(proofs(clock).ask(LETTER))))
    assert done["solution"]["counter"] == LEAST


def test_work_is_good_for_twenty_minutes(clock: Clock, solved: str) -> None:
    clock.advance(minutes=20)
    assert proofs(clock).check(solved, LETTER)
    clock.advance(seconds=1)
    with pytest.raises(BadProof):
        proofs(clock).check(solved, LETTER)


def test_work_survives_a_clock_that_steps_back(clock: Clock, solved: str) -> None:
    clock.advance(hours=-1)
    assert proofs(clock).check(solved, LETTER)


def test_work_for_one_letter_pays_for_no_other(clock: Clock, solved: str) -> None:
    with pytest.raises(BadProof):
        proofs(clock).check(solved, "another-letter")


def test_work_that_another_server_asked_for_does_not_pay(clock: Clock, solved: str) -> None:
    with pytest.raises(BadProof):
        proofs(clock, b"t" * 32).check(solved, LETTER)


def change(solution: str, *path: str, value: Any) -> str:
    """The same solution with one value replaced."""
    whole = json.loads(base64.b64decode(solution))
    part = whole
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    return base64.b64encode(json.dumps(whole).encode()).decode()


ASKED = ("challenge", "parameters")
CHANGES = {
    "the letter": (*ASKED, "data", "letter", "another-letter"),
    "the time": (*ASKED, "data", "expires", 9_999_999_999),
    "the cost": (*ASKED, "cost", 1),
    "the prefix": (*ASKED, "keyPrefix", ""),
    "the nonce": (*ASKED, "nonce", "00" * 16),
    "the nonce's case": (*ASKED, "nonce", "AB" * 16),
    "no data": (*ASKED, "data", None),
    "the key's signature": (*ASKED, "keySignature", "00" * 32),
    "no signature of the key": (*ASKED, "keySignature", None),
    "the signature": ("challenge", "signature", "00" * 32),
    "no signature": ("challenge", "signature", None),
    "the key": ("solution", "derivedKey", "00" * 32),
    "no key": ("solution", "derivedKey", None),
    "a number for a key": ("solution", "derivedKey", 7),
    "a list for a challenge": ("challenge", []),
}


@pytest.mark.parametrize("changed", CHANGES.values(), ids=CHANGES)
def test_altered_work_does_not_pay(clock: Clock, solved: str, changed: tuple[Any, ...]) -> None:
    *path, value = changed
    with pytest.raises(BadProof):
        proofs(clock).check(change(solved, *path, value=value), "another-letter" if "letter" in path else LETTER)


@given(st.one_of(st.text(), st.binary().map(lambda raw: base64.b64encode(raw).decode())))
def test_nothing_else_pays(text: str) -> None:
    with pytest.raises(BadProof):
        proofs(Clock()).check(text, LETTER)


NAMES = st.sampled_from(["challenge", "solution", "parameters", "signature", "data", "nonce", "salt", "counter"])
Json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
    max_leaves=8,
)  # fmt: skip


@given(Json)
def test_no_shape_of_a_solution_breaks_anything(shape: object) -> None:
    with pytest.raises(BadProof):
        proofs(Clock()).check(base64.b64encode(json.dumps(shape).encode()).decode(), LETTER)


def test_what_is_too_long_is_not_even_looked_at(clock: Clock) -> None:
    def never() -> bytes:
        raise AssertionError("looked at")

    with pytest.raises(BadProof):
        Proofs(never, clock, secrets.randbelow).check("A" * (LONGEST + 1), LETTER)
