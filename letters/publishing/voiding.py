"""Voiding: thrown out by a batch, a signature keeps all that it was until an edition makes that final.

Until then the row says only `voided` and `batch`, its entry stays in the public list, and what has counted it goes on
doing so: undoing is exact. One edition makes a whole batch final, never a part of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, bindparam, case, func, select, update
from sqlalchemy.orm import Session

from letters.models.batches import BatchRow, BatchState
from letters.models.decisions import DecisionRow
from letters.models.editions import EntryRow
from letters.models.letters import LetterRow
from letters.models.signatures import Display, SignatureRow, SignatureState, SubscriptionRow
from letters.publishing.erasing import IN_BULK, erase_subscriptions

IS_ASIDE: ColumnElement[bool] = SignatureRow.state.in_(
    bindparam("aside", [SignatureState.HELD.value, SignatureState.VOIDED.value], expanding=True, literal_execute=True)
)
"""The condition of the index `ix_signatures_aside`, in its own words."""

GONE = {
    "state": SignatureState.VOIDED.value,
    "display": Display.COUNTED.value,
    "name_box": None,
    "pseudonym": None,
    "listed": False,
    "held_for": None,
    "batch": None,
    "press": False,
    "pact": False,
}
"""The columns of a signature once it is voided for good; its address cannot sign again."""

BEFORE = {
    "state": case(
        (SignatureRow.held_for.is_not(None), SignatureState.HELD.value), else_=SignatureState.CONFIRMED.value
    ),
    "batch": None,
}
"""The columns of a signature that a batch has thrown out, as they were before."""

_IN_HAND = (BatchState.RUNNING.value, BatchState.UNDOING.value)


def in_batch(letter_id: int, numbers: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
    """The signatures that these batches of a letter have thrown out."""
    voided = SignatureRow.state == SignatureState.VOIDED.value
    return SignatureRow.letter_id == letter_id, IS_ASIDE, voided, SignatureRow.batch.in_(numbers)


def done_batches(session: Session, letter_id: int) -> list[int]:
    """The batches that wait for an edition to make them final."""
    query = select(BatchRow.number).where(BatchRow.letter_id == letter_id, BatchRow.state == BatchState.DONE.value)
    return list(session.scalars(query.order_by(BatchRow.number)))


def has_batch_in_hand(session: Session, letter_id: int) -> bool:
    """Whether a batch is only half done, or half undone."""
    query = select(BatchRow.number).where(BatchRow.letter_id == letter_id, BatchRow.state.in_(_IN_HAND))
    return session.scalar(query.limit(1)) is not None


def count_leaving(session: Session, letter_id: int) -> int:
    """Released signatures that the next edition takes out because a batch is done."""
    numbers = done_batches(session, letter_id)
    if not numbers:
        return 0
    leaving = in_batch(letter_id, numbers), SignatureRow.edition.is_not(None)
    return session.scalar(select(func.count()).select_from(SignatureRow).where(*leaving[0], leaving[1])) or 0


def why_voided(session: Session, letter_id: int, rows: Sequence[SignatureRow]) -> dict[bytes, str]:
    """By id, the reason of each of the rows that a batch has thrown out."""
    batches = {row.id: row.batch for row in rows if row.batch is not None}
    of_them = BatchRow.letter_id == letter_id, BatchRow.number.in_(set(batches.values()))
    reasons = dict(session.execute(select(BatchRow.number, BatchRow.reason).where(*of_them)).all())
    return {id: reasons[number] for id, number in batches.items()}


def make_final(session: Session, letter: LetterRow, today: date) -> None:
    """Make every batch of a locked letter that is done final, and each of them public as one decision.

    What was public of these signatures is erased, and their subscriptions; their entries leave.
    """
    done = BatchRow.letter_id == letter.id, BatchRow.state == BatchState.DONE.value
    for batch in session.scalars(select(BatchRow).where(*done).order_by(BatchRow.number)).all():
        _let_go(session, letter.id, batch.number)
        batch.state = BatchState.FINAL.value
        if batch.done:
            publish(session, letter, DecisionRow(act="voided", reason=batch.reason, count=batch.done, decided_on=today))
    session.flush()


def give_up(session: Session, letter_id: int) -> None:
    """End a locked letter's batches that are proposed or in hand, as if they had never been."""
    in_hand = BatchRow.letter_id == letter_id, BatchRow.state.in_(_IN_HAND)
    numbers = session.scalars(select(BatchRow.number).where(*in_hand)).all()
    back = update(SignatureRow).where(*in_batch(letter_id, numbers)).values(**BEFORE)
    undone = update(BatchRow).where(*in_hand).values(state=BatchState.UNDONE.value, cursor=None, done=0)
    proposed = BatchRow.letter_id == letter_id, BatchRow.state == BatchState.PROPOSED.value
    for statement in (back, undone, update(BatchRow).where(*proposed).values(state=BatchState.DROPPED.value)):
        session.execute(statement, execution_options=IN_BULK)


def publish(session: Session, letter: LetterRow, decision: DecisionRow) -> None:
    """Put a decision on the letter's count page."""
    last = select(func.max(DecisionRow.position)).where(DecisionRow.letter_id == letter.id)
    decision.letter_id, decision.position = letter.id, (session.scalar(last) or 0) + 1
    session.add(decision)
    letter.revision += 1
    session.flush()


def _let_go(session: Session, letter_id: int, number: int) -> None:
    which = in_batch(letter_id, [number])
    ids = select(SignatureRow.id).where(*which)
    subscribed = select(SubscriptionRow.signature_id).where(SubscriptionRow.signature_id.in_(ids))
    erase_subscriptions(session, session.scalars(subscribed).all())
    entries = update(EntryRow).where(EntryRow.letter_id == letter_id, EntryRow.leaving.is_(False))
    for statement in (
        entries.where(EntryRow.signature_id.in_(ids)).values(leaving=True),
        update(SignatureRow).where(*which).values(**GONE, news=SignatureRow.edition.is_not(None)),
    ):
        session.execute(statement, execution_options=IN_BULK)
