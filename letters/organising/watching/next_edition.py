"""When a letter's next edition comes, and what is missing for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from letters.models.finding import policy_of
from letters.models.letters import CLOSED, LetterRow, LetterState
from letters.organising.watching.counts import Counts
from letters.publishing.clockwork import clock_state
from letters.publishing.editions import TOGETHER, interval_passed, needed_to_move

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
    """What the next edition waits for. `moving` signatures come or go with it, of the `needed` ones, as many of them as
    count towards these; it does not come before `not_before`, where that is still ahead."""

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
    moving = counts.moving if _together(letter, counts) >= needed else min(counts.moving, needed - 1)
    closed = clock_state(letter, now) in CLOSED
    stage = _barred(letter, now) or _stage(counts, needed - moving, not_before, several=needed > 1, closed=closed)
    if stage is Stage.DUE and is_neglected(letter, now):
        stage = Stage.LATE
    return NextEdition(stage, moving, needed, not_before)


def _barred(letter: LetterRow, now: datetime) -> Stage | None:
    """Why no edition comes at all, for now."""
    if clock_state(letter, now) in (LetterState.DRAFT, LetterState.SCHEDULED):
        return Stage.OPENING
    if letter.completed:
        return Stage.COMPLETED
    return Stage.LOCKDOWN if letter.locked_on is not None else None


def _together(letter: LetterRow, counts: Counts) -> int:
    """How many come or go with the next edition (`publishing.editions.count_together`)."""
    alone = policy_of(letter).hides and counts.waiting < TOGETHER
    return counts.moving - counts.waiting if alone else counts.moving


def _stage(counts: Counts, missing: int, not_before: datetime | None, *, several: bool, closed: bool) -> Stage:
    idle = not counts.moving and not counts.changed
    if several and missing > 0 and not (closed and idle):
        return Stage.MORE  # idle or not: who begins to wait for a pact has changed, and that shows nowhere
    if idle:
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
