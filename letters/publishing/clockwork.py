"""What happens to letters by the clock alone: opening, closing, removals, and forgetting."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.editions import EntryRow
from letters.models.letters import LetterRow, LetterState
from letters.models.values import WITHDRAW_FOR, state_by_clock
from letters.publishing.editions import interval_passed
from letters.publishing.entries import Printer
from verification.identity.keyring import Keyring


def advance_state(letter: LetterRow, now: datetime) -> bool:
    """Write down the state that the clock has brought; True when it changed."""
    state = state_by_clock(LetterState(letter.state), letter.opens_at, letter.closes_at, now)
    if state.value == letter.state:
        return False
    enter_state(letter, state, now)
    return True


def enter_state(letter: LetterRow, state: LetterState, now: datetime) -> None:
    """Change a letter's state; closing notes the day."""
    letter.state = state.value
    letter.revision += 1
    if state is LetterState.CLOSED:
        letter.closed_on = letter.closed_on or now.date()


def has_leaving(session: Session, letter_id: int) -> bool:
    """Whether entries wait to be taken away."""
    query = select(EntryRow.position).where(EntryRow.letter_id == letter_id, EntryRow.leaving.is_(True)).limit(1)
    return session.execute(query).first() is not None


def take_away(session: Session, letter: LetterRow, printer: Printer, now: datetime) -> int:
    """Remove hidden and withdrawn names once the interval has passed, without an edition; returns how many."""
    if not interval_passed(letter, now):
        return 0
    removed = printer.remove_leaving(session, letter.id)
    if removed:
        letter.removals += 1
        letter.tended_at = now
    return removed


def forget(letter: LetterRow, keyring: Keyring, now: datetime) -> bool:
    """Destroy the dedupe key once the days for changes are over; True when it was destroyed now."""
    if letter.forgotten or letter.closed_on is None or now.date() <= letter.closed_on + WITHDRAW_FOR:
        return False
    keyring.destroy_dedupe(letter.slug)
    letter.forgotten = True
    letter.revision += 1
    return True
