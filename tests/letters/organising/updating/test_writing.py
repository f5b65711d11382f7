"""Drafts of updates: what a text may hold, and two editors at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from letters.organising.updating.writing import (
    LONGEST_BODY,
    LONGEST_SUBJECT,
    BadText,
    ChangedMeanwhile,
    NoSuchUpdate,
    NotADraft,
    drop_update,
    find_update,
    list_updates,
    save_update,
    start_update,
)
from letters.signing.update_mail import UpdateText
from tests.letters.organising.updating.subscribing import begin, subscribe, write
from tests.parts.campaign import Campaign

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


def save(campaign: Campaign, number: int, version: int, text: UpdateText) -> None:
    campaign.runtime.settle(lambda session: save_update(session, campaign.letter.id, number, version, {"en": text}))


def read(campaign: Campaign, number: int) -> UpdateText:
    with campaign.runtime.reading() as session:
        return find_update(session, campaign.letter.id, number).texts["en"]


def test_updates_are_numbered_from_one_and_listed_newest_first(campaign: Campaign) -> None:
    for _ in range(3):
        campaign.runtime.settle(lambda session: start_update(session, campaign.letter.id))
    with campaign.runtime.reading() as session:
        assert [update.number for update in list_updates(session, campaign.letter.id)] == [3, 2, 1]


def test_the_second_of_two_editors_is_told_and_replaces_nothing(campaign: Campaign) -> None:
    number = write(campaign, {})
    save(campaign, number, 2, UpdateText("", "first"))
    with pytest.raises(ChangedMeanwhile):
        save(campaign, number, 2, UpdateText("", "second"))
    assert read(campaign, number).body == "first"
    save(campaign, number, 3, UpdateText("", "second, knowingly"))
    assert read(campaign, number).body == "second, knowingly"


def test_what_is_being_sent_is_neither_changed_nor_deleted(campaign: Campaign) -> None:
    subscribe(campaign, 1)
    number = begin(campaign)
    with pytest.raises(NotADraft):
        save(campaign, number, 3, UpdateText("", "other"))
    with pytest.raises(NotADraft):
        campaign.runtime.settle(lambda session: drop_update(session, campaign.letter.id, number, 3))


def test_of_editors_who_save_at_the_same_moment_one_is_told(campaign: Campaign) -> None:
    number, start = write(campaign, {}), Barrier(4)

    def edit(editor: int) -> bool:
        start.wait()
        try:
            save(campaign, number, 2, UpdateText("", f"editor {editor}"))
        except ChangedMeanwhile:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        saved = list(pool.map(edit, range(4)))
    assert saved.count(True) == 1
    assert read(campaign, number).body == f"editor {saved.index(True)}"


def test_a_deleted_draft_is_gone(campaign: Campaign) -> None:
    number = write(campaign)
    with pytest.raises(ChangedMeanwhile):
        campaign.runtime.settle(lambda session: drop_update(session, campaign.letter.id, number, 1))
    campaign.runtime.settle(lambda session: drop_update(session, campaign.letter.id, number, 2))
    with pytest.raises(NoSuchUpdate):
        save(campaign, number, 2, UpdateText("", "text"))


@sqlite_only
@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        (UpdateText("x" * (LONGEST_SUBJECT + 1), ""), "subject-en", "long-subject"),
        (UpdateText("", "x" * (LONGEST_BODY + 1)), "body-en", "long-body"),
        (UpdateText("", "back\u202ewards"), "body-en", "characters"),
        (UpdateText("null\0", ""), "subject-en", "characters"),
        (UpdateText("", "broken \N{REPLACEMENT CHARACTER}"), "body-en", "characters"),
    ],
)
def test_what_cannot_be_mailed_is_named(campaign: Campaign, text: UpdateText, field: str, reason: str) -> None:
    number = write(campaign, {})
    with pytest.raises(BadText) as refused:
        save(campaign, number, 2, text)
    assert (refused.value.field, refused.value.reason) == (field, reason)


@sqlite_only
def test_a_text_as_long_as_promised_is_kept(campaign: Campaign) -> None:
    number, text = write(campaign, {}), UpdateText("я" * LONGEST_SUBJECT, "я" * LONGEST_BODY)
    save(campaign, number, 2, text)
    assert read(campaign, number) == text


@sqlite_only
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(subject=st.text(max_size=60), body=st.text(max_size=200))
def test_what_is_kept_can_be_a_header_and_plain_lines_and_stays_so(campaign: Campaign, subject: str, body: str) -> None:
    number = write(campaign, {})
    try:
        save(campaign, number, 2, UpdateText(subject, body))
    except BadText:
        return
    kept = read(campaign, number)
    assert len(kept.subject.splitlines()) <= 1
    assert "\r" not in kept.body
    save(campaign, number, 3, kept)
    assert read(campaign, number) == kept
