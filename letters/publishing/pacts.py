"""Pacts: names that wait for one another, the one edition that shows them, and the closing that erases them.

A name that waits (`SignatureRow.pact`) is printed nowhere and counted as unnamed. Whether enough have agreed is
decided by an edition alone, from what it counts. The edition that its letter's closing releases is the last that can
keep the pact. Once that was tried, whatever came of it, a pact that is not kept has lapsed and the names are erased: no
lockdown, no failure, and nobody whose signature waits alone for an edition puts that off.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.orm import Session, defer

from letters.models.batches import BatchRow, BatchState
from letters.models.editions import TallyRow
from letters.models.letters import LetterRow, LetterState
from letters.models.pacts import PactRow
from letters.models.signatures import Display, SignatureRow, SignatureState
from letters.models.values import state_by_clock
from letters.publishing.changes import change_of
from letters.publishing.erasing import IN_BULK
from letters.publishing.voiding import in_batch

NEVER_SHOWN = {"display": Display.COUNTED.value, "name_box": None, "pact": False}
"""The columns of a signature whose name waited in vain: it is in the total only, and nothing says that it waited."""

_CLOSED = (LetterState.CLOSED.value, LetterState.ARCHIVED.value)


def with_names_to_show(
    session: Session, letter_id: int, number: int, rows: Sequence[SignatureRow]
) -> list[SignatureRow]:
    """The rows that edition `number` takes, and those whose name it shows because their letter's pact is kept, by this
    edition or an earlier one; none of these waits any more.

    The pact is kept once `needed` signatures that the edition counts are `named`, whether they wait or not. Later only
    those are left that stood aside then: held, being voided, or not confirmed.
    """
    pact = session.get(PactRow, letter_id)
    if pact is None or pact.lapsed:
        return list(rows)
    public = 0 if pact.kept_in else _count_public(session, letter_id, rows)
    if pact.kept_in is None and public + _count_waiting(session, letter_id, rows) < pact.needed:
        return list(rows)
    known = {row.id for row in rows}
    taken = [*rows, *(row for row in _waiting(session, letter_id) if row.id not in known)]
    waiting = list(filter(_waits, taken))
    if pact.kept_in is None and public + len(waiting) < pact.needed:
        return list(rows)  # somebody has changed their mind between the count and the lock
    pact.kept_in = pact.kept_in or number
    for row in waiting:
        row.pact = False
    session.flush()
    return taken


def lapse(session: Session, letter: LetterRow) -> None:
    """Erase the names that wait for the pact of a locked letter that has closed without keeping it, whatever state
    their signatures are in. It may be done again: a form that was on its way comes late."""
    if letter.state in _CLOSED:
        _end(session, letter)


def lapse_overdue(session: Session, now: datetime) -> None:
    """The same for every letter that is closed by the clock, written down or not, and with no edition before: of rows
    that come from an old copy, where those are back who have left or changed since."""
    for letter in session.scalars(select(LetterRow).join(PactRow, PactRow.letter_id == LetterRow.id)).all():
        if state_by_clock(LetterState(letter.state), letter.opens_at, letter.closes_at, now).value in _CLOSED:
            _end(session, letter)


def asking_to_lapse(session: Session) -> set[int]:
    """The letters of which `lapse` would change something."""
    holds = exists().where(SignatureRow.letter_id == PactRow.letter_id, SignatureRow.pact.is_(True))
    ended = PactRow.kept_in.is_(None), LetterRow.state.in_(_CLOSED), or_(PactRow.lapsed.is_(False), holds)
    return set(session.scalars(select(PactRow.letter_id).join(LetterRow).where(*ended)))


def _end(session: Session, letter: LetterRow) -> None:
    pact = session.get(PactRow, letter.id)
    if pact is None or pact.kept_in is not None:
        return
    letter.revision += not pact.lapsed
    pact.lapsed = True
    waiting = SignatureRow.letter_id == letter.id, SignatureRow.pact.is_(True)
    session.execute(update(SignatureRow).where(*waiting).values(**NEVER_SHOWN), execution_options=IN_BULK)
    session.flush()


def _waits(row: SignatureRow) -> bool:
    return row.pact and row.state == SignatureState.CONFIRMED.value


def _of_earlier_editions(letter_id: int) -> tuple[ColumnElement[bool], ...]:
    """Names that wait of signatures that earlier editions counted: all of it is in the index `ix_signatures_pact`."""
    confirmed = SignatureRow.state == SignatureState.CONFIRMED.value
    return (
        SignatureRow.letter_id == letter_id,
        SignatureRow.pact.is_(True),
        confirmed,
        SignatureRow.edition.is_not(None),
    )


def _waiting(session: Session, letter_id: int) -> Sequence[SignatureRow]:
    query = select(SignatureRow).options(defer(SignatureRow.sealed)).where(*_of_earlier_editions(letter_id))
    return session.scalars(query.with_for_update()).all()


def _count_waiting(session: Session, letter_id: int, rows: Sequence[SignatureRow]) -> int:
    earlier = select(func.count()).select_from(SignatureRow).where(*_of_earlier_editions(letter_id))
    return (session.scalar(earlier) or 0) + sum(_waits(row) and row.edition is None for row in rows)


def _count_public(session: Session, letter_id: int, rows: Sequence[SignatureRow]) -> int:
    """How many names are public once these rows are counted, by the tallies and by what is new.

    Those are taken off whose voiding has begun: the last edition counts them still, but they may be fakes.
    """
    tallies = TallyRow.letter_id == letter_id, TallyRow.dimension == "standing"
    before = session.scalar(select(func.sum(TallyRow.count - TallyRow.unnamed)).where(*tallies)) or 0
    changes = [change_of(row) for row in rows]
    moved = sum(bool(change.now and change.now.named) - bool(change.was and change.was.named) for change in changes)
    return before + moved - _count_being_voided(session, letter_id)


def _count_being_voided(session: Session, letter_id: int) -> int:
    in_hand = BatchRow.state.in_((BatchState.RUNNING.value, BatchState.UNDOING.value))
    numbers = session.scalars(select(BatchRow.number).where(BatchRow.letter_id == letter_id, in_hand)).all()
    if not numbers:
        return 0
    named = *in_batch(letter_id, numbers), SignatureRow.printed_named.is_(True)
    return session.scalar(select(func.count()).select_from(SignatureRow).where(*named)) or 0
