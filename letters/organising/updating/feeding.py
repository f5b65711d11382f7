"""Feeding the outbox with an update, a few subscribers at a time, each once.

The place reached (`cursor`) and the mails up to it are written in one transaction, so whoever is ended in the middle
has done all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from letters.models.letters import LetterRow
from letters.models.updates import UpdateRow, UpdateState
from letters.organising.updating.subscribers import subscribers_after
from letters.runtime import Runtime
from verification.mailbox.outbox import About, NewMail, enqueue, waiting_updates

AT_ONCE = 20
"""Mails of updates that are due at a time; with `PAUSE` between, 120 a minute."""
AT_MOST = 1000
"""Mails of updates that wait at all, those among them that mail servers have put off."""
PAUSE = 10.0
"""Seconds between two feedings."""
KEPT_FOR = timedelta(days=7)
"""How long mail servers may put a mail off before it is given up."""


def feed_outbox(runtime: Runtime) -> int:
    """Queue the next mails of what is being sent; returns how many."""
    with runtime.reading() as session:
        if session.scalar(select(UpdateRow.number).where(_SENDING).limit(1)) is None:
            return 0
    return runtime.settle(lambda session: feed(session, runtime.chance.token, runtime.clock()))


def feed(session: Session, random_bytes: Callable[[int], bytes], now: datetime) -> int:
    """Queue mails as long as there is room, shared among the letters that send; returns how many."""
    waiting, due = waiting_updates(session, now)
    room = min(AT_ONCE - due, AT_MOST - waiting)
    if room <= 0:
        return 0
    hidden = select(LetterRow.id).where(LetterRow.locked_on.is_not(None) | LetterRow.taken_down_on.is_not(None))
    sending = select(UpdateRow).where(_SENDING, UpdateRow.letter_id.not_in(hidden)).order_by(UpdateRow.letter_id)
    rows = session.scalars(sending.with_for_update(skip_locked=True)).all()
    return sum(_feed(session, row, max(1, room // len(rows)), random_bytes, now) for row in rows)


def _feed(session: Session, row: UpdateRow, at_most: int, random_bytes: Callable[[int], bytes], now: datetime) -> int:
    subscribers = session.execute(subscribers_after(row.letter_id, row.cursor).limit(at_most)).all()
    expires_on = (now + KEPT_FOR).date()
    for signature_id, language in subscribers:
        mail = NewMail(random_bytes(16), signature_id, language, b"", expires_on, About.UPDATE, row.number)
        enqueue(session, mail)
        row.cursor = signature_id
    row.queued += len(subscribers)
    if len(subscribers) < at_most:
        row.state = UpdateState.SENT.value
    session.flush()
    return len(subscribers)


_SENDING = text("state = 'sending'")
