import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.vocabularies.errors import BrokenVocabulary, MissingLabels, UnknownCountry, UnknownRegion
from letters.vocabularies.files import BUILT_IN
from letters.vocabularies.languages import LANGUAGES
from letters.vocabularies.regions import Regions, countries_complete_in

COMPLETE = countries_complete_in(tuple(LANGUAGES))
BELARUS = Regions.load(["BY"])
NEIGHBOURS = Regions.load(["BY", "PL", "UA"])

countries = st.lists(st.sampled_from(COMPLETE), max_size=5, unique=True)
languages = st.sampled_from(sorted(LANGUAGES))


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / "regions" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        (
            "be",
            (
                "Брэсцкая вобласць, Віцебская вобласць, Гомельская вобласць, Гродзенская вобласць, "
                "Магілёўская вобласць, Мінск, Мінская вобласць"
            ),
        ),
        (
            "ru",
            (
                "Брестская область, Витебская область, Гомельская область, Гродненская область, "
                "Минск, Минская область, Могилёвская область"
            ),
        ),
        (
            "en",
            "Brest Region, Homel Region, Hrodna Region, Mahilyow Region, Minsk, Minsk Region, Vitebsk Region",
        ),
    ],
)
def test_the_regions_of_belarus_are_complete_and_in_order(language: str, labels: str) -> None:
    (_, options), _ = BELARUS.choices(language)
    assert ", ".join(label for _, label in options) == labels
    assert {code for code, _ in options} == {"BY-BR", "BY-HM", "BY-HO", "BY-HR", "BY-MA", "BY-MI", "BY-VI"}


@pytest.mark.parametrize(
    ("code", "russian", "english"),
    [
        ("PL-14", "Мазовецкое воеводство", "Mazovia"),
        ("DE-BY", "Бавария", "Bavaria"),
        ("LT-VL", "Вильнюсский уезд", "Vilnius County"),
        ("UA-63", "Харьковская область", "Kharkiv Oblast"),
        ("GB-SCT", "Шотландия", "Scotland"),
        ("US-WA", "Вашингтон", "Washington"),
        ("US-DC", "Округ Колумбия", "Washington DC"),
    ],
)
def test_regions_of_other_countries_have_labels(code: str, russian: str, english: str) -> None:
    regions = Regions.load([code[:2]])
    assert (regions.label(code, "ru"), regions.label(code, "en")) == (russian, english)


def test_the_countries_that_letters_need_most_are_complete() -> None:
    assert {"BY", "PL", "LT", "LV", "UA", "RU", "DE", "CZ", "GE", "GB", "US", "FR", "IT", "ES"} <= set(COMPLETE)
    assert set(COMPLETE) < set(countries_complete_in(["ru", "en"]))
    assert "EE" in countries_complete_in(["ru", "en"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_regions_of_a_country_read_alike(language: str) -> None:
    for country in COMPLETE:
        (_, options), _ = Regions.load([country]).choices(language)
        assert len({label for _, label in options}) == len(options), country


def test_no_label_bears_a_mark_of_cldr() -> None:
    texts = "".join(file.read_text(encoding="utf-8") for file in (BUILT_IN / "regions").glob("[A-Z][A-Z].*"))
    assert not set("²³¹†↑\u0301") & set(texts)


def test_the_data_says_its_version_and_has_its_licence_beside_it() -> None:
    folder = BUILT_IN / "regions"
    assert (folder / "CLDR").read_text(encoding="utf-8") == "Unicode CLDR 41\n"
    assert "Permission is hereby granted" in (folder / "LICENSE-UNICODE").read_text(encoding="utf-8")


@given(countries, languages)
def test_the_form_offers_each_region_once_and_abroad_last(chosen: list[str], language: str) -> None:
    regions = Regions.load(chosen)
    offered = [code for _, options in regions.choices(language) for code, _ in options]
    assert sorted(offered) == sorted(regions.codes)
    assert all(code in regions for code in offered)
    assert offered[-1] == "abroad"
    assert [group for group, _ in regions.choices(language)] == [
        *(regions.label(country, language) for country in chosen),
        "",
    ]


@given(countries, languages)
def test_ancestors_lead_to_a_country_of_the_letter(chosen: list[str], language: str) -> None:
    regions = Regions.load(chosen)
    for code in regions.codes:
        ancestors = regions.ancestors(code)
        assert ancestors[0] == code
        assert ancestors[-1] in {*chosen, "abroad"}
        assert all(regions.label(ancestor, language) for ancestor in ancestors)


def test_a_region_has_its_country_above_and_abroad_has_nothing() -> None:
    assert BELARUS.ancestors("BY-MI") == ("BY-MI", "BY")
    assert BELARUS.ancestors("BY") == ("BY",)
    assert BELARUS.ancestors("abroad") == ("abroad",)


def test_a_country_has_a_label_but_only_its_regions_can_be_chosen() -> None:
    assert BELARUS.label("BY", "be") == "Беларусь"
    assert "BY" not in BELARUS
    assert "BY-MI" in BELARUS
    assert "abroad" in BELARUS


def test_a_country_without_regions_is_chosen_itself() -> None:
    hong_kong = Regions.load(["HK"])
    assert "HK" in hong_kong
    assert [code for code, _ in hong_kong.choices("en")[0][1]] == ["HK"]


def test_abroad_has_a_label_in_every_language() -> None:
    assert {language: BELARUS.label("abroad", language) for language in LANGUAGES} == {
        "ru": "За границей",
        "be": "За мяжой",
        "uk": "За кордоном",
        "en": "Abroad",
        "pl": "Za granicą",
        "de": "Im Ausland",
        "ar": "خارج البلاد",
    }


def test_a_region_of_another_country_is_refused() -> None:
    assert "PL-14" in NEIGHBOURS
    assert "DE-BY" not in NEIGHBOURS
    with pytest.raises(UnknownRegion) as refusal:
        NEIGHBOURS.label("DE-BY", "en")
    assert str(refusal.value) == (
        '"DE-BY" is not a region of BY, PL, UA. Choose one of their ISO 3166-2 codes, or "abroad".'
    )


@given(st.text().filter(lambda text: text not in BELARUS.codes and text != "BY"))
def test_an_unknown_region_is_refused(code: str) -> None:
    assert code not in BELARUS
    with pytest.raises(UnknownRegion):
        BELARUS.ancestors(code)


@pytest.mark.parametrize("code", ["ZZ", "by", "", "BY-MI", "../regions/BY", "abroad", "CLDR"])
def test_an_unknown_country_is_refused(code: str) -> None:
    with pytest.raises(UnknownCountry) as refusal:
        Regions.load(["BY", code])
    assert str(refusal.value) == (
        f'There are no regions for the country "{code}". Use an ISO 3166-1 code of two capital letters, such as BY, '
        "or describe it in regions/CODE.toml of your own vocabularies folder."
    )


def test_missing_labels_are_named_with_country_language_codes_and_the_way_out() -> None:
    regions = Regions.load(["BY", "TM"])
    regions.check_complete(["ru", "en"])
    with pytest.raises(MissingLabels) as refusal:
        regions.check_complete(["ru", "be"])
    assert str(refusal.value) == (
        'Turkmenistan (TM) has no label in "be" for TM-D. Add them in regions/TM.toml of your own vocabularies folder, '
        "or leave out that country, vocabulary or language."
    )


def test_a_region_without_a_label_is_said_in_the_next_language_and_after_those_that_have_one() -> None:
    regions = Regions.load(["TM"])
    label = regions.label("TM-D", "be", "ru")
    assert (label, label.language) == (regions.label("TM-D", "ru"), "ru")
    (_, options), _ = regions.choices("be", "ru")
    assert [regions.label(code, "be", "ru").language for code, _ in options] == ["be"] * (len(options) - 1) + ["ru"]
    assert options[-1] == ("TM-D", label)


def test_regions_in_another_language_follow_its_alphabet() -> None:
    assert BELARUS.choices("tlh", "ru") == BELARUS.choices("ru")


def test_a_region_without_any_label_is_its_code(tmp_path: Path) -> None:
    write(tmp_path, "XX.toml", '[XX]\nfr = "Exemplie"\n[XX-1]\n')
    regions = Regions.load(["XX"], [tmp_path])
    assert regions.choices("ru", "en") == (("Exemplie", (("XX-1", "XX-1"),)), ("", (("abroad", "За границей"),)))
    assert regions.label("XX-1", "ru").language == ""


@given(st.lists(st.sampled_from(sorted(countries_complete_in([]))), max_size=4), st.sets(languages))
def test_complete_means_that_the_check_passes(chosen: list[str], spoken: set[str]) -> None:
    regions = Regions.load(chosen)
    if set(chosen) <= set(countries_complete_in(tuple(spoken))):
        regions.check_complete(tuple(spoken))
    else:
        with pytest.raises(MissingLabels):
            regions.check_complete(tuple(spoken))


def test_a_language_that_nothing_is_labelled_in_is_refused_even_without_countries() -> None:
    with pytest.raises(MissingLabels) as refusal:
        Regions.load([]).check_complete(["tlh"])
    assert (refusal.value.what, refusal.value.file) == ('"abroad"', "regions/abroad.toml")


def test_a_host_adds_what_is_missing(tmp_path: Path) -> None:
    write(tmp_path, "TM.toml", '[TM-D]\nbe = "Дашагуз"\n')
    assert Regions.load(["TM"], [tmp_path]).label("TM-D", "be") == "Дашагуз"
    assert "TM" in countries_complete_in(["ru", "be", "en"], [tmp_path])
    assert "TM" not in countries_complete_in(["ru", "be", "en"])


def test_a_host_overrides_one_label_and_keeps_the_rest(tmp_path: Path) -> None:
    write(tmp_path, "BY.toml", '[BY-MA]\nen = "Mogilev Region"\n')
    write(tmp_path, "abroad.toml", '[abroad]\nen = "Elsewhere"\n')
    regions = Regions.load(["BY"], [tmp_path])
    assert regions.label("BY-MA", "en") == "Mogilev Region"
    assert regions.label("BY-MA", "be") == "Магілёўская вобласць"
    assert regions.label("abroad", "en") == "Elsewhere"
    assert regions.label("abroad", "ru") == "За границей"


def test_a_host_brings_a_country_as_json_or_toml_and_toml_wins(tmp_path: Path) -> None:
    write(tmp_path, "XX.json", json.dumps({"XX": {"en": "Examplia"}, "XX-1": {"en": "One"}}))
    write(tmp_path, "XX.toml", '[XX-1]\nen = "First"\n')
    regions = Regions.load(["XX"], [tmp_path])
    assert regions.choices("en") == (("Examplia", (("XX-1", "First"),)), ("", (("abroad", "Abroad"),)))


@pytest.mark.parametrize(
    ("name", "text", "entry", "problem"),
    [
        (
            "BY.toml",
            '[PL-14]\nen = "Mazovia"',
            "PL-14",
            "a code in this file is BY or BY- and one to three capital letters or digits",
        ),
        ("BY.toml", "BY-MI = 1", "BY-MI", "every entry is a table; put its fields below a line [KEY]"),
        ("BY.toml", '[BY-MI]\nen = ""', "BY-MI", 'the label in "en" must be a text that is not empty'),
        ("abroad.toml", '[space]\nen = "Space"', "space", "this file has one entry, [abroad]"),
        ("BY.json", "[]", "", "must hold one table of entries"),
    ],
)
def test_a_broken_file_is_refused_with_file_entry_and_advice(
    tmp_path: Path, name: str, text: str, entry: str, problem: str
) -> None:
    file = write(tmp_path, name, text)
    with pytest.raises(BrokenVocabulary) as refusal:
        Regions.load(["BY"], [tmp_path])
    place = f"{file}, [{entry}]" if entry else str(file)
    assert str(refusal.value) == f"{place}: {problem}."


def test_the_same_country_twice_is_one_country() -> None:
    assert Regions.load(["BY", "BY"]).countries == ("BY",)
