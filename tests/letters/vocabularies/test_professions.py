from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.vocabularies.errors import MissingLabels, UnknownProfession
from letters.vocabularies.languages import LANGUAGES
from letters.vocabularies.professions import Level, Professions

HEALTH = Professions.load("health")
KEYS = sorted(HEALTH.entries)
UNIT_GROUPS = {
    "1342", "1343", "2211", "2212", "2221", "2222", "2230", "2240", "2250", "2261", "2262", "2263", "2264", "2265",
    "2266", "2267", "2269", "2634", "2635", "3211", "3212", "3213", "3214", "3221", "3222", "3230", "3240", "3251",
    "3252", "3253", "3254", "3255", "3256", "3257", "3258", "3259", "3344", "5321", "5322", "5329",
}  # fmt: skip
"""The health occupations of ISCO-08."""

CYRILLIC = {
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "be": "абвгдеёжзійклмнопрстуўфхцчшыьэюя’",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя’",
}

keys = st.sampled_from(KEYS)
languages = st.sampled_from(sorted(LANGUAGES))


@given(keys, languages)
def test_every_key_has_both_labels_in_every_language(key: str, language: str) -> None:
    for label in (HEALTH.label(key, language), HEALTH.one(key, language)):
        assert (label.strip(), label.language) == (label, language)
        assert label


def test_the_vocabulary_is_complete_in_all_languages_of_the_product() -> None:
    HEALTH.check_complete(tuple(LANGUAGES))


def test_every_unit_group_of_health_in_isco_is_there() -> None:
    assert {entry.isco for entry in HEALTH.entries.values()} >= UNIT_GROUPS


def test_the_keys_that_others_rely_on_keep_their_codes() -> None:
    assert HEALTH.get("doctor").isco == "221"
    assert HEALTH.get("nurse").isco == "2221"
    assert HEALTH.get("retired-health-worker").isco is None


@pytest.mark.parametrize(("language", "alphabet"), CYRILLIC.items())
def test_cyrillic_labels_use_the_letters_of_their_language(language: str, alphabet: str) -> None:
    texts = [labels[language] for entry in HEALTH.entries.values() for labels in (entry.labels, entry.one)]
    assert {letter for text in texts for letter in text.lower()} <= set(alphabet + " ()—-")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_entries_read_alike(language: str) -> None:
    plural = [HEALTH.label(key, language) for key in KEYS]
    assert len(set(plural)) == len(plural)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_options_of_the_form_read_alike_within_a_group(language: str) -> None:
    for _, options in HEALTH.choices(language):
        assert len({label for _, label in options}) == len(options)


@given(keys)
def test_ancestors_lead_from_the_key_to_the_root_one_level_at_a_time(key: str) -> None:
    ancestors = HEALTH.ancestors(key)
    levels = [HEALTH.get(ancestor).level for ancestor in ancestors]
    assert ancestors[0] == key
    assert ancestors[-1] == "health-worker"
    assert levels == list(reversed(tuple(Level)[: len(levels)]))


@given(keys.filter(lambda key: key in HEALTH))
def test_figures_count_everybody_by_a_profession(key: str) -> None:
    profession = HEALTH.profession_of(key)
    assert HEALTH.get(profession).level is Level.PROFESSION
    assert profession in HEALTH.ancestors(key)
    assert HEALTH.profession_of(profession) == profession


def test_a_cardiologist_counts_as_a_doctor() -> None:
    assert HEALTH.ancestors("cardiologist") == ("cardiologist", "doctor", "health-worker")
    assert HEALTH.profession_of("cardiologist") == "doctor"
    assert HEALTH.label("doctor", "be") == "Урачы"
    assert HEALTH.one("cardiologist", "be") == "кардыёлаг"


def test_the_form_offers_each_choice_once() -> None:
    offered = [key for _, options in HEALTH.choices("en") for key, _ in options]
    assert sorted(offered) == [key for key in KEYS if key in HEALTH]


def test_the_form_begins_with_the_plain_professions_and_then_groups_the_specialties() -> None:
    (first, professions), (second, doctors), *_ = HEALTH.choices("ru")
    assert (first, second) == ("", "Врачи")
    assert professions[:2] == (("doctor", "Врач"), ("nurse", "Медсестра (медбрат)"))
    assert ("surgeon", "Хирург") in doctors
    assert {HEALTH.profession_of(key) for key, _ in doctors} == {"doctor"}


def test_the_root_has_a_label_but_cannot_be_chosen() -> None:
    assert "health-worker" not in HEALTH
    assert HEALTH.label("health-worker", "en") == "Health workers"
    with pytest.raises(UnknownProfession):
        HEALTH.profession_of("health-worker")


@given(st.text().filter(lambda text: text not in HEALTH.entries))
def test_an_unknown_key_is_refused(key: str) -> None:
    assert key not in HEALTH
    with pytest.raises(UnknownProfession):
        HEALTH.ancestors(key)


def test_the_refusal_of_an_unknown_key_says_where_to_add_it() -> None:
    with pytest.raises(UnknownProfession) as refusal:
        HEALTH.label("wizard", "en")
    assert str(refusal.value) == (
        'The vocabulary of professions "health" has no "wizard". Choose one of its keys, '
        "or add it in professions/health.toml of your own vocabularies folder."
    )


def test_a_language_without_labels_is_named_with_the_keys_that_lack_them() -> None:
    with pytest.raises(MissingLabels) as refusal:
        HEALTH.check_complete(["ru", "fi"])
    assert (refusal.value.language, sorted(refusal.value.codes)) == ("fi", KEYS)
    assert str(refusal.value) == (
        f'The vocabulary of professions "health" has no label in "fi" for {", ".join(HEALTH.entries)}. Add them in '
        "professions/health.toml of your own vocabularies folder, or leave out that country, vocabulary or language."
    )


def test_what_has_no_label_in_a_language_is_said_in_the_next() -> None:
    plural, one = HEALTH.label("doctor", "fi", "be"), HEALTH.one("doctor", "fi", "de", "en")
    assert (plural, plural.language) == ("Урачы", "be")
    assert (one, one.language) == (HEALTH.one("doctor", "de"), "de")
    assert HEALTH.choices("fi", "ru") == HEALTH.choices("ru")


def test_a_label_in_none_of_the_languages_is_said_in_any() -> None:
    label = HEALTH.label("doctor", "fi")
    assert label == HEALTH.get("doctor").labels[label.language]


def test_loading_again_reads_nothing_again(tmp_path: Path) -> None:
    assert Professions.load("health", [tmp_path]) is Professions.load("health", (tmp_path,))
