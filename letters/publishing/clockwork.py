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


def clock_state(letter: LetterRow, now: datetime) -> LetterState:
    """The state that the clock has brought, written down or not."""
    return state_by_clock(LetterState(letter.state), letter.opens_at, letter.closes_at, now)


def advance_state(letter: LetterRow, now: datetime) -> None:
    """Write down the state that the clock has brought."""
    state = clock_state(letter, now)
    if state.value != letter.state:
        enter_state(letter, state, now)


def enter_state(letter: LetterRow, state: LetterState, now: datetime) -> None:
    """Change a letter's state; closing notes the day, and lets what waits be released at once."""
    letter.state = state.value
    letter.revision += 1
    if state is LetterState.CLOSED:
        letter.closed_on, letter.tended_at = now.date(), None


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


def must_forget(letter: LetterRow, now: datetime) -> bool:
    """Whether the days for changes are over and the dedupe key is still there."""
    return not letter.forgotten and letter.closed_on is not None and now.date() > letter.closed_on + WITHDRAW_FOR


def forget(letter: LetterRow, keyring: Keyring, now: datetime) -> None:
    """Destroy the dedupe key once the days for changes are over."""
    if must_forget(letter, now):
        keyring.destroy_dedupe(letter.slug)
        letter.forgotten = True
        letter.revision += 1
