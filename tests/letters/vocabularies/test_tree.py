from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.vocabularies.errors import BrokenVocabulary, MissingLabels, UnknownVocabulary
from letters.vocabularies.professions import Level, Professions

BOTH = 'label = {en = "Many"}\none = {en = "one"}\n'


def write(folder: Path, text: str, name: str = "health") -> Path:
    file = folder / "professions" / f"{name}.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_a_host_adds_an_entry(tmp_path: Path) -> None:
    write(tmp_path, f'[ship-doctor]\nparent = "doctor"\nisco = "2211"\n{BOTH}')
    health = Professions.load("health", [tmp_path])
    assert "ship-doctor" in health
    assert health.get("ship-doctor").level is Level.SPECIALTY
    assert health.profession_of("ship-doctor") == "doctor"
    assert "surgeon" in health
    health.check_complete(["en"])
    with pytest.raises(MissingLabels, match="ship-doctor"):
        health.check_complete(["ru"])
    assert "ship-doctor" not in Professions.load("health")


def test_a_host_overrides_one_label_and_keeps_the_rest(tmp_path: Path) -> None:
    write(tmp_path, '[doctor]\nlabel = {en = "Physicians", fi = "Lääkärit"}\n')
    health = Professions.load("health", [tmp_path])
    assert health.label("doctor", "en") == "Physicians"
    assert health.label("doctor", "fi") == "Lääkärit"
    assert health.label("doctor", "ru") == "Врачи"
    assert health.one("doctor", "en") == "doctor"
    assert health.get("doctor").isco == "221"


def test_a_later_folder_wins(tmp_path: Path) -> None:
    write(tmp_path / "first", '[doctor]\nlabel = {en = "First"}\n')
    write(tmp_path / "second", '[doctor]\nlabel = {en = "Second"}\n')
    health = Professions.load("health", [tmp_path / "first", tmp_path / "second"])
    assert health.label("doctor", "en") == "Second"


def test_a_host_brings_a_vocabulary_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, f'[pilot]\nparent = "crew"\n{BOTH}\n[crew]\n{BOTH}', "aviation")
    aviation = Professions.load("aviation", [tmp_path])
    assert aviation.choices("en") == (("", (("pilot", "One"),)),)
    assert aviation.ancestors("pilot") == ("pilot", "crew")


@given(
    st.lists(st.integers(min_value=-1, max_value=7), min_size=1, max_size=8),
)
def test_whatever_the_parents_are_a_tree_of_three_levels_loads_and_anything_else_is_refused(
    tmp_path_factory: pytest.TempPathFactory, parents: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("vocabularies")
    entries = [
        f"[k{key}]\n{BOTH}" + (f'parent = "k{parent}"\n' if parent >= 0 else "") for key, parent in enumerate(parents)
    ]
    write(folder, "\n".join(entries), "any")
    if _is_tree(parents):
        assert set(Professions.load("any", [folder]).entries) == {f"k{key}" for key in range(len(parents))}
    else:
        with pytest.raises(BrokenVocabulary):
            Professions.load("any", [folder])


def _is_tree(parents: list[int]) -> bool:
    roots = {key for key, parent in enumerate(parents) if parent < 0}
    professions = {key for key, parent in enumerate(parents) if parent in roots}
    specialties = {key for key, parent in enumerate(parents) if parent in professions}
    return len(roots) == 1 and roots | professions | specialties == set(range(len(parents)))


@pytest.mark.parametrize("name", ["astrology", "", "../professions/health", "HEALTH", "health.toml", "a\0b"])
def test_an_unknown_vocabulary_is_refused(name: str) -> None:
    with pytest.raises(UnknownVocabulary) as refusal:
        Professions.load(name)
    assert str(refusal.value) == (
        f'There is no vocabulary of professions "{name}". Use one of health, '
        "or add a file professions/NAME.toml to your own vocabularies folder."
    )


@pytest.mark.parametrize(
    ("text", "entry", "problem"),
    [
        ("doctor = 5", "doctor", "every entry is a table; put its fields below a line [KEY]"),
        ("[Doctor]", "Doctor", "a key is small Latin letters and digits with hyphens between them"),
        ("[doctor]\ncolour = 1", "doctor", "has colour; it may have isco, label, one, parent"),
        ("[doctor]\nisco = 221", "doctor", 'isco must be 2 to 4 digits in quotes, such as "2221"'),
        ('[doctor]\nisco = "22111"', "doctor", 'isco must be 2 to 4 digits in quotes, such as "2221"'),
        ('[doctor]\nparent = ""', "doctor", "parent must be the key of another entry, in quotes"),
        ('[doctor]\nlabel = "D"', "doctor", 'labels are a table by language, such as {ru = "…", en = "…"}'),
        ('[doctor]\none = {ru = " "}', "doctor", 'the label in "ru" must be a text that is not empty'),
        ('[x]\nparent = "y"', "x", 'its parent "y" is not an entry; add that, or name another'),
        ("[x]", "x", 'the root is "health-worker"; give this entry a parent, such as parent = "health-worker"'),
        ('[x]\nparent = "surgeon"', "x", "its parent must be the root or a profession right below the root"),
        ('[x]\nparent = "x"', "x", "its parent must be the root or a profession right below the root"),
        (
            '[health-worker]\nparent = "doctor"',
            "",
            "one entry, the root, must stand without a parent",
        ),
    ],
)
def test_a_broken_file_is_refused_with_file_entry_and_advice(
    tmp_path: Path, text: str, entry: str, problem: str
) -> None:
    file = write(tmp_path, text)
    with pytest.raises(BrokenVocabulary) as refusal:
        Professions.load("health", [tmp_path])
    place = f"{file}, [{entry}]" if entry else str(file)
    assert str(refusal.value) == f"{place}: {problem}."


@pytest.mark.parametrize("content", [b"[doctor", b"\xff\xfe", b"[doctor]\n[doctor]\n"])
def test_a_file_that_is_not_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    file = write(tmp_path, "")
    file.write_bytes(content)
    with pytest.raises(BrokenVocabulary, match="cannot be read as UTF-8 TOML") as refusal:
        Professions.load("health", [tmp_path])
    assert refusal.value.file == file
