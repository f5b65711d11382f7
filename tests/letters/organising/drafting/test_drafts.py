"""Drafts in the database: nothing that was written is lost, and nobody writes over somebody unawares."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.drafts import DraftRow
from letters.models.teams import TeamRow, TrailRow
from letters.organising.drafting.beginnings import blank
from letters.organising.drafting.drafts import (
    DraftGone,
    Overtaken,
    Stored,
    TooLong,
    create,
    read_draft,
    save_part,
    set_preview,
)
from letters.organising.drafting.parts import Part, PrivacyPart, Side, TextPart
from letters.organising.drafting.public_parts import PeoplePart
from letters.organising.needs import LARGEST
from letters.organising.teams.trail import Act, Doing
from letters.runtime import Runtime

MINE, THEIRS = TextPart("en", "Mine", "My text\n"), TextPart("en", "Theirs", "Their text\n")


@pytest.fixture
def doing(runtime: Runtime) -> Doing:
    def found(session: Session) -> int:
        team = TeamRow(name="Team Example")
        session.add(team)
        session.flush()
        return team.id

    return Doing(runtime.settle(found), bytes(16), runtime.clock())


@pytest.fixture
def draft_id(runtime: Runtime, doing: Doing) -> bytes:
    return runtime.settle(lambda session: create(session, doing, blank("en"), secrets.token_bytes))


def seen(kind: type[Part], stored: Stored) -> str:
    return kind.of(Side(stored.text, "en")).seen


def read(runtime: Runtime, draft_id: bytes) -> Stored:
    with runtime.reading() as session:
        return read_draft(session, draft_id)


def save(runtime: Runtime, doing: Doing, draft_id: bytes, part: Part, shown: str) -> Stored:
    return runtime.settle(lambda session: save_part(session, doing, draft_id, part, shown))


def test_a_new_draft_is_traced(runtime: Runtime, draft_id: bytes) -> None:
    with runtime.reading() as session:
        assert session.scalars(select(TrailRow.act)).all() == [Act.DRAFTED.value]
    assert read(runtime, draft_id).version == 1


def test_a_saved_part_is_read_again_and_gives_the_draft_its_title(
    runtime: Runtime, doing: Doing, draft_id: bytes
) -> None:
    save(runtime, doing, draft_id, MINE, seen(TextPart, read(runtime, draft_id)))
    stored = read(runtime, draft_id)
    assert (TextPart.of(Side(stored.text, "en")), stored.version) == (MINE, 2)
    with runtime.reading() as session:
        assert session.scalars(select(DraftRow.title)).one() == "Mine"


def test_who_saves_over_a_change_is_told_and_shown_it(runtime: Runtime, doing: Doing, draft_id: bytes) -> None:
    shown = seen(TextPart, read(runtime, draft_id))
    save(runtime, doing, draft_id, THEIRS, shown)
    with pytest.raises(Overtaken) as told:
        save(runtime, doing, draft_id, MINE, shown)
    assert told.value.theirs == THEIRS
    assert TextPart.of(Side(read(runtime, draft_id).text, "en")) == THEIRS
    save(runtime, doing, draft_id, MINE, told.value.theirs.seen)
    assert TextPart.of(Side(read(runtime, draft_id).text, "en")) == MINE


def test_two_who_write_different_parts_do_not_disturb_each_other(
    runtime: Runtime, doing: Doing, draft_id: bytes
) -> None:
    first = read(runtime, draft_id)
    people = PeoplePart({"en": "Example"}, "letters@example.org", ())
    save(runtime, doing, draft_id, MINE, seen(TextPart, first))
    save(runtime, doing, draft_id, people, seen(PeoplePart, first))
    text = read(runtime, draft_id).text
    assert (TextPart.of(Side(text, "en")), PeoplePart.of(Side(text))) == (MINE, people)


def test_of_two_saves_at_once_one_wins_and_the_other_is_told(runtime: Runtime, doing: Doing, draft_id: bytes) -> None:
    shown, start = seen(TextPart, read(runtime, draft_id)), Barrier(2)

    def race(part: TextPart) -> tuple[TextPart, Part | None]:
        start.wait()
        try:
            save(runtime, doing, draft_id, part, shown)
        except Overtaken as refusal:
            return part, refusal.theirs
        return part, None

    with ThreadPoolExecutor(2) as both:
        results = dict(both.map(race, (MINE, THEIRS)))
    winner, loser = sorted(results, key=lambda part: results[part] is not None)
    assert results == {winner: None, loser: winner}
    assert TextPart.of(Side(read(runtime, draft_id).text, "en")) == winner


def test_a_text_as_large_as_a_file_may_be_is_kept_and_one_byte_more_is_not(
    runtime: Runtime, doing: Doing, draft_id: bytes
) -> None:
    shown = seen(PrivacyPart, read(runtime, draft_id))
    stored = save(runtime, doing, draft_id, PrivacyPart("en", "я" * (LARGEST // 2)), shown)
    with pytest.raises(TooLong):
        save(runtime, doing, draft_id, PrivacyPart("en", "я" * (LARGEST // 2) + "x"), seen(PrivacyPart, stored))
    assert read(runtime, draft_id).text.privacy["en"] == "я" * (LARGEST // 2)


@pytest.mark.parametrize("strange", ["\x00", "\u2028", "\ufffd", "\x1f", "\ufeff", "𐍈"])
def test_strange_characters_do_not_hurt_the_database(
    runtime: Runtime, doing: Doing, draft_id: bytes, strange: str
) -> None:
    part = PrivacyPart("en", f"a{strange}b")
    save(runtime, doing, draft_id, part, seen(PrivacyPart, read(runtime, draft_id)))
    titled = TextPart("en", f"T{strange}t", "text\n")
    save(runtime, doing, draft_id, titled, seen(TextPart, read(runtime, draft_id)))
    assert read(runtime, draft_id).text.privacy["en"] == f"a{strange}b"


def test_a_draft_that_is_gone_says_so(runtime: Runtime, doing: Doing) -> None:
    with pytest.raises(DraftGone):
        save(runtime, doing, bytes(16), MINE, "")


def test_a_preview_handle_can_be_taken_back(runtime: Runtime, draft_id: bytes) -> None:
    runtime.settle(lambda session: set_preview(session, draft_id, b"p" * 16))
    assert read(runtime, draft_id).preview == b"p" * 16
    runtime.settle(lambda session: set_preview(session, draft_id, None))
    assert read(runtime, draft_id).preview is None
