"""Deleting signatures of which nothing is to be left, with all that hangs on them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete
from sqlalchemy.orm import Session

from letters.models.signatures import SignatureRow, SubscriptionRow

CHUNK = 500
"""Rows named in one statement."""


def erase_signatures(session: Session, *which: ColumnElement[bool]) -> int:
    """Delete the signatures that fit all of `which`, and their subscriptions; returns how many there were."""
    gone = session.execute(delete(SignatureRow).where(*which).returning(SignatureRow.id), execution_options=_NO_SYNC)
    ids = gone.scalars().all()
    for chunk in chunks(ids):
        of_them = delete(SubscriptionRow).where(SubscriptionRow.signature_id.in_(chunk))
        session.execute(of_them, execution_options=_NO_SYNC)
    return len(ids)


def chunks(ids: Sequence[bytes]) -> list[Sequence[bytes]]:
    """The ids in portions that one statement can name."""
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]


_NO_SYNC = {"synchronize_session": False}
