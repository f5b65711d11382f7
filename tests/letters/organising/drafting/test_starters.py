"""Texts to begin with say what the letter's rules do."""

from datetime import date

import pytest

from letters.models.values import IDENTITIES_FOR, WITHDRAW_FOR
from letters.organising.drafting.beginnings import blank
from letters.organising.drafting.parts import with_toml
from letters.organising.drafting.previews import preview_letter
from letters.organising.drafting.rule_parts import PRESETS
from letters.organising.drafting.starters import invitation, privacy_notice
from letters.vocabularies.languages import LANGUAGES
from tests.letters.organising.drafting.writers import whole_text


@pytest.mark.parametrize("spoken", LANGUAGES)
@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("custody", ["team", "offline"])
def test_there_is_one_in_every_language_for_every_rule(spoken: str, preset: str, custody: str) -> None:
    letter = preview_letter(with_toml(whole_text(demo="safe-staffing"), custody=custody, **PRESETS[preset]))
    notice = privacy_notice(letter, spoken, None)
    assert letter.responsible["name"][spoken] in notice
    assert "letters@example.org" in notice
    assert not set("{}[]") & set(notice)
    mail = invitation(letter, spoken, "https://undersigned.example/letters/x")
    assert "https://undersigned.example/letters/x" in mail.body
    assert letter.texts[spoken].title in mail.subject


def test_every_rule_makes_another_notice() -> None:
    rules = [(custody, preset) for custody in ("team", "offline") for preset in PRESETS.values()]
    letters = [preview_letter(with_toml(whole_text(), custody=custody, **preset)) for custody, preset in rules]
    notices = {privacy_notice(letter, "en", until) for letter in letters for until in (None, date(2027, 3, 1))}
    assert len(notices) == 8


def test_a_protected_notice_names_its_numbers() -> None:
    notice = privacy_notice(preview_letter(blank("en")), "en", date(2027, 3, 1))
    assert "10 such entries" in notice
    assert "6 hours" in notice
    assert "1 March 2027" in notice


def test_what_is_not_written_yet_is_a_blank_in_brackets() -> None:
    assert privacy_notice(preview_letter(blank("en")), "en", None).count("[") == 2


def test_only_what_signers_may_choose_is_explained() -> None:
    notice = privacy_notice(preview_letter(with_toml(whole_text(), display=["counted"])), "en", None)
    assert ("Only counted" in notice, "pseudonym" in notice) == (True, False)


def test_the_days_that_it_promises_are_those_that_are_kept() -> None:
    notice = privacy_notice(preview_letter(blank("en")), "en", None)
    assert f"{WITHDRAW_FOR.days} days after the letter closes" in notice
    assert f"{IDENTITIES_FOR.days} days after closing" in notice
