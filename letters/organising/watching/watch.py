"""All that a dashboard shows of one letter, read in one snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.batches import BatchRow, BatchState
from letters.models.finding import read_letter
from letters.models.letters import LetterRow, LetterState
from letters.models.values import Letter
from letters.organising.watching.counts import Counts, count_now
from letters.organising.watching.mails import Bounces, Mails, count_bounces, look_at_mails
from letters.organising.watching.next_edition import NextEdition, foresee, is_neglected

UNDER_WAY = (BatchState.PROPOSED, BatchState.RUNNING, BatchState.DONE, BatchState.UNDOING)
"""Batches about which something is still to happen, or can."""


@dataclass(frozen=True)
class BatchLine:
    """A voiding of many; `done` of `count` signatures so far."""

    number: int
    state: str
    reason: str
    count: int
    done: int


@dataclass(frozen=True)
class Watched:
    """A letter as its organisers see it now. `neglected` says that no worker seems to look after it."""

    letter: Letter
    state: LetterState
    counts: Counts
    next: NextEdition
    neglected: bool
    mails: Mails
    bounces: Bounces
    batches: Sequence[BatchLine]


def watch(session: Session, known: Letter, now: datetime) -> Watched:
    """How a letter stands that was `known` a moment ago; the session must see one snapshot throughout."""
    row = session.get_one(LetterRow, known.id)
    letter = known if _is_current(known, row) else read_letter(session, row)
    counts = count_now(session, letter)
    return Watched(
        letter=letter,
        state=letter.state_at(now),
        counts=counts,
        next=foresee(row, counts, now),
        neglected=is_neglected(row, now),
        mails=look_at_mails(session, letter.id, now),
        bounces=count_bounces(session, letter.id),
        batches=_batches(session, letter.id),
    )


def _is_current(known: Letter, row: LetterRow) -> bool:
    """Whether a letter is still as it was when it was read."""
    was = known.stored_state.value, known.revision, known.number, known.removals
    return was == (row.state, row.revision, row.edition, row.removals)


def _batches(session: Session, letter_id: int) -> list[BatchLine]:
    open_ones = BatchRow.letter_id == letter_id, BatchRow.state.in_([state.value for state in UNDER_WAY])
    rows = session.scalars(select(BatchRow).where(*open_ones).order_by(BatchRow.number.desc()))
    return [BatchLine(row.number, row.state, row.reason, row.count, row.done) for row in rows]
