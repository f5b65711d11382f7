import hashlib
import json
import re
import tomllib
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.publishing.pseudonyms import (
    ADJECTIVES,
    AVOIDED,
    NOUNS,
    NUMBERS,
    SPACE,
    WORDS,
    NoWordsForLanguage,
    PseudonymOutOfRange,
    draw,
    languages,
    render,
)

THREE = {"m", "f", "n"}
GENDERS = {"ar": {"m", "f"}, "be": THREE, "de": THREE, "en": {"any"}, "pl": THREE, "ru": THREE, "uk": THREE}
ALPHABETS = {
    "ar": "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي",
    "be": "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
    "de": "abcdefghijklmnopqrstuvwxyzäöüß",
    "en": "abcdefghijklmnopqrstuvwxyz",
    "pl": "aąbcćdeęfghijklłmnńoópqrsśtuvwxyzźż",
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
}
ORDER = "508e7da58ce529e96ef0d0a72af2a681f8cd6eb7ebf5926c3222f49bd124f693"
"""SHA-256 of the keys in their order."""

pseudonyms = st.integers(min_value=0, max_value=SPACE - 1)
every_language = pytest.mark.parametrize("language", languages())


def table(language: str) -> dict[str, Any]:
    return tomllib.loads((WORDS / f"{language}.toml").read_text(encoding="utf-8"))


TABLES = {language: table(language) for language in languages()}


def keys(language: str) -> list[list[str]]:
    return [list(TABLES[language][kind]) for kind in ("adjectives", "nouns")]


def words(language: str) -> list[str]:
    entries = [*TABLES[language]["adjectives"].values(), *TABLES[language]["nouns"].values()]
    return [word for entry in entries for word in entry.values()]


def places(language: str, kind: str) -> dict[tuple[str, str], int]:
    """From (word, gender) to its place in the list."""
    return {
        (word.lower(), gender): place
        for place, forms in enumerate(TABLES[language][kind].values())
        for gender, word in forms.items()
    }


PLACES = {language: (places(language, "adjectives"), places(language, "nouns")) for language in languages()}


def read_back(text: str, language: str) -> int:
    """The pseudonym that reads so, found by its words in one gender."""
    first, second, number = text.lower().split()
    if TABLES[language]["pattern"].startswith("{noun}"):
        first, second = second, first
    adjectives, nouns = PLACES[language]
    (image,) = (
        adjectives[first, gender] * NOUNS + nouns[second, gender]
        for gender in GENDERS[language]
        if (first, gender) in adjectives and (second, gender) in nouns
    )
    return image * len(NUMBERS) + NUMBERS.index(int(number))


@given(pseudonyms)
def test_a_pseudonym_can_be_read_back_from_its_words_in_every_language(pseudonym: int) -> None:
    assert {read_back(render(pseudonym, language), language) for language in languages()} == {pseudonym}


def test_a_pseudonym_reads_the_same_for_ever() -> None:
    first, last = [[render(p, language) for language in ("en", "ru", "be")] for p in (0, SPACE - 1)]
    assert first == ["Quiet Lake 100", "Тихое озеро 100", "Ціхае возера 100"]
    assert last == ["Pleasant Scarf 999", "Приятный шарф 999", "Прыемны шалік 999"]


@every_language
def test_words_keep_their_places(language: str) -> None:
    assert hashlib.sha256(json.dumps(keys(language)).encode()).hexdigest() == ORDER


@every_language
def test_the_lists_fill_the_space(language: str) -> None:
    assert [len(column) for column in keys(language)] == [ADJECTIVES, NOUNS]


@every_language
def test_every_adjective_has_a_form_for_the_gender_of_every_noun(language: str) -> None:
    assert {frozenset(forms) for forms in TABLES[language]["adjectives"].values()} == {frozenset(GENDERS[language])}
    assert [key for key, noun in TABLES[language]["nouns"].items() if len(noun) != 1] == []
    assert {gender for noun in TABLES[language]["nouns"].values() for gender in noun} <= GENDERS[language]


@every_language
def test_no_word_stands_twice(language: str) -> None:
    counted = Counter(word.lower() for word in words(language))
    assert [word for word, times in counted.items() if times > 1] == []


@every_language
def test_words_have_only_letters_of_their_alphabet(language: str) -> None:
    assert [word for word in words(language) if set(word.lower()) - set(ALPHABETS[language])] == []


@every_language
def test_a_pseudonym_fits_a_narrow_phone(language: str) -> None:
    longest = [
        max(len(word) for forms in TABLES[language][kind].values() for word in forms.values())
        for kind in ("adjectives", "nouns")
    ]
    assert sum(longest) + len("  100") <= 32


@every_language
@given(pseudonym=pseudonyms)
def test_a_pseudonym_is_two_words_and_a_number_of_three_digits(language: str, pseudonym: int) -> None:
    assert re.fullmatch(r"[^\W\d_]+ [^\W\d_]+ [1-9]\d\d", render(pseudonym, language))
    assert render(pseudonym, language)[0] == render(pseudonym, language)[0].upper()


def test_numbers_leave_out_those_with_a_meaning() -> None:
    one_image = {int(render(pseudonym, "en").removeprefix("Quiet Lake ")) for pseudonym in range(len(NUMBERS))}
    assert one_image == set(range(100, 1000)) - AVOIDED
    assert one_image.isdisjoint({200, 228, 342, 666})


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (r"[рджчшт][еёіюя]|[рджчшт]ь", "р, ж, ч, ш, д and т are hard"),
        (r"[оё].*[оё]", "о and ё are stressed, so a word has one"),
        (r"[аеёіоуыэюя]у", "у after a vowel is ў"),
        (r"(?<![аеёіоуыэюя])ў", "ў follows a vowel"),
    ],
)
def test_belarusian_words_keep_the_rules_of_spelling(fault: str, rule: str) -> None:
    assert [word for word in words("be") if re.search(fault, word)] == [], rule


def test_no_belarusian_noun_begins_with_a_letter_that_the_adjective_would_change() -> None:
    _, nouns = PLACES["be"]
    assert [noun for noun, _ in nouns if noun.startswith("у")] == []


@pytest.mark.parametrize("language", ["be", "ru"])
@pytest.mark.parametrize(("gender", "ending"), [("m", "(ы|і|ый|ий|ой)"), ("f", "(ая|яя)"), ("n", "(ае|яе|ое|ее)")])
def test_adjectives_end_as_their_gender_does(language: str, gender: str, ending: str) -> None:
    forms = [adjective[gender] for adjective in TABLES[language]["adjectives"].values()]
    assert [form for form in forms if not re.search(f"{ending}$", form)] == []


@pytest.mark.parametrize("language", ["be", "ru"])
@pytest.mark.parametrize(("gender", "ending"), [("m", "[^аеёіиоуыэюя]"), ("f", "[аяь]"), ("n", "[аеио]")])
def test_nouns_end_as_their_gender_allows(language: str, gender: str, ending: str) -> None:
    _, nouns = PLACES[language]
    found = [noun for noun, its in nouns if its == gender and not re.search(f"{ending}$", noun)]
    assert found == []


def test_draws_reach_both_ends_of_the_space() -> None:
    assert draw(lambda below: below - 1) == SPACE - 1
    assert draw(lambda below: min(0, below)) == 0


@pytest.mark.parametrize("pseudonym", [-1, SPACE])
def test_an_integer_outside_the_space_is_refused(pseudonym: int) -> None:
    with pytest.raises(PseudonymOutOfRange):
        render(pseudonym, "en")


@pytest.mark.parametrize("language", ["", "xx", "EN", "../words/en"])
def test_a_language_without_words_is_refused(language: str) -> None:
    with pytest.raises(NoWordsForLanguage):
        render(0, language)
