"""What happens to letters by the clock alone: opening, closing, removals, and forgetting."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from letters.models.letters import LetterRow, LetterState
from letters.models.signatures import SignatureRow, SignatureState
from letters.models.values import WITHDRAW_FOR, identities_until, state_by_clock
from letters.publishing.editions import interval_passed
from letters.publishing.entries import remove_leaving
from letters.publishing.erasing import IN_BULK, chunks, end_samples, erase_signatures, erase_subscriptions
from verification.identity.keyring import Keyring

ERASED_AT_ONCE = 10_000
"""Signatures whose identities one transaction erases, in half a second: on SQLite nobody else can write meanwhile."""


def clock_state(letter: LetterRow, now: datetime) -> LetterState:
    """The state that the clock has brought, written down or not."""
    return state_by_clock(LetterState(letter.state), letter.opens_at, letter.closes_at, now)


def advance_state(letter: LetterRow, now: datetime) -> None:
    """Write down the state that the clock has brought."""
    state = clock_state(letter, now)
    if state.value != letter.state:
        enter_state(letter, state, now)


def enter_state(letter: LetterRow, state: LetterState, now: datetime) -> None:
    """Change a letter's state; opening starts its intervals, closing notes the day and releases what waits at once.

    A letter that the clock closed was closed on that day, however late it is written down: signers were told days that
    follow from it.
    """
    letter.state = state.value
    letter.revision += 1
    if state is LetterState.OPEN and letter.tended_at is None:
        letter.tended_at = now
    if state is LetterState.CLOSED:
        letter.closed_on, letter.tended_at = min(now, letter.closes_at or now).date(), None


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


def destroy_copies(session: Session, keyring: Keyring) -> None:
    """Destroy, in this machine's own key folder, the keys of letters that have forgotten or erased already: another
    machine's worker did, or somebody has put an old copy back."""
    gone = or_(LetterRow.forgotten, LetterRow.erased)
    for slug, forgotten, erased in session.execute(
        select(LetterRow.slug, LetterRow.forgotten, LetterRow.erased).where(gone)
    ):
        if forgotten:
            keyring.destroy_dedupe(slug)
        if erased:
            keyring.destroy_identities(slug)


def must_erase(letter: LetterRow, now: datetime) -> bool:
    """Whether the announced day for sealed identities has passed and they are still there."""
    until = identities_until(letter.identities_until, letter.closed_on, letter.closes_at)
    return not letter.erased and letter.closed_on is not None and until is not None and now.date() > until


def erase(session: Session, letter: LetterRow, keyring: Keyring, now: datetime) -> None:
    """Delete sealed identities once their day has passed, some with each call, and first of all the key without which
    no backup of them opens."""
    if must_erase(letter, now):
        end_samples(session, letter.id, now.date())
        erase_identities(session, letter, keyring, ERASED_AT_ONCE)
        letter.revision += letter.erased


def erase_identities(session: Session, letter: LetterRow, keyring: Keyring, at_most: int | None = None) -> None:
    """Destroy the key around a letter's sealed identities, then delete them, the index of their addresses, that their
    signers let a journalist ask, and the addresses of those who asked for news: of `at_most` so many signatures. The
    letter is `erased` when none is left."""
    keyring.destroy_identities(letter.slug)
    sealed = SignatureRow.letter_id == letter.id, SignatureRow.address_index.is_not(None)
    ids = session.scalars(select(SignatureRow.id).where(*sealed).limit(at_most)).all()
    for some in chunks(ids):
        named = SignatureRow.id.in_(some)
        erase_signatures(session, named, SignatureRow.state == SignatureState.PENDING.value)
        gone = update(SignatureRow).where(named).values(sealed=None, address_index=None, press=False)
        session.execute(gone, execution_options=IN_BULK)
        erase_subscriptions(session, some)
    letter.erased = at_most is None or len(ids) < at_most
