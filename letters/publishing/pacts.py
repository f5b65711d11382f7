"""Pacts: names that wait for one another, the one edition that shows them, and the closing that erases them.

A name that waits (`SignatureRow.pact`) is printed nowhere and counted as unnamed. Whether enough have agreed is
decided by an edition alone, from what it counts. The edition that its letter's closing releases is the last that can
keep the pact. Once that was tried, whatever came of it, a pact that is not kept has lapsed and the names are erased: no
lockdown, no failure, and nobody whose signature waits alone for an edition puts that off. Nor does anybody wait for a
pact that was kept: who stood aside until then is `named`, and shown by the edition that counts them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, defer

from letters.models.batches import BatchRow, BatchState
from letters.models.editions import TallyRow
from letters.models.letters import CLOSED, LetterRow, LetterState
from letters.models.pacts import PactRow
from letters.models.signatures import Display, SignatureRow, SignatureState
from letters.models.values import state_by_clock
from letters.publishing.changes import change_of
from letters.publishing.erasing import IN_BULK
from letters.publishing.voiding import IS_ASIDE, in_batch

NEVER_SHOWN = {"display": Display.COUNTED.value, "name_box": None, "pact": False}
"""The columns of a signature whose name waited in vain: it is in the total only, and nothing says that it waited."""

NO_LONGER_WAITS = {"pact": False, "news": or_(SignatureRow.news, SignatureRow.edition.is_not(None))}
"""The columns of a signature that stood aside when its pact was kept: the edition that counts it shows its name, or, if
it was counted before and is let go of again, the next one."""


def awaits_closing_edition(session: Session, letter: LetterRow) -> bool:
    """Whether a letter has closed and its pact is neither kept nor lapsed: its next edition is the last to keep it."""
    pact = session.get(PactRow, letter.id) if letter.state in CLOSED else None
    return pact is not None and pact.kept_in is None and not pact.lapsed


def would_be_kept(session: Session, letter_id: int, rows: Sequence[SignatureRow]) -> bool:
    """Whether an edition that takes these rows is the one that keeps its letter's pact: with it `needed` signatures are
    counted that are `named`, whether they wait or not."""
    pact = session.get(PactRow, letter_id)
    if pact is None or pact.lapsed or pact.kept_in is not None:
        return False
    return _count_public(session, letter_id, rows) + _count_waiting(session, letter_id, rows) >= pact.needed


def with_names_to_show(
    session: Session, letter_id: int, number: int, rows: Sequence[SignatureRow]
) -> list[SignatureRow]:
    """The rows that edition `number` takes, and those whose name it shows because their letter's pact is kept, by this
    edition or an earlier one; none of these waits any more.

    Once it is kept only those are left that stood aside then: held, being voided, or not confirmed.
    """
    pact = session.get(PactRow, letter_id)
    if pact is None or not (pact.kept_in or would_be_kept(session, letter_id, rows)):
        return list(rows)
    known = {row.id for row in rows}
    taken = [*rows, *(row for row in _waiting(session, letter_id) if row.id not in known)]
    waiting = list(filter(_waits, taken))
    if pact.kept_in is None and _count_public(session, letter_id, rows) + len(waiting) < pact.needed:
        return list(rows)  # somebody has changed their mind between the count and the lock
    pact.kept_in = pact.kept_in or number
    for row in waiting:
        row.pact = False
    session.flush()
    return taken


def lapse(session: Session, letter: LetterRow) -> None:
    """Erase the names that wait for the pact of a locked letter that has closed without keeping it, whatever state
    their signatures are in; where it is kept, nobody waits any more. It may be done again: a form that was on its way
    comes late."""
    if letter.state in CLOSED:
        _end(session, letter.id)


def lapse_overdue(session: Session, now: datetime) -> None:
    """The same for every letter that is closed by the clock, written down or not, and with no edition before: of rows
    that come from an old copy, where those are back who have left or changed since. The tables may be older, too: only
    these columns are asked for."""
    times = select(LetterRow.id, LetterRow.state, LetterRow.opens_at, LetterRow.closes_at)
    with_pact = times.join(PactRow, PactRow.letter_id == LetterRow.id)
    for letter_id, state, opens_at, closes_at in session.execute(with_pact).all():
        if state_by_clock(LetterState(state), opens_at, closes_at, now).value in CLOSED:
            _end(session, letter_id)


def erase_unseen(session: Session, letter_id: int) -> None:
    """Erase the names of a letter's held signatures, waiting or not: no edition comes any more that could show them."""
    held = SignatureRow.letter_id == letter_id, IS_ASIDE, SignatureRow.state == SignatureState.HELD.value
    named = SignatureRow.display == Display.NAMED.value
    session.execute(update(SignatureRow).where(*held, named).values(**NEVER_SHOWN), execution_options=IN_BULK)


def asking_to_lapse(session: Session) -> set[int]:
    """The letters of which `lapse` would change something."""
    holds = exists().where(SignatureRow.letter_id == PactRow.letter_id, SignatureRow.pact.is_(True))
    undecided = and_(PactRow.kept_in.is_(None), PactRow.lapsed.is_(False))
    ended = LetterRow.state.in_(CLOSED), or_(undecided, holds)
    return set(session.scalars(select(PactRow.letter_id).join(LetterRow).where(*ended)))


def _end(session: Session, letter_id: int) -> None:
    ends = select(PactRow.kept_in, PactRow.lapsed).where(PactRow.letter_id == letter_id)
    pact = session.execute(ends).one_or_none()
    if pact is None:
        return
    if pact.kept_in is None and not pact.lapsed:
        session.execute(update(PactRow).where(PactRow.letter_id == letter_id).values(lapsed=True))
        session.execute(update(LetterRow).where(LetterRow.id == letter_id).values(revision=LetterRow.revision + 1))
    waiting = SignatureRow.letter_id == letter_id, SignatureRow.pact.is_(True)
    ended = NEVER_SHOWN if pact.kept_in is None else NO_LONGER_WAITS
    session.execute(update(SignatureRow).where(*waiting).values(**ended), execution_options=IN_BULK)


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
