"""Files and values are the same letter: there and back nothing is lost."""

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from letters.organising.folder import (
    LARGEST,
    BadFolder,
    Draft,
    FolderText,
    Need,
    draft_of,
    files_of,
    folder_text,
    parse,
    problems_of,
    read_folder,
    write_toml,
)
from tests.letters.organising.drafts import ANY, drafts
from tests.letters.organising.letter_files import write_letter
from tests.parts.campaign import DEMO

many_parts = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

leaves = st.text(ANY, max_size=9) | st.integers() | st.booleans() | st.dates() | st.floats(allow_nan=False)
names = st.text(ANY, max_size=5)
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3))


@many_parts
@given(drafts())
def test_a_letter_becomes_values_and_is_the_same_letter_again(draft: Draft) -> None:
    assert draft_of(folder_text(draft)) == draft


@many_parts
@given(drafts())
def test_a_letter_becomes_files_and_is_the_same_letter_again(draft: Draft) -> None:
    again = draft_of(parse(files_of(folder_text(draft)).get))
    assert again == draft
    assert again.text_hash == draft.text_hash


@many_parts
@given(drafts())
def test_a_whole_letter_has_no_problems(draft: Draft) -> None:
    assert problems_of(folder_text(draft)) == []


@given(st.dictionaries(names, values, max_size=4))
def test_whatever_toml_can_say_is_written_and_read_the_same(table: dict[str, object]) -> None:
    assert tomllib.loads(write_toml(table)) == table


@given(st.fixed_dictionaries({}, optional={code: st.text(ANY) for code in ("ru", "be", "en")}))
def test_unfinished_texts_are_kept_as_they_stand(texts: dict[str, str]) -> None:
    text = FolderText({"languages": ["ru", "be", "en"]}, texts, texts)
    assert parse(files_of(text).get) == text


@pytest.mark.parametrize("title", ["C#", "C #", "C ##", "# C", "C # #"])
def test_a_title_keeps_its_hash_signs(title: str) -> None:
    draft = read_folder(DEMO / "stop-the-violence")
    texts = {language: replace(text, title=title) for language, text in draft.texts.items()}
    assert draft_of(folder_text(replace(draft, texts=texts))).texts["en"].title == title


@pytest.mark.parametrize("slug", ["stop-the-violence", "safe-staffing"])
def test_a_demo_letter_written_to_disk_again_is_the_same_letter(tmp_path: Path, slug: str) -> None:
    draft = read_folder(DEMO / slug)
    for name, content in files_of(folder_text(draft)).items():
        (tmp_path / name).write_bytes(content)
    assert read_folder(tmp_path) == draft


def test_texts_in_languages_that_the_letter_does_not_name_are_not_read(tmp_path: Path) -> None:
    folder = write_letter(tmp_path / "letter", {"be.md": b"\xff", "privacy.be.md": b"\xff"})
    assert set(read_folder(folder).texts) == {"ru", "en"}


def test_no_file_beside_the_letter_is_asked_for() -> None:
    asked: list[str] = []

    def read(name: str) -> bytes | None:
        asked.append(name)
        return b'languages = ["ru", "../../secret", ["en"]]' if name == "letter.toml" else None

    assert parse(read).texts == {}
    assert asked == ["letter.toml", "ru.md", "privacy.ru.md"]


def test_a_letter_that_could_not_be_read_again_is_refused() -> None:
    """Unwritten its correction is short enough; as we write it, each quotation mark takes two bytes."""
    text = folder_text(read_folder(DEMO / "stop-the-violence"))
    long = {"on": date(2026, 12, 5), "text": '"' * (LARGEST // 2)}
    with pytest.raises(BadFolder) as refused:
        draft_of(replace(text, toml={**text.toml, "corrections": [long]}))
    assert (refused.value.field, refused.value.need) == ("letter.toml", Need.TOO_LARGE)
