"""Pseudonyms: one stored integer, the same image in every language ("Quiet Lake 417", "Тихое озеро 417").

The integer is drawn at random for each signature, so nothing links it to the signer or to another letter.
A letter's pseudonyms differ by a database constraint (`uq_signatures_pseudonym`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from verification.errors import Refusal

WORDS = Path(__file__).with_name("words")
"""One `<language>.toml` per language, aligned: the same key stands at the same place in all of them."""

ADJECTIVES = 128
NOUNS = 128

# What a reader takes for a message. Stored pseudonyms count past these numbers: the set is fixed.
AVOIDED = frozenset(
    {200, 300, 400, 500, 731, 911}  # war and its dead
    | {130, 207, 228, 275, 280, 282, 318, 342, 361, 368, 369, 370}  # articles of penal codes
    | {146, 161, 404, 420, 666}  # rigged votes, hatred, slurs, drugs, the devil
)
NUMBERS = tuple(number for number in range(100, 1000) if number not in AVOIDED)

SPACE = ADJECTIVES * NOUNS * len(NUMBERS)
"""How many pseudonyms there are; each is an integer from 0 to SPACE - 1."""


class PseudonymOutOfRange(Refusal):
    """An integer is no pseudonym."""


class NoWordsForLanguage(Refusal):
    """There are no word lists in this language."""


@dataclass(frozen=True)
class Words:
    """The lists of one language. Genders are its own: `m f n`, or `any` where words do not change."""

    pattern: str
    adjectives: tuple[Mapping[str, str], ...]
    nouns: tuple[tuple[str, str], ...]


def draw(randbelow: Callable[[int], int]) -> int:
    """Return a new pseudonym; `randbelow(n)` yields 0 to n - 1, evenly.

    It may be taken: of 15,000 in one letter about eight are drawn twice. Whoever stores it draws again.
    """
    return randbelow(SPACE)


def render(pseudonym: int, language: str) -> str:
    """Return how a pseudonym reads in a language. Different pseudonyms read differently in every language.

    Raises `PseudonymOutOfRange`, and `NoWordsForLanguage` for a language that `languages` does not name.
    """
    if not 0 <= pseudonym < SPACE:
        raise PseudonymOutOfRange(f"{pseudonym} is no pseudonym; they go from 0 to {SPACE - 1}.")
    words = _words(language)
    image, number = divmod(pseudonym, len(NUMBERS))
    adjective, noun = divmod(image, NOUNS)
    gender, thing = words.nouns[noun]
    text = words.pattern.format(adjective=words.adjectives[adjective][gender], noun=thing, number=NUMBERS[number])
    return text[0].upper() + text[1:]


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that have word lists, in the order of their codes."""
    return tuple(sorted(path.stem for path in WORDS.glob("*.toml")))


@cache
def _words(language: str) -> Words:
    if language not in languages():
        raise NoWordsForLanguage(f"There are no pseudonyms in {language!r}; choose one of {languages()}.")
    table = tomllib.loads((WORDS / f"{language}.toml").read_text(encoding="utf-8"))
    return Words(
        pattern=table["pattern"],
        adjectives=tuple(table["adjectives"].values()),
        nouns=tuple(next(iter(noun.items())) for noun in table["nouns"].values()),
    )
