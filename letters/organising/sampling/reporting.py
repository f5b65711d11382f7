"""The end of a sample: what the journalist confirmed, or that it was given up. Its lists are erased either way."""

from __future__ import annotations

from sqlalchemy.orm import Session

from letters.models.letters import LetterRow
from letters.models.samples import SampleRow, SampleState
from letters.organising.sampling.drawing import lock_sample
from letters.organising.sampling.errors import BadConfirmed, Ended, NotDrawn
from letters.organising.teams.trail import Act, Doing, record


def report(session: Session, doing: Doing, slug: str, number: int, typed: str) -> None:
    """Publish how many of those drawn the journalist confirmed. Raises `NoSuchSample`, `NotDrawn` or `BadConfirmed`."""
    letter, row = lock_sample(session, slug, number)
    if row.state != SampleState.DRAWN.value:
        raise NotDrawn("The sample is not drawn yet, or has ended.")
    confirmed = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else -1
    if not 0 <= confirmed <= (row.found or 0):
        raise BadConfirmed(f"Write how many were confirmed, between 0 and {row.found}.")
    row.confirmed = confirmed
    _end(letter, row, SampleState.REPORTED, doing)
    record(session, doing, Act.SAMPLE_REPORTED, count=confirmed)


def drop(session: Session, doing: Doing, slug: str, number: int) -> None:
    """Give a sample up, which readers see. Raises `NoSuchSample` or `Ended`."""
    letter, row = lock_sample(session, slug, number)
    if row.ended_on is not None:
        raise Ended("The sample was reported or given up already.")
    _end(letter, row, SampleState.DROPPED, doing)
    record(session, doing, Act.SAMPLE_DROPPED)


def _end(letter: LetterRow, row: SampleRow, state: SampleState, doing: Doing) -> None:
    row.state, row.ended_on, row.frame, row.drawn = state.value, doing.now.date(), None, None
    letter.revision += 1
