import json
from pathlib import Path

import pytest

from letters.vocabularies.from_cldr import LANGUAGES, countries, main


@pytest.fixture
def cldr(tmp_path: Path) -> Path:
    """A CLDR with two countries: XA has regions, XB has none."""
    folder = tmp_path / "common"
    files = {
        "dtd/ldml.dtd": '<!ATTLIST version cldrVersion CDATA #FIXED "99.1" >',
        "validity/region.xml": "<r><id idStatus='regular'>XA~B TA</id><id idStatus='deprecated'>XZ</id></r>",
        "validity/subdivision.xml": ("<r><id idStatus='regular'>xa1~4 xa11</id><id idStatus='deprecated'>xa9</id></r>"),
        "supplemental/subdivisions.xml": (
            "<r><subgroup type='XA' contains='xa1 xa2 xa3 xa4 xa9'/><subgroup type='xa1' contains='xa11'/></r>"
        ),
    }
    for language in LANGUAGES:
        files[f"main/{language}.xml"] = (
            "<r><territory type='XA'>Land</territory><territory type='XA' alt='short'>L</territory>"
            "<territory type='XB'>Isle</territory><territory type='TA'>Rock</territory></r>"
        )
        files[f"subdivisions/{language}.xml"] = "<r/>"
    files["subdivisions/en.xml"] = (
        "<r><subdivision type='xa1'>Port²</subdivision><subdivision type='xa2'>Port</subdivision>"
        "<subdivision type='xa3'>the north†</subdivision><subdivision type='xa9'>Old</subdivision></r>"
    )
    files["subdivisions/ru.xml"] = "<r><subdivision type='xa4'>Ме́та</subdivision></r>"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_current_regions_right_below_a_country_are_taken(cldr: Path) -> None:
    found = dict(countries(cldr))
    assert list(found) == ["XA", "XB"]
    assert list(found["XA"]) == ["XA", "XA-1", "XA-2", "XA-3", "XA-4"]
    assert found["XB"] == {"XB": dict.fromkeys(LANGUAGES, "Isle")}


def test_marks_are_dropped_and_labels_begin_with_a_capital(cldr: Path) -> None:
    labels = dict(countries(cldr))["XA"]
    assert labels["XA-3"] == {"en": "The north"}
    assert labels["XA-4"] == {"ru": "Мета"}


def test_of_two_that_would_read_alike_the_marked_one_stays_without_label(cldr: Path) -> None:
    labels = dict(countries(cldr))["XA"]
    assert (labels["XA-1"], labels["XA-2"]) == ({}, {"en": "Port"})


def test_every_country_becomes_a_file_and_the_version_another(cldr: Path, tmp_path: Path) -> None:
    target = tmp_path / "regions"
    target.mkdir()
    assert main([str(cldr)], target) == 0
    assert sorted(file.name for file in target.iterdir()) == ["CLDR", "XA.json", "XB.json"]
    assert (target / "CLDR").read_text(encoding="utf-8") == "Unicode CLDR 99.1\n"
    assert json.loads((target / "XA.json").read_text(encoding="utf-8")) == dict(countries(cldr))["XA"]


@pytest.mark.parametrize("arguments", [[], ["one", "two"], ["nowhere"]])
def test_a_wrong_folder_is_told_how_to_do_it(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments, tmp_path) == 2
    assert capsys.readouterr().err.startswith("usage: ")
    assert list(tmp_path.iterdir()) == []
