"""A letter's folder: what it may say, and refusals in one sentence that name the file and the field."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.models.signatures import Display
from letters.organising.folder import LARGEST, BadFolder, read_folder
from tests.letters.organising.letter_files import FIELDS, FILES, RESPONSIBLE, write_letter
from tests.parts.campaign import DEMO

PERSON = '{name = "Anna Example", title = "Surgeon"}'

REFUSED_FIELDS = {
    "no slug": ({"slug": None}, "slug"),
    "a slug with capitals": ({"slug": '"Fair-Shifts"'}, "slug"),
    "a slug with a path": ({"slug": '"../fair"'}, "slug"),
    "a slug with two hyphens": ({"slug": '"fair--shifts"'}, "slug"),
    "a slug in Cyrillic": ({"slug": '"смены"'}, "slug"),
    "a long slug": ({"slug": f'"{"a" * 81}"'}, "slug"),
    "a slug that is a number": ({"slug": "5"}, "slug"),
    "no languages": ({"languages": None}, "languages"),
    "an empty list of languages": ({"languages": "[]"}, "languages"),
    "an unknown language": ({"languages": '["ru", "tlh"]'}, "languages"),
    "a language twice": ({"languages": '["ru", "ru"]'}, "languages"),
    "languages as a text": ({"languages": '"ru"'}, "languages"),
    "no addressee": ({"addressee": None}, "addressee"),
    "an addressee in one of two languages": ({"addressee": '{ru = "Министр"}'}, "addressee"),
    "an addressee that is blank": ({"addressee": '{ru = "Министр", en = " "}'}, "addressee"),
    "an addressee that is a number": ({"addressee": "5"}, "addressee"),
    "an addressee with a NUL": ({"addressee": r'"The\u0000minister"'}, "addressee"),
    "no countries": ({"countries": None}, "countries"),
    "countries of numbers": ({"countries": "[1]"}, "countries"),
    "a country twice": ({"countries": '["BY", "BY"]'}, "countries"),
    "professions as a list": ({"professions": '["health"]'}, "professions"),
    "opening by the clock on the wall": ({"opens": "2026-12-01T06:00:00"}, "opens"),
    "opening on a day": ({"opens": "2026-12-01"}, "opens"),
    "opening as a text": ({"opens": '"2026-12-01T06:00:00Z"'}, "opens"),
    "closing by the clock on the wall": ({"closes": "2026-12-01T06:00:00"}, "closes"),
    "closing at the end of time": ({"closes": "9999-12-31T23:59:59-12:00"}, "closes"),
    "opening before time": ({"opens": "0001-01-01T00:00:00+23:00"}, "opens"),
    "closing before opening": ({"opens": "2026-12-02T06:00:00Z", "closes": "2026-12-01T06:00:00Z"}, "closes"),
    "a goal of nothing": ({"goal": "0"}, "goal"),
    "a goal below nothing": ({"goal": "-5"}, "goal"),
    "a goal in a text": ({"goal": '"5000"'}, "goal"),
    "half a goal": ({"goal": "1.5"}, "goal"),
    "a goal that is true": ({"goal": "true"}, "goal"),
    "a goal that no database holds": ({"goal": "99999999999999999999"}, "goal"),
    "no custody": ({"custody": None}, "custody"),
    "another custody": ({"custody": '"cloud"'}, "custody"),
    "a public key that is a number": ({"public_key": "5"}, "public_key"),
    "an unknown display": ({"display": '["counted", "famous"]'}, "display"),
    "a display twice": ({"display": '["counted", "counted"]'}, "display"),
    "no display at all": ({"display": "[]"}, "display"),
    "a pact of one": ({"display": '["counted", "named"]', "pact": "1"}, "pact"),
    "a pact of too many": ({"display": '["counted", "named"]', "pact": "100001"}, "pact"),
    "a pact in words": ({"display": '["counted", "named"]', "pact": '"many"'}, "pact"),
    "a pact that is true": ({"display": '["counted", "named"]', "pact": "true"}, "pact"),
    "a pact where nobody is named": ({"display": '["counted"]', "pact": "100"}, "pact"),
    "an edition that is a text": ({"edition": '"6h"'}, "edition"),
    "a misspelt rule": ({"edition": '{evry = "6h"}'}, "edition.evry"),
    "an interval without a unit": ({"edition": '{every = "6"}'}, "edition.every"),
    "an interval of nothing": ({"edition": '{every = "0h"}'}, "edition.every"),
    "an interval in weeks": ({"edition": '{every = "2w"}'}, "edition.every"),
    "two intervals": ({"edition": '{every = "1h30m"}'}, "edition.every"),
    "an interval as a number": ({"edition": "{every = 6}"}, "edition.every"),
    "an interval of a lifetime": ({"edition": '{every = "999999d"}'}, "edition.every"),
    "a minimum of nothing": ({"edition": "{at_least = 0}"}, "edition.at_least"),
    "a misspelt threshold": ({"figures": "{treshold = 5}"}, "figures.treshold"),
    "a threshold in a text": ({"figures": '{threshold = "10"}'}, "figures.threshold"),
    "a step of nothing": ({"figures": "{step = 0}"}, "figures.step"),
    "figures that never move": ({"figures": "{moves_after = 0}"}, "figures.moves_after"),
    "cells that hide before they show": ({"figures": "{threshold = 4, hides_below = 5}"}, "figures.hides_below"),
    "identities until no day": ({"identities_until": '"June"'}, "identities_until"),
    "identities of a letter that never closes": ({"identities_until": "2027-06-01"}, "identities_until"),
    "identities deleted before closing": (
        {"closes": "2027-06-02T00:00:00Z", "identities_until": "2027-06-01"},
        "identities_until",
    ),
    "organisers in one text": ({"organisers": '"undersigned-public-1:"'}, "organisers"),
    "nobody responsible": ({"responsible": None}, "responsible.name"),
    "somebody responsible out of reach": ({"responsible": '{name = "Example Initiative"}'}, "responsible.contact"),
    "a blank contact": ({"responsible": '{name = "Example Initiative", contact = " "}'}, "responsible.contact"),
    "responsible as a text": ({"responsible": '"Example Initiative"'}, "responsible"),
    "first signatories in one table": ({"first_signatories": PERSON}, "first_signatories"),
    "a first signatory without a title": ({"first_signatories": '[{name = "Anna"}]'}, "first_signatories.title"),
    "a first signatory without a name": ({"first_signatories": '[{title = "Nurse"}]'}, "first_signatories.name"),
    "a misspelt title": ({"first_signatories": '[{name = "Anna", titel = "Nurse"}]'}, "first_signatories.titel"),
    "a correction without its day": ({"corrections": '[{text = "Twelve, not ten."}]'}, "corrections.on"),
    "a correction with an hour": ({"corrections": '[{on = 2026-12-01T06:00:00Z, text = "Twelve."}]'}, "corrections.on"),
    "a correction without a text": ({"corrections": "[{on = 2026-12-01}]"}, "corrections.text"),
    "a delivery that is a day": ({"delivered": "2026-12-01"}, "delivered"),
    "a delivery without its day": ({"delivered": "{}"}, "delivered.on"),
    "an answer that is empty": ({"delivered": '{on = 2026-12-01, answer = ""}'}, "delivered.answer"),
    "a field nobody knows": ({"colour": '"red"'}, "colour"),
}

REFUSED_FILES: dict[str, tuple[str, bytes | None]] = {
    "no letter.toml": ("letter.toml", None),
    "bad TOML": ("letter.toml", b"slug = \n"),
    "TOML with a field twice": ("letter.toml", b'slug = "a"\nslug = "b"\n'),
    "TOML nested without end": ("letter.toml", b"a = " + b"[" * 5000),
    "TOML with an endless number": ("letter.toml", b"goal = " + b"9" * 5000),
    "TOML that is not UTF-8": ("letter.toml", 'slug = "смены"'.encode("cp1251")),
    "a missing language": ("en.md", None),
    "a missing privacy notice": ("privacy.en.md", None),
    "an empty privacy notice": ("privacy.ru.md", b" \n"),
    "a text without a title": ("en.md", b"We ask for shifts that let us sleep.\n"),
    "a title without a text": ("en.md", b"# Fair shifts\n\n"),
    "an empty text": ("en.md", b""),
    "a text of 10 MB": ("en.md", b"# Fair shifts\n\n" + b"sleep " * 1_700_000),
    "a text that is not UTF-8": ("ru.md", "# Смены\n\nМы просим.\n".encode("cp1251")),
    "a text with a NUL": ("en.md", b"# Fair shifts\n\nWe ask\x00 for shifts.\n"),
    "a privacy notice with a NUL": ("privacy.en.md", b"Sealed\x00.\n"),
}


@pytest.mark.parametrize(("fields", "named"), REFUSED_FIELDS.values(), ids=REFUSED_FIELDS)
def test_a_field_is_refused_in_a_sentence_that_names_it(
    tmp_path: Path, fields: dict[str, str | None], named: str
) -> None:
    folder = write_letter(tmp_path / "letter", **fields)
    sentence = refusal(folder)
    assert sentence.startswith(f"{folder / 'letter.toml'}: ")
    assert f"`{named}`" in sentence
    assert is_one_line(sentence)


@pytest.mark.parametrize(("name", "content"), REFUSED_FILES.values(), ids=REFUSED_FILES)
def test_a_file_is_refused_in_a_sentence_that_names_it(tmp_path: Path, name: str, content: bytes | None) -> None:
    folder = write_letter(tmp_path / "letter", {name: content})
    sentence = refusal(folder)
    assert sentence.startswith(str(folder / name))
    assert is_one_line(sentence)


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    folder = write_letter(tmp_path / "letter", {"en.md": None})
    (folder / "en.md").mkdir()
    assert str(folder / "en.md") in refusal(folder)


def test_a_file_without_end_is_refused(tmp_path: Path) -> None:
    folder = write_letter(tmp_path / "letter", {"en.md": None})
    (folder / "en.md").symlink_to("/dev/zero")
    assert f"larger than {LARGEST // 1024} kB" in refusal(folder)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_letter_toml_holds_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = write_letter(tmp_path_factory.getbasetemp() / "any", {"letter.toml": content})
    assert is_one_line(refusal(folder))


@given(st.sampled_from(sorted(FIELDS)), st.sampled_from(["[]", "{}", "1", "true", '""', "2026-12-01", "[[1]]", "[{}]"]))
def test_whatever_a_field_holds_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, value: str
) -> None:
    folder = write_letter(tmp_path_factory.getbasetemp() / "field", **{name: value})
    assert f"`{name}" in refusal(folder)


@pytest.mark.parametrize(
    ("every", "seconds"), [("30s", 30), ("1m", 60), ("6h", 21600), ("2d", 172800), ("365d", 31536000)]
)
def test_an_interval_is_a_number_and_a_unit(tmp_path: Path, every: str, seconds: int) -> None:
    draft = read_folder(write_letter(tmp_path / "letter", edition=f'{{every = "{every}", at_least = 3}}'))
    assert (draft.rule.every, draft.rule.at_least) == (timedelta(seconds=seconds), 3)


def test_a_letter_that_says_little_is_a_protected_one(tmp_path: Path) -> None:
    draft = read_folder(write_letter(tmp_path / "letter"))
    assert (draft.rule.every, draft.rule.at_least) == (timedelta(hours=6), 50)
    assert (draft.policy.threshold, draft.policy.step) == (10, 10)
    assert draft.displays == (Display.COUNTED,)
    assert draft.professions == "health"
    assert (draft.goal, draft.opens_at, draft.closes_at, draft.delivered_on, draft.answer) == (None,) * 5


def test_a_moment_in_any_zone_is_the_same_moment(tmp_path: Path) -> None:
    draft = read_folder(write_letter(tmp_path / "letter", opens="2026-12-01T09:00:00+03:00"))
    assert draft.opens_at == datetime(2026, 12, 1, 6, tzinfo=UTC)


def test_one_text_stands_for_all_languages(tmp_path: Path) -> None:
    draft = read_folder(write_letter(tmp_path / "letter", responsible=RESPONSIBLE))
    assert draft.responsible["name"] == {"ru": "Example Initiative", "en": "Example Initiative"}


def test_what_comes_after_opening_is_read(tmp_path: Path) -> None:
    fields = {
        "first_signatories": f"[{PERSON}]",
        "corrections": '[{on = 2026-12-05, text = {ru = "Двенадцать.", en = "Twelve."}}]',
        "delivered": '{on = 2026-12-10, answer = "We have read it."}',
    }
    draft = read_folder(write_letter(tmp_path / "letter", **fields))
    assert [person.title["en"] for person in draft.first_signatories] == ["Surgeon"]
    assert [(item.dated, item.text["ru"]) for item in draft.corrections] == [(date(2026, 12, 5), "Двенадцать.")]
    assert (draft.delivered_on, (draft.answer or {})["en"]) == (date(2026, 12, 10), "We have read it.")


def test_a_file_saved_with_a_byte_order_mark_reads_the_same(tmp_path: Path) -> None:
    plain = read_folder(write_letter(tmp_path / "plain"))
    marked = {name: b"\xef\xbb\xbf" + content for name, content in FILES.items()}
    toml = (tmp_path / "plain" / "letter.toml").read_bytes()
    draft = read_folder(write_letter(tmp_path / "marked", {**marked, "letter.toml": b"\xef\xbb\xbf" + toml}))
    assert draft == plain


def test_a_text_saved_with_other_line_ends_is_the_same_text(tmp_path: Path) -> None:
    plain = read_folder(write_letter(tmp_path / "plain"))
    windows = {name: content.replace(b"\n", b"\r\n") for name, content in FILES.items()}
    assert read_folder(write_letter(tmp_path / "windows", windows)).text_hash == plain.text_hash


@pytest.mark.parametrize(
    ("fields", "files"),
    [
        ({"addressee": '{ru = "Министр", en = "The ministry"}'}, {}),
        ({"languages": '["en", "ru"]'}, {}),
        ({"public_key": '"another"'}, {}),
        ({}, {"en.md": b"# Fair shifts\n\nWe demand shifts that let us sleep.\n"}),
        ({}, {"en.md": b"# Fair shift\n\nWe ask for shifts that let us sleep.\n"}),
    ],
    ids=["addressee", "authoritative language", "key", "text", "title"],
)
def test_the_hash_binds_what_is_signed(tmp_path: Path, fields: dict[str, str], files: dict[str, bytes]) -> None:
    before = read_folder(write_letter(tmp_path / "before"))
    assert read_folder(write_letter(tmp_path / "after", files, **fields)).text_hash != before.text_hash


def test_a_key_can_stand_in_for_a_missing_one_only(tmp_path: Path) -> None:
    without, own = tmp_path / "without", tmp_path / "own"
    assert read_folder(write_letter(without), public_key="given").public_key == "given"
    assert read_folder(write_letter(own, public_key='"mine"'), public_key="given").public_key == "mine"


@pytest.mark.parametrize("slug", ["stop-the-violence", "safe-staffing"])
def test_the_demo_letters_are_whole(slug: str) -> None:
    draft = read_folder(DEMO / slug)
    assert draft.slug == slug
    assert set(draft.texts) == set(draft.languages)
    assert "en" in draft.languages


def refusal(folder: Path) -> str:
    with pytest.raises(BadFolder) as refused:
        read_folder(folder)
    return str(refused.value)


def is_one_line(sentence: str) -> bool:
    return "\n" not in sentence and sentence.endswith(".") and len(sentence) < 400
