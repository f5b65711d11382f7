"""Earlier and paper signatures add up to figures; nothing else is left of them."""

import io
from collections import Counter
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.organising.tables.earlier import MOST_PROFESSIONS, Tally, count_earlier
from letters.organising.tables.errors import BadTable

names = st.sampled_from(["Vera Example", "VERA example", "Ivan Sample", "Вера Приклад"])
professions = st.sampled_from(["nurse", "Nurse", "doctor", ""])
regions = st.sampled_from(["Minsk", "minsk", "Brest", ""])


def count(*lines: str) -> Tally:
    return count_earlier(io.BytesIO("\n".join([*lines, ""]).encode()))


def test_a_list_of_names_is_counted() -> None:
    assert count("name", "Vera Example", "Ivan Sample", "vera  EXAMPLE") == Tally(3, 1, {})


def test_the_same_name_elsewhere_is_another_person() -> None:
    tally = count(
        "name;profession;region;city",
        "Vera Example;Nurse;Minsk;Minsk",
        "Vera Example;doctor;Minsk;",
        "Vera Example;nurse;Brest;",
        "Vera Example;NURSE;minsk;Slutsk",
    )
    assert tally == Tally(4, 1, {"Nurse": 2, "doctor": 1})


def test_rows_without_a_profession_are_counted_under_none() -> None:
    assert count("name,profession", "Vera,", "Ivan,nurse") == Tally(2, 0, {"": 1, "nurse": 1})


def test_the_parts_of_a_row_do_not_run_into_each_other() -> None:
    assert count("name,profession,region", "Vera,nurse,", "Vera,,nurse").duplicates == 0


@given(st.lists(st.tuples(names, professions, regions)))
def test_the_figures_are_those_of_a_plain_count(people: list[tuple[str, str, str]]) -> None:
    tally = count("name,profession,region", *(",".join(person) for person in people))
    different = {tuple(part.casefold() for part in person) for person in people}
    assert tally.rows == len(people)
    assert tally.duplicates == len(people) - len(different)
    by_profession = Counter(profession for _, profession, _ in different)
    expected = by_profession if any(by_profession) else {}
    assert {profession.casefold(): number for profession, number in tally.by_profession.items()} == expected


def test_a_bad_row_is_named_and_nothing_is_counted() -> None:
    with pytest.raises(BadTable) as caught:
        count("name", *["Vera"] * 9997, "=1")
    assert caught.value.line == 9999


def test_a_refusal_repeats_no_name() -> None:
    with pytest.raises(BadTable) as caught:
        count("name,profession", "=Vera Example,nurse")
    assert "Vera" not in str(caught.value) + str(caught.value.values)


def test_a_column_of_free_text_is_refused_as_a_profession() -> None:
    with pytest.raises(BadTable) as caught:
        count("name,profession", *(f"Vera,text {number}" for number in range(MOST_PROFESSIONS + 1)))
    assert caught.value.code == "too_many_professions"


def test_a_tally_has_no_place_for_a_name() -> None:
    assert [field.name for field in fields(Tally)] == ["rows", "duplicates", "by_profession"]
