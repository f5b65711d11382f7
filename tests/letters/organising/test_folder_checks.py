"""Whoever writes a letter sees at once all that it still needs."""

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.organising.fields import MOST_REFUSED
from letters.organising.folder import BadFolder, FolderText, Need, Problem, draft_of, parse, problems_of
from tests.letters.organising.letter_files import FIELDS, FILES, write_letter
from tests.letters.organising.test_folder import REFUSED_FIELDS

TOML = tomllib.loads("".join(f"{name} = {value}\n" for name, value in FIELDS.items()))
TEXTS = {code: FILES[f"{code}.md"].decode() for code in ("ru", "en")}
PRIVACY = {code: FILES[f"privacy.{code}.md"].decode() for code in ("ru", "en")}

leaves: st.SearchStrategy[Any] = st.sampled_from(["", " ", "ru", "counted", "a\x00b", "a\ud800b", 0, 3, True, 1.5]) | (
    st.sampled_from([date(2026, 12, 1), datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 1)])  # noqa: DTZ001
)
inner = leaves | st.lists(leaves, max_size=2) | st.dictionaries(st.sampled_from(["ru", "en", "on", "name"]), leaves)
anything = inner | st.lists(inner, max_size=2)
field_names = st.sampled_from(sorted({name.partition(".")[0] for _, name in REFUSED_FIELDS.values()}))


def letter(texts: dict[str, str] | None = None, privacy: dict[str, str] | None = None, /, **fields: Any) -> FolderText:
    """The least letter; None takes a field out."""
    toml = {name: value for name, value in {**TOML, **fields}.items() if value is not None}
    return FolderText(toml, TEXTS if texts is None else texts, PRIVACY if privacy is None else privacy)


def named(text: FolderText) -> list[tuple[str, Need]]:
    return [(problem.field, problem.need) for problem in problems_of(text)]


def test_the_least_letter_has_no_problems() -> None:
    assert problems_of(letter()) == []


def test_an_empty_letter_says_all_that_it_needs() -> None:
    assert named(FolderText({})) == [
        ("slug", Need.SLUG),
        ("languages", Need.TEXTS),
        ("addressee", Need.TEXT),
        ("responsible.name", Need.TEXT),
        ("responsible.contact", Need.TEXT),
        ("countries", Need.TEXTS),
        ("custody", Need.ONE_OF),
    ]


def test_once_the_languages_are_chosen_each_text_is_asked_for() -> None:
    text = letter({"ru": TEXTS["ru"]}, {"ru": " "}, languages=["ru", "be"], addressee={"ru": "Министр"})
    assert problems_of(text) == [
        Problem("privacy.ru.md", Need.NO_NOTICE, languages=("ru",)),
        Problem("be.md", Need.MISSING, languages=("be",)),
        Problem("privacy.be.md", Need.MISSING, languages=("be",)),
        Problem("addressee", Need.EACH_LANGUAGE, {"languages": "ru, be"}, languages=("be",)),
    ]


def test_a_table_of_many_says_which_one() -> None:
    people = [{"name": "Anna Example", "title": "Surgeon"}, {"name": "Ivan Example"}, {"title": "Nurse"}]
    assert [(problem.field, problem.number) for problem in problems_of(letter(first_signatories=people))] == [
        ("first_signatories.title", 2),
        ("first_signatories.name", 3),
    ]


def test_one_field_is_named_once() -> None:
    assert named(letter(responsible="Example Initiative")) == [("responsible", Need.TABLE)]
    assert named(letter(languages=["tlh", "tlh"])) == [("languages", Need.ONCE)]


def test_what_hangs_on_a_refused_field_is_not_refused_for_it() -> None:
    text = letter(closes="tomorrow", opens=datetime(2026, 12, 1, tzinfo=UTC), identities_until=date(2027, 1, 1))
    assert named(text) == [("closes", Need.MOMENT)]


def test_the_texts_in_a_letter_are_fit_to_be_stored() -> None:
    text = letter({"ru": "# Смены\n\nМы\x00.", "en": "# Shifts\n\nWe\ud800."}, PRIVACY)
    assert named(text) == [("ru.md", Need.NUL), ("en.md", Need.NOT_UTF8)]


def test_a_hostile_letter_gets_no_endless_list() -> None:
    assert len(problems_of(letter(first_signatories=[{} for _ in range(20_000)]))) == MOST_REFUSED


def test_words_say_what_the_refusal_says() -> None:
    for fields, _field in REFUSED_FIELDS.values():
        table: dict[str, str | None] = {**FIELDS, **fields}  # type: ignore[dict-item]
        toml = "".join(f"{name} = {value}\n" for name, value in table.items() if value is not None)
        text = FolderText(tomllib.loads(toml), TEXTS, PRIVACY)
        problem = problems_of(text)[0]
        with pytest.raises(BadFolder) as refused:
            draft_of(text)
        assert (refused.value.field, refused.value.need) == (problem.field, problem.need)
        known_field = problem.need is not Need.UNKNOWN_FIELD
        assert not known_field or str(refused.value) == f"letter.toml: `{problem.field}` {problem.words}."


def test_a_refusal_names_the_files_where_they_are() -> None:
    with pytest.raises(BadFolder, match=r"^upload/en\.md is missing; a letter needs it\.$"):
        draft_of(letter({"ru": TEXTS["ru"]}), "upload/letter.toml")


@given(st.dictionaries(field_names, anything))
def test_a_letter_is_taken_if_and_only_if_it_has_no_problems(fields: dict[str, Any]) -> None:
    text = letter(**fields)
    problems = problems_of(text)
    if problems:
        with pytest.raises(BadFolder) as refused:
            draft_of(text)
        assert refused.value.problem == problems[0]
    else:
        assert draft_of(text).slug == text.toml["slug"]
    assert all(problem.words for problem in problems)


def test_values_and_files_are_read_by_the_same_rules(tmp_path: Path) -> None:
    folder = write_letter(tmp_path / "letter")
    assert parse(lambda name: (folder / name).read_bytes()) == letter()
