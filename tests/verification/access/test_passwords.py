"""Passwords that a program or an acquaintance would guess are refused, in Latin and in Cyrillic letters."""

import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zxcvbn.matching import RANKED_DICTIONARIES

from verification.access.passwords import LEAST, LONGEST, WeakPassword, check_strength

ABOUT = ("vera.example@clinic.example.org", "Вера Пример", "letters.example.org")

GOOD = {
    "four words": "purple goats ride seventeen",
    "words without spaces": "correcthorsebatterystaple",
    "Russian words": "лиловый козёл семнадцать чайников",
    "Belarusian words": "сіні трамвай грае ў шахматы",
    "random letters": "vK2#qPz8wLm4",
    "random Cyrillic letters": "щЦ4юЖъ8фЛы2э",
    "as long as can be": "purple goats ride seventeen " + "x" * (LONGEST - 28),
    "a name among other words": "Vera saw purple goats on seventeen tricycles",
}

BAD = {
    "one key": ("a" * 12, "guessable"),
    "one key, very often": ("a" * LONGEST, "guessable"),
    "a row of keys": ("qwertyuiop[]", "guessable"),
    "a row of Cyrillic keys": ("йцукенгшщзхъ", "guessable"),
    "a word and digits": ("password123456", "guessable"),
    "a Russian word and digits": ("Пароль12345678", "guessable"),
    "a Russian word": ("здравоохранение", "guessable"),
    "a word twice": ("любовьлюбовь", "guessable"),
    "a slogan": ("жывебеларусь", "guessable"),
    "an address": ("vera.example@clinic.example.org", "personal"),
    "an address and a year": ("vera.example2024", "personal"),
    "a name": ("Вера  Пример", "personal"),
    "a name and a year": ("вераПример2024", "personal"),
    "a name on Latin keys": ("dthfGhbvth2024", "personal"),
    "the site": ("letters.example.org!", "personal"),
}


@pytest.mark.parametrize("password", GOOD.values(), ids=GOOD)
def test_a_good_password_passes(password: str) -> None:
    check_strength(password, ABOUT)


@pytest.mark.parametrize(("password", "reason"), BAD.values(), ids=BAD)
def test_a_password_that_is_guessed_is_refused(password: str, reason: str) -> None:
    with pytest.raises(WeakPassword) as refusal:
        check_strength(password, ABOUT)
    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "short"),
        ("vK2#qPz8wLm", "short"),
        ("e\u0301" * 7, "short"),
        ("purple goats " * 16, "long"),
        ("x" * 1_000_000, "long"),
    ],
    ids=["empty", "eleven", "seven with accents", "208", "a million"],
)
def test_a_password_has_a_least_and_a_greatest_length(password: str, reason: str) -> None:
    with pytest.raises(WeakPassword) as refusal:
        check_strength(password, ABOUT)
    assert refusal.value.reason == reason


def refusal_of(password: str, about: Sequence[str]) -> WeakPassword | None:
    try:
        check_strength(password, about)
    except WeakPassword as refusal:
        return refusal
    return None


@given(st.text(max_size=LONGEST + 10), st.lists(st.text(max_size=30), max_size=4))
def test_any_text_is_either_good_or_refused_with_a_reason(password: str, about: list[str]) -> None:
    refusal = refusal_of(password, about)
    assert refusal is None or refusal.reason in {"short", "long", "guessable", "personal"}
    assert refusal is not None or len(password) <= LONGEST


@given(st.text(min_size=LEAST, max_size=40))
def test_what_somebody_is_called_is_no_password_and_is_not_repeated(name: str) -> None:
    refusal = refusal_of(name, [name])
    assert refusal is not None
    assert name not in str(refusal)


def test_what_is_known_about_somebody_is_forgotten_again() -> None:
    check_strength(GOOD["four words"], ABOUT)
    assert not any("vera.example@clinic.example.org" in words for words in RANKED_DICTIONARIES.values())
    check_strength("clinic goats ride seventeen", ())


def test_no_password_keeps_the_server_busy_for_long() -> None:
    """What looks like many spellings of one word at once: it took four seconds with 72 characters looked at."""
    started = time.process_time()
    check_strength('4@8({[<3691!|0$5+7%2"' * 9, ABOUT)
    assert time.process_time() - started < 3
