import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.vocabularies.languages import LANGUAGES, sort_key


@pytest.mark.parametrize(
    ("language", "ordered"),
    [
        ("be", "Ельск, Ёдкавічы, Жлобін, Зэльва, Івацэвічы, Йод, Кобрын, Узда, Ўша, Фаніпаль, Шклоў, Ыса, Эсьмоны"),
        ("ru", "Ежи, Ёжики, Жуки, Минск, Минская область, Могилёв, Щека, Щёки, Щель, Яблоко"),
        ("uk", "Ґанок, Дніпро, Екран, Єва, Житомир, Зима, Ива, Ізмаїл, Їжак, Йорж, Львів, Щока, Юшка, Я"),
        ("pl", "Lubusz, Łódź, Opole, Ósmy, Sandomierz, Śląsk, Środa, Zamość, Źródło, Żary, Żywiec"),
        ("de", "Baden, Öhringen, Österreich, Ostsee, Straßburg, Strasse, Thüringen, Übersee, Ulm"),
        ("ar", "أسوان, الإسكندرية, بغداد, بيروت, جدة, دمشق, عمّان, غزة, قنا, مكة, وهران, يافا"),
        ("en", "Aland, Åland Islands, Cote, Côte d’Azur, Cote-East, Lesser Poland, Łódź, Lublin, St Davids, St. Ives"),
    ],
)
@given(data=st.data())
def test_texts_sort_as_the_alphabet_of_the_language_has_it(language: str, ordered: str, data: st.DataObject) -> None:
    texts = data.draw(st.permutations(ordered.split(", ")))
    assert ", ".join(sorted(texts, key=lambda text: sort_key(text, language))) == ordered


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_sort_as_in_the_alphabet(language: str) -> None:
    alphabet = LANGUAGES[language].alphabet
    assert "".join(sorted(alphabet, key=lambda letter: sort_key(letter, language))) == alphabet
    assert len(set(alphabet)) == len(alphabet)


@given(st.text(), st.sampled_from([*LANGUAGES, "uk", "ar"]))
def test_case_decides_only_between_texts_otherwise_alike(text: str, language: str) -> None:
    assert sort_key(text.casefold(), language)[0] == sort_key(text, language)[0]
    assert sort_key(text, language)[1] == text
