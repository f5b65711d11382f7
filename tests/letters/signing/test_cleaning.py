"""Lines of text: any alphabet is welcome, nothing that cannot be seen gets in, and a name is no address of a site."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.signing.cleaning import NAME, WORKPLACE, BadLine, clean_line, clean_name

HIDDEN = {
    "NUL": "Vera\x00Example",
    "a control character": "Vera\x07Example",
    "a line break": "Vera\nExample",
    "a carriage return": "Vera\rExample",
    "an escape sequence": "Vera\x1b[31mExample",
    "a zero-width space": "Vera\u200bExample",
    "a zero-width joiner": "Vera\u200dExample",
    "a right-to-left override": "Vera\u202eelpmaxE",
    "a left-to-right isolate": "Vera\u2066Example",
    "a byte order mark": "Vera\ufeffExample",
    "a soft hyphen": "Vera\xadExample",
    "a line separator": "Vera\u2028Example",
    "a private character": "Vera\ue000Example",
    "a character that is none": "Vera\uffffExample",
    "a lone surrogate": "Vera\ud800Example",
    "a broken encoding": "Vera\ufffdExample",
    "a blank letter": "\u3164",
    "a blank letter between": "Vera\u115fExample",
    "a variation selector": "Vera\ufe0f Example",
    "a tag": "Vera\U000e0041Example",
    "blank Braille": "\u2800\u2800",
}

NAMES = [
    "Вера",
    "Vera",
    "В",
    "Вера Прыкладная-Узорная",
    "Ńguyễn Thị",
    "李",
    "ვერა",
    "فيرا",
    "O'Example",
    "O’Example",
    "Vera Example, MD",
    "В. І. Прыкладная",
    "J.De Sample",
    "М.Су Узорная",
    "Dr.Vera",
    "Vera Example 3rd",
]

SITES = [
    "https://example.org",
    "Vera http://x",
    "ftp://x Vera",
    "Vera example.org",
    "Vera EXAMPLE.COM",
    "Вера пример.рф",
    "Вера прыклад.бел",
    "Vera www.example",
    "Vera bit.ly/abc",
    "Vera t.me",
    "join t.me/channel",
    "x.com",
    "vera@example.org",
    "Vera sub.example.by Example",
]


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
def test_what_cannot_be_seen_is_refused(text: str) -> None:
    with pytest.raises(BadLine):
        clean_line(text, WORKPLACE)
    with pytest.raises(BadLine):
        clean_name(text)


@pytest.mark.parametrize("name", NAMES)
def test_names_of_any_alphabet_and_of_one_word_are_taken_as_they_are(name: str) -> None:
    assert clean_name(name) == name


@pytest.mark.parametrize("text", SITES)
def test_a_name_with_an_address_of_a_site_is_refused(text: str) -> None:
    with pytest.raises(BadLine):
        clean_name(text)


@pytest.mark.parametrize("text", ["", "   ", "\t", "\u3000\u2003", "\xa0", "...", "12345", "--", "😀"])
def test_a_name_without_a_letter_is_refused(text: str) -> None:
    with pytest.raises(BadLine):
        clean_name(text)


def test_spaces_are_tidied() -> None:
    assert clean_name("  Vera \t\xa0  Example ") == "Vera Example"


def test_a_letter_and_its_accent_become_one() -> None:
    assert clean_name("Andre\u0301") == "Andr\u00e9"


def test_length_is_counted_in_characters() -> None:
    assert clean_name("я" * NAME) == "я" * NAME
    with pytest.raises(BadLine):
        clean_name("я" * (NAME + 1))


@given(st.text(st.characters(), max_size=130))
def test_what_is_accepted_is_one_visible_line_and_stays_as_it_is(text: str) -> None:
    try:
        line = clean_line(text, WORKPLACE)
    except BadLine:
        return
    assert len(line) <= WORKPLACE
    assert len(line.splitlines()) <= 1
    assert not any(unicodedata.category(letter)[0] == "C" for letter in line)
    assert clean_line(line, WORKPLACE) == line
