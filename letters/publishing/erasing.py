"""Deleting signatures of which nothing is to be left, with all that hangs on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy.orm import Session

from letters.models.samples import SampleRow, SampleState
from letters.models.signatures import SignatureRow, SubscriptionRow
from verification.mailbox.outbox import remove_updates

CHUNK = 500
"""Rows named in one statement."""

IN_BULK = {"synchronize_session": False}
"""For statements over many rows: those that a session has loaded are not looked through."""


def erase_signatures(session: Session, *which: ColumnElement[bool]) -> int:
    """Delete the signatures that fit all of `which`, and their subscriptions; returns how many there were."""
    gone = session.execute(delete(SignatureRow).where(*which).returning(SignatureRow.id), execution_options=IN_BULK)
    ids = gone.scalars().all()
    erase_subscriptions(session, ids)
    return len(ids)


def erase_subscriptions(session: Session, ids: Sequence[bytes]) -> None:
    """Delete the subscriptions of these signatures, and the updates that wait to be mailed to them."""
    for chunk in chunks(ids):
        of_them = delete(SubscriptionRow).where(SubscriptionRow.signature_id.in_(chunk))
        session.execute(of_them, execution_options=IN_BULK)
        remove_updates(session, chunk)


def end_samples(session: Session, letter_id: int, today: date) -> None:
    """Give up the press samples of a letter that are open, and erase who could be drawn in them and who was."""
    is_open = SampleRow.letter_id == letter_id, SampleRow.ended_on.is_(None)
    ended = {"state": SampleState.DROPPED.value, "ended_on": today, "frame": None, "drawn": None}
    session.execute(update(SampleRow).where(*is_open).values(ended), execution_options=IN_BULK)


def chunks(ids: Sequence[bytes]) -> list[Sequence[bytes]]:
    """The ids in portions that one statement can name."""
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
