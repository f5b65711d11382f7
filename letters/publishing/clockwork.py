"""What happens to letters by the clock alone: opening, closing, removals, and forgetting."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from letters.models.letters import LetterRow, LetterState
from letters.models.signatures import SignatureRow, SignatureState, SubscriptionRow
from letters.models.values import WITHDRAW_FOR, identities_until, state_by_clock
from letters.publishing.editions import interval_passed
from letters.publishing.entries import remove_leaving
from letters.publishing.erasing import erase_signatures
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
    """Change a letter's state; opening starts its intervals, closing notes the day and releases what waits at once."""
    letter.state = state.value
    letter.revision += 1
    if state is LetterState.OPEN and letter.tended_at is None:
        letter.tended_at = now
    if state is LetterState.CLOSED:
        letter.closed_on, letter.tended_at = now.date(), None


def take_away(session: Session, letter: LetterRow, now: datetime) -> int:
    """Remove hidden and withdrawn names without an edition, if the interval has passed; returns how many.

    Either way a new interval begins: pages change on the letter's own beat, never at the moment of somebody's click.
    """
    if not interval_passed(letter, now):
        return 0
    letter.tended_at = now
    removed = remove_leaving(session, letter.id)
    letter.removals += removed > 0
    return removed


def is_ahead(letter: LetterRow, now: datetime) -> bool:
    """Whether the letter's interval began in the future: the clock was set back since."""
    return letter.tended_at is not None and letter.tended_at > now


def mend_beat(letter: LetterRow, now: datetime) -> None:
    """Begin the interval anew after the clock was set back; otherwise everything would wait until it has caught up."""
    if is_ahead(letter, now):
        letter.tended_at = now


def must_forget(letter: LetterRow, now: datetime) -> bool:
    """Whether the days for changes are over and the dedupe key is still there."""
    return not letter.forgotten and letter.closed_on is not None and now.date() > letter.closed_on + WITHDRAW_FOR


def forget(letter: LetterRow, keyring: Keyring, now: datetime) -> None:
    """Destroy the dedupe key once the days for changes are over."""
    if must_forget(letter, now):
        keyring.destroy_dedupe(letter.slug)
        letter.forgotten = True
        letter.revision += 1


def must_erase(letter: LetterRow, now: datetime) -> bool:
    """Whether the announced day for sealed identities has passed and they are still there."""
    until = identities_until(letter.identities_until, letter.closed_on, letter.closes_at)
    return not letter.erased and letter.closed_on is not None and until is not None and now.date() > until


def erase(session: Session, letter: LetterRow, keyring: Keyring, now: datetime) -> None:
    """Delete sealed identities on their day, and the key without which no backup of them opens."""
    if must_erase(letter, now):
        erase_identities(session, letter, keyring)
        letter.revision += 1


def erase_identities(session: Session, letter: LetterRow, keyring: Keyring) -> None:
    """Destroy the key around a letter's sealed identities, then delete them, the index of their addresses, and the
    addresses of those who asked for news."""
    keyring.destroy_identities(letter.slug)
    of_letter = SignatureRow.letter_id == letter.id
    erase_signatures(session, of_letter, SignatureRow.state == SignatureState.PENDING.value)
    subscribed = select(SignatureRow.id).where(of_letter)
    session.execute(
        delete(SubscriptionRow).where(SubscriptionRow.signature_id.in_(subscribed)), execution_options=_ROWS
    )
    gone = update(SignatureRow).where(of_letter, SignatureRow.sealed.is_not(None))
    session.execute(gone.values(sealed=None, address_index=None), execution_options=_ROWS)
    letter.erased = True


_ROWS = {"synchronize_session": False}
