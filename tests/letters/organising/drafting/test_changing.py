"""What may change in an open letter changes, is traced, and nothing else does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.letters import LetterRow, LetterState
from letters.models.teams import LetterTeamRow, TeamRow, TrailRow
from letters.organising.drafting.beginnings import NotTheirs, copy_of
from letters.organising.drafting.changing import (
    ClosesAtOnce,
    NotOpenYet,
    Step,
    change_letter,
    take_step,
)
from letters.organising.drafting.drafts import Overtaken
from letters.organising.drafting.parts import LetterPart, Part, PrivacyPart, Side
from letters.organising.drafting.public_parts import ClosingPart, CorrectionPart, DeliveryPart, PeoplePart
from letters.organising.folder import BadFolder, Draft, folder_text, problems_of
from letters.organising.loading import LetterFrozen, WrongState, load, open_letter
from letters.organising.stored import stored_draft
from letters.organising.teams.trail import Doing
from letters.runtime import Runtime
from tests.parts.campaign import demo_draft
from tests.parts.clock import Clock

SAID = {"ru": "Вместо 12 — 21.", "be": "Замест 12 — 21.", "en": "Not 12 but 21."}
SLUG = "stop-the-violence"
Change = Callable[[Part], None]


@pytest.fixture
def doing(runtime: Runtime) -> Doing:
    """The team of an open demo letter."""

    def verb(session: Session) -> Doing:
        draft, _pair = demo_draft()
        row = load(session, draft, (), runtime.clock())
        open_letter(row, runtime.keyring, runtime.clock())
        team = TeamRow(name="Team Example")
        session.add(team)
        session.flush()
        session.add(LetterTeamRow(letter_id=row.id, team_id=team.id))
        return Doing(team.id, bytes(16), runtime.clock(), row.id)

    return runtime.settle(verb)


@pytest.fixture
def change(runtime: Runtime, doing: Doing) -> Change:
    """Put a part in, as whoever has just seen what stands there."""

    def put(part: Part) -> None:
        seen = type(part).of(Side(folder_text(stored(runtime)), getattr(part, "spoken", ""))).seen
        runtime.settle(lambda session: change_letter(session, doing, SLUG, part, seen, ()))

    return put


def row_of(session: Session) -> LetterRow:
    return session.scalars(select(LetterRow)).one()


def stored(runtime: Runtime) -> Draft:
    with runtime.reading() as session:
        return stored_draft(session, row_of(session))


def trail(runtime: Runtime) -> list[tuple[str, str | None]]:
    with runtime.reading() as session:
        return [(row.act, row.reason) for row in session.scalars(select(TrailRow).order_by(TrailRow.id))]


def state(runtime: Runtime) -> str:
    with runtime.reading() as session:
        return str(row_of(session).state)


def test_corrections_are_added_and_traced(runtime: Runtime, change: Change) -> None:
    change(CorrectionPart(0, "2026-12-01", SAID))
    change(CorrectionPart(0, "2026-12-02", SAID))
    assert [item.dated.day for item in stored(runtime).corrections] == [1, 2]
    assert trail(runtime) == [("corrected", None)] * 2


def test_of_two_corrections_at_once_the_second_is_told(runtime: Runtime, doing: Doing, change: Change) -> None:
    seen = CorrectionPart.of(Side(folder_text(stored(runtime)))).seen
    change(CorrectionPart(0, "2026-12-01", SAID))
    with pytest.raises(Overtaken):
        runtime.settle(
            lambda session: change_letter(session, doing, SLUG, CorrectionPart(0, "2026-12-01", SAID), seen, ())
        )
    assert len(stored(runtime).corrections) == 1


def test_a_correction_needs_every_language(change: Change) -> None:
    with pytest.raises(BadFolder):
        change(CorrectionPart(0, "2026-12-01", {**SAID, "be": ""}))


def test_what_may_change_changes(runtime: Runtime, change: Change, clock: Clock) -> None:
    closes = (clock() + timedelta(days=9)).replace(tzinfo=None)
    change(ClosingPart(closes.isoformat(), "7"))
    change(DeliveryPart("2026-12-03", SAID))
    change(PeoplePart(SAID, "new@example.org", ()))
    change(PrivacyPart("be", "Новая нататка"))
    draft = stored(runtime)
    assert (draft.goal, draft.delivered_on, draft.answer) == (7, date(2026, 12, 3), SAID)
    assert (draft.responsible["contact"], draft.first_signatories) == ("new@example.org", [])
    assert draft.texts["be"].privacy == "Новая нататка"
    assert trail(runtime) == [
        ("changed", "schedule"), ("delivered", None), ("changed", "people"), ("changed", "privacy"),
    ]  # fmt: skip


def test_what_was_signed_does_not(runtime: Runtime, doing: Doing, change: Change) -> None:
    before = stored(runtime)
    with pytest.raises(LetterFrozen):
        change(LetterPart("stop-the-violence", ("ru", "be", "en"), SAID))
    assert stored(runtime) == before
    assert trail(runtime) == []


def test_a_closing_time_that_has_passed_does_not_close_by_the_way(change: Change, clock: Clock) -> None:
    with pytest.raises(ClosesAtOnce):
        change(ClosingPart((clock() - timedelta(minutes=1)).isoformat(), "7"))


def test_a_letter_pauses_goes_on_closes_and_is_archived(runtime: Runtime, doing: Doing) -> None:
    steps = {Step.PAUSE: "paused", Step.RESUME: "open", Step.CLOSE: "closed", Step.ARCHIVE: "archived"}
    for step, wanted in steps.items():
        for _twice in range(2):
            take(runtime, doing, step)
        assert state(runtime) == wanted
    assert [act for act, _reason in trail(runtime)] == ["paused", "resumed", "closed", "archived"]


@pytest.mark.parametrize("step", [Step.PAUSE, Step.RESUME])
def test_what_is_closed_stays_closed(runtime: Runtime, doing: Doing, step: Step) -> None:
    take(runtime, doing, Step.CLOSE)
    with pytest.raises(WrongState):
        take(runtime, doing, step)
    assert state(runtime) == LetterState.CLOSED


def test_an_open_letter_is_closed_before_it_is_archived(runtime: Runtime, doing: Doing) -> None:
    with pytest.raises(WrongState):
        take(runtime, doing, Step.ARCHIVE)


def test_a_letter_that_waits_is_neither_changed_nor_opened_here(runtime: Runtime, clock: Clock) -> None:
    def verb(session: Session) -> Doing:
        draft, _pair = demo_draft(opens_at=clock() + timedelta(days=1))
        row = load(session, draft, (), clock())
        open_letter(row, runtime.keyring, clock())
        session.add(TeamRow(id=1, name="Team Example"))
        return Doing(1, bytes(16), clock(), row.id)

    waiting = runtime.settle(verb)
    part = ClosingPart("", "5")
    seen = ClosingPart.of(Side(folder_text(stored(runtime)))).seen
    with pytest.raises(NotOpenYet):
        runtime.settle(lambda session: change_letter(session, waiting, SLUG, part, seen, ()))
    with pytest.raises(WrongState):
        take(runtime, waiting, Step.RESUME)


def test_a_copy_brings_neither_key_nor_days_nor_what_came_after(runtime: Runtime, doing: Doing, change: Change) -> None:
    change(CorrectionPart(0, "2026-12-01", SAID))
    change(DeliveryPart("2026-12-03", SAID))
    with runtime.reading() as session:
        copy = copy_of(session, doing.team_id, SLUG)
    assert copy.toml["slug"] == f"{SLUG}-2"
    assert not {"public_key", "opens", "closes", "identities_until", "corrections", "delivered"} & set(copy.toml)
    assert copy.texts == folder_text(stored(runtime)).texts
    assert problems_of(copy) == []


def test_only_the_teams_own_letters_are_copied(runtime: Runtime, doing: Doing) -> None:
    with runtime.reading() as session, pytest.raises(NotTheirs):
        copy_of(session, replace(doing, team_id=doing.team_id + 1).team_id, SLUG)


def take(runtime: Runtime, doing: Doing, step: Step) -> None:
    runtime.settle(lambda session: take_step(session, doing, SLUG, step, runtime.keyring))
