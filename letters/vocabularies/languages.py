"""The languages that the product speaks, and their alphabetical order."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its BCP 47 code: what it calls itself, its direction, and its letters in their order.

    A letter with a mark that is missing from `alphabet` sorts with the letter it is made of, as ё in Russian.
    """

    code: str
    name: str
    direction: Literal["ltr", "rtl"]
    alphabet: str


LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {
        language.code: language
        for language in (
            Language("ru", "Русский", "ltr", "абвгдежзийклмнопрстуфхцчшщъыьэюя"),
            Language("be", "Беларуская", "ltr", "абвгдеёжзійклмнопрстуўфхцчшыьэюя"),
            Language("uk", "Українська", "ltr", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"),
            Language("en", "English", "ltr", "abcdefghijklmnopqrstuvwxyz"),
            Language("pl", "Polski", "ltr", "aąbcćdeęfghijklłmnńoópqrsśtuvwxyzźż"),
            Language("de", "Deutsch", "ltr", "abcdefghijklmnopqrstuvwxyz"),
            Language("ar", "العربية", "rtl", "ءابةتثجحخدذرزسشصضطظعغفقكلمنهوىي"),
        )
    }
)
"""By code; a further language is one line here, its labels, and its catalogue."""

# Letters that Unicode does not take apart, and what they sort with.
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "ə": "e", "æ": "ae", "œ": "oe", "þ": "th"})


def sort_key(text: str, language: str) -> tuple[tuple[int, ...], str]:
    """The key that sorts texts alphabetically: word by word, blind to case, apostrophes and foreign marks."""
    known = LANGUAGES.get(language)
    ranks = {letter: rank for rank, letter in enumerate(known.alphabet, 1)} if known else {}
    weights: list[int] = []
    for letter in unicodedata.normalize("NFC", text.casefold()):
        weights += _weights(letter, ranks)
    return tuple(weights), text


def _weights(letter: str, ranks: Mapping[str, int]) -> list[int]:
    if letter in ranks:
        return [ranks[letter]]
    if letter.isspace() or unicodedata.category(letter) == "Pd":
        return [0]
    bases = unicodedata.normalize("NFKD", letter.translate(_PLAIN))
    return [ranks.get(base, len(ranks) + ord(base)) for base in bases if base.isalnum()]
