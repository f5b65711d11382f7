"""A part gives back what was typed, and leaves every other part as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from letters.organising.draft import Draft, FolderText
from letters.organising.drafting.beginnings import blank
from letters.organising.drafting.parts import LetterPart, Part, Posted, PrivacyPart, Side, TextPart, with_toml
from letters.organising.drafting.places import PARTS
from letters.organising.drafting.public_parts import ClosingPart, DeliveryPart, PeoplePart
from letters.organising.drafting.rule_parts import PRESETS, RulesPart, SchedulePart, SignersPart, preset_of
from letters.organising.folder import draft_of, folder_text, problems_of
from letters.web.markdown import split_title
from tests.letters.organising.drafting.writers import whole_text
from tests.letters.organising.drafts import drafts

KINDS = [*(kind for _name, kind in PARTS), ClosingPart, DeliveryPart]


@given(draft=drafts(), kind=st.sampled_from(KINDS))
def test_a_part_that_is_put_back_changes_nothing_of_itself(draft: Draft, kind: type[Part]) -> None:
    text = folder_text(draft)
    part = kind.of(Side(text, draft.languages[0]))
    assert kind.of(Side(part.into(text), draft.languages[0])) == part


@pytest.mark.parametrize("kind", KINDS)
def test_putting_a_part_of_a_whole_letter_back_keeps_the_letter(kind: type[Part]) -> None:
    text = whole_text(closes="", goal=5)
    assert draft_of(kind.of(Side(text, "ru")).into(text)) == draft_of(text)


@given(title=st.text(max_size=40), body=st.text(max_size=200))
def test_title_and_text_come_back_apart(title: str, body: str) -> None:
    form = MultiDict({"title": title, "body": body})
    part = TextPart.posted(Posted(form, ["en"], "en"))
    found_title, found_body = split_title(part.into(FolderText({})).texts["en"])
    if part.title:
        assert found_title == part.title
    assert found_body.split() == part.body.split() or not part.title


def test_a_form_without_numbers_keeps_what_was_typed() -> None:
    form = MultiDict({"opens": "after lunch", "closes": "", "identities_until": "", "goal": "many"})
    text = SchedulePart.posted(Posted(form, ["en"])).into(FolderText({"goal": 5, "closes": "x"}))
    assert text.toml == {"opens": "after lunch", "goal": "many"}
    assert SchedulePart.of(Side(text)).goal == "many"


def test_times_are_utc() -> None:
    form = MultiDict({"opens": "2026-12-01T06:00", "goal": "5 000"})
    text = SchedulePart.posted(Posted(form, ["en"])).into(FolderText({}))
    assert (text.toml["opens"].isoformat(), text.toml["goal"]) == ("2026-12-01T06:00:00+00:00", 5000)


def test_the_authoritative_language_comes_first() -> None:
    form = MultiDict([("languages", "ru"), ("languages", "en"), ("languages", "xx"), ("first", "en"), ("slug", " a ")])
    part = LetterPart.posted(Posted(form, []))
    assert (part.languages, part.slug) == (("en", "ru"), "a")


def test_only_counting_is_what_is_left_when_nothing_is_ticked() -> None:
    assert SignersPart.posted(Posted(MultiDict(), ["en"])).displays == ("counted",)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_recognised_again(name: str) -> None:
    text = RulesPart.posted(Posted(MultiDict({"preset": name}), [])).into(whole_text())
    assert (preset_of(text), RulesPart.of(Side(text)).preset, problems_of(text)) == (name, name, [])


def test_own_values_are_own_values() -> None:
    form = MultiDict({"preset": "own", "every": "2", "unit": "h", "at_least": "5", "threshold": "3", "step": "2"})
    text = RulesPart.posted(Posted(form, [])).into(whole_text())
    draft = draft_of(text)
    assert (preset_of(text), draft.rule.every.seconds, draft.rule.at_least) == ("own", 7200, 5)
    assert (draft.policy.threshold, draft.policy.step, draft.policy.moves_after) == (3, 2, 2)


def test_a_person_whose_row_was_emptied_is_gone() -> None:
    form = MultiDict({"person1-en": "", "title1-en": "", "person2-en": "Vera Example", "title2-en": "Nurse"})
    people = PeoplePart.posted(Posted(form, ["en"])).people
    assert [person.name["en"] for person in people] == ["Vera Example"]


def test_a_part_about_another_language_is_another_part() -> None:
    text = whole_text()
    assert PrivacyPart.of(Side(text, "ru")).seen != PrivacyPart.of(Side(text, "en")).seen


def test_a_blank_draft_begins_protected() -> None:
    assert preset_of(blank("en")) == "protected"
    assert preset_of(with_toml(blank("en"), figures={"threshold": 10})) == "protected"


def test_however_many_first_signatories_there_are_all_stay() -> None:
    form = MultiDict({f"person{number}-en": f"Signer {number}" for number in range(1, 501)})
    people = PeoplePart.posted(Posted(form, ["en"])).people
    assert [person.name["en"] for person in people] == [f"Signer {number}" for number in range(1, 501)]
