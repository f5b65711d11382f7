"""Workers that live: each tells it once a minute, and nothing else. No row says anything about a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import CheckConstraint, LargeBinary, delete, exists, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from verification.database import Base, Moment
from verification.mailbox.outbox import About, OutboxRow, State

ALIVE = timedelta(minutes=5)
"""A worker that was not seen for so long is none: a mail server that never answers may hold one up for minutes."""
FORGOTTEN = timedelta(hours=1)
"""After so long the row of a killed worker is swept out."""
MINUTE = timedelta(minutes=1)
SLOT = timedelta(minutes=10)


class WorkerRow(Base):
    """One worker: the minute in which it was seen last, and the end of the ten minutes since when it has found mail
    waiting each time it looked; none once it finds none. Mail of updates does not count, it is sent slowly; nor does
    what the caps of an address or a domain put off."""

    __tablename__ = "workers"
    __table_args__ = (CheckConstraint("length(id) = 16", name="id_length"),)

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    queue_since: Mapped[datetime | None] = mapped_column(Moment)


@dataclass(frozen=True)
class Living:
    """How many workers live, and since when all of them have found mail waiting; None when one found none."""

    workers: int
    queue_since: datetime | None

    def queue_age(self, now: datetime) -> int:
        """Whole slots, in seconds, for which mail has waited without a pause."""
        if self.queue_since is None:
            return 0
        return max(0, (now - self.queue_since) // SLOT) * int(SLOT.total_seconds())


def beat(session: Session, id: bytes, now: datetime) -> None:
    """Tell that a worker lives, and whether mail waits. A new one goes on from what the others have found."""
    row = session.get(WorkerRow, id)
    since = row.queue_since if row else living(session, now).queue_since
    if row is None:
        session.add(row := WorkerRow(id=id))
    row.seen_at = _floor(now, MINUTE)
    row.queue_since = (since or _floor(now, SLOT) + SLOT) if _mail_waits(session, now) else None


def leave(session: Session, id: bytes) -> None:
    """Forget a worker that stops."""
    session.execute(delete(WorkerRow).where(WorkerRow.id == id))


def living(session: Session, now: datetime) -> Living:
    """The workers that were seen lately. One that a clock has put into the future was not: nobody may be left who
    sweeps it out."""
    lately = WorkerRow.seen_at > now - ALIVE, WorkerRow.seen_at < now + ALIVE
    since = session.scalars(select(WorkerRow.queue_since).where(*lately)).all()
    found = [moment for moment in since if moment is not None]
    return Living(len(since), max(found) if found and len(found) == len(since) else None)


def sweep_workers(session: Session, now: datetime) -> None:
    """Forget workers that were killed, and those that a clock has put into the future."""
    gone = or_(WorkerRow.seen_at < now - FORGOTTEN, WorkerRow.seen_at > now + FORGOTTEN)
    session.execute(delete(WorkerRow).where(gone))


def _mail_waits(session: Session, now: datetime) -> bool:
    """Whether mail is due or has failed. What our own caps put off is not: anybody could keep one such mail waiting."""
    waits = OutboxRow.state == State.WAITING.value, OutboxRow.about != About.UPDATE.value
    due = or_(OutboxRow.due_at.is_(None), OutboxRow.due_at <= now, OutboxRow.failures > 0)
    return bool(session.scalar(select(exists().where(*waits, due))))


def _floor(moment: datetime, step: timedelta) -> datetime:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + (moment - epoch) // step * step
