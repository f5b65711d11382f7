"""When a letter's next edition comes, and what is missing for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from letters.models.letters import LetterRow, LetterState
from letters.organising.watching.counts import Counts
from letters.publishing.clockwork import clock_state
from letters.publishing.editions import interval_passed, needed_to_move

PATIENCE = timedelta(minutes=10)
"""How late something may be before organisers are told: a busy server catches up by itself."""


class Stage(StrEnum):
    """What the next edition waits for."""

    OPENING = "opening"
    COMPLETED = "completed"
    LOCKDOWN = "lockdown"
    NEWS = "news"
    MORE = "more"
    TIME = "time"
    DUE = "due"
    LATE = "late"


@dataclass(frozen=True)
class NextEdition:
    """What the next edition waits for. `moving` signatures come or go with it, of the `needed` ones; it does not come
    before `not_before`, where that is still ahead."""

    stage: Stage
    moving: int
    needed: int
    not_before: datetime | None

    @property
    def missing(self) -> int:
        return max(0, self.needed - self.moving)


def foresee(letter: LetterRow, counts: Counts, now: datetime) -> NextEdition:
    """What is missing for the next edition, by the rule that releases it (`publishing.editions.check_due`)."""
    not_before = None
    if letter.tended_at is not None and not interval_passed(letter, now):
        not_before = letter.tended_at + timedelta(seconds=letter.edition_every)
    needed = needed_to_move(letter)
    stage = _barred(letter, now) or _stage(counts, needed, not_before)
    if stage is Stage.DUE and is_neglected(letter, now):
        stage = Stage.LATE
    return NextEdition(stage, counts.moving, needed, not_before)


def _barred(letter: LetterRow, now: datetime) -> Stage | None:
    """Why no edition comes at all, for now."""
    if clock_state(letter, now) in (LetterState.DRAFT, LetterState.SCHEDULED):
        return Stage.OPENING
    if letter.completed:
        return Stage.COMPLETED
    return Stage.LOCKDOWN if letter.locked_on is not None else None


def _stage(counts: Counts, needed: int, not_before: datetime | None) -> Stage:
    if needed > 1 and counts.moving < needed:
        return Stage.MORE  # with or without changes: who begins to wait for a pact has changed, and shows nowhere
    if not counts.moving and not counts.changed:
        return Stage.NEWS
    return Stage.TIME if not_before is not None else Stage.DUE


def is_neglected(letter: LetterRow, now: datetime) -> bool:
    """Whether no worker seems to look after the letter: one begins a new interval as soon as the last has passed, and
    writes down when the letter opens and closes."""
    if letter.completed or letter.state == LetterState.DRAFT.value:
        return False
    if clock_state(letter, now - PATIENCE) is not LetterState(letter.state):
        return True
    return letter.tended_at is not None and now - letter.tended_at > timedelta(seconds=letter.edition_every) + PATIENCE
