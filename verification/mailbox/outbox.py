"""Mail that waits: rows in the request's own transaction, sent by whoever holds their lease.

A row is leased for some seconds, sent, and settled under the same lease; a worker that was paused past its lease
settles nothing. The address is encrypted under the key `outbox` and gone with the row once the server has taken it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    Index,
    Integer,
    LargeBinary,
    String,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from verification.database import Base, Moment, table_of

PAUSES = (30, 120, 600, 1800, 3600, 7200, 14400, 28800)
"""Seconds before each further attempt; after the last the row is a dead letter."""


class About(StrEnum):
    """What a mail is about, so that the right room writes it."""

    SIGNATURE = "signature"
    ACCOUNT = "account"
    UPDATE = "update"


class State(StrEnum):
    """Whether a row is still to be sent."""

    WAITING = "waiting"
    DEAD = "dead"


@dataclass(frozen=True)
class Waiting:
    """One leased mail: what it is about, in which language, to which encrypted address, after how many failures.

    `number` is an update's, whose box is empty: the address stays where the subscription is, and ends with it.
    """

    id: bytes
    about: About
    subject: bytes
    number: int | None
    challenge: bytes | None
    language: str
    address_box: bytes
    failures: int

    @classmethod
    def of(cls, row: Any) -> Waiting:
        return cls(**{**row._asdict(), "about": About(row.about)})


@dataclass(frozen=True)
class Backlog:
    """How many mails wait and how many are dead letters."""

    waiting: int
    dead: int


_IN_BULK = {"synchronize_session": False}

UPDATES = "about = 'update'"
"""Which rows are of updates; in these words, because only then the index of them serves."""


class OutboxRow(Base):
    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'dead')", name="state"),
        CheckConstraint("about IN ('signature', 'account', 'update')", name="about"),
        CheckConstraint("(about = 'update') = (number IS NOT NULL)", name="update_has_number"),
        CheckConstraint("(lease IS NULL) = (leased_until IS NULL)", name="lease_whole"),
        CheckConstraint("failures >= 0", name="failures"),
        CheckConstraint("state = 'waiting' OR due_at IS NULL", name="dead_without_time"),
        CheckConstraint("length(id) = 16", name="id_length"),
        Index("ix_outbox_waiting", "state", "id"),
        Index("ix_outbox_updates", "subject", sqlite_where=text(UPDATES), postgresql_where=text(UPDATES)),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    subject: Mapped[bytes] = mapped_column(LargeBinary(16))
    challenge: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    language: Mapped[str] = mapped_column(String(8))
    address_box: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(8))
    failures: Mapped[int] = mapped_column(Integer)
    last_failure: Mapped[str | None] = mapped_column(String(80))
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    expires_on: Mapped[date] = mapped_column(Date)
    lease: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    leased_until: Mapped[datetime | None] = mapped_column(Moment)
    about: Mapped[str] = mapped_column(String(9))
    number: Mapped[int | None] = mapped_column(Integer)


@dataclass(frozen=True)
class NewMail:
    """A mail to be queued; `address_box` is bound to `subject`, and empty where the address lies elsewhere."""

    id: bytes
    subject: bytes
    language: str
    address_box: bytes
    expires_on: date
    about: About = About.SIGNATURE
    number: int | None = None
    challenge: bytes | None = None


def enqueue(session: Session, mail: NewMail) -> None:
    """Queue one mail, due at once, given up after its last day."""
    session.execute(_INSERT, _as_row(mail))


def enqueue_all(session: Session, mails: Sequence[NewMail]) -> None:
    """Queue many, in this order."""
    session.execute(_INSERT, [_as_row(mail) for mail in mails])


def _as_row(mail: NewMail) -> dict[str, Any]:
    return {**vars(mail), "about": mail.about.value, "state": State.WAITING.value, "failures": 0}


_TABLE = table_of(OutboxRow)
_INSERT = insert(_TABLE)
_REMEMBER = update(_TABLE).where(_TABLE.c.id == bindparam("mail")).values(challenge=bindparam("carries"))


def lease_due(session: Session, lease: bytes, now: datetime, seconds: float, at_most: int) -> list[Waiting]:
    """Lease up to `at_most` due mails for `seconds` under the random name `lease`; others skip them meanwhile.

    Nothing says which mail came first: ids are random, and the search begins at a random one, so that none is left
    over for long while others come. Mails of updates come last, one at a time: whoever has just filled in a form waits
    for one of them at most.
    """
    is_update = OutboxRow.about == About.UPDATE.value
    ids = _free(session, lease, now, at_most, ~is_update) or _free(session, lease, now, 1, is_update)
    return _hold(session, ids, lease, now, seconds)


def _free(session: Session, start: bytes, now: datetime, at_most: int, which: ColumnElement[bool]) -> list[bytes]:
    """Ids of due mails that nobody holds, from `start` on and then from the first, locked."""
    due = (
        select(OutboxRow.id)
        .where(
            OutboxRow.state == State.WAITING.value,
            or_(OutboxRow.due_at.is_(None), OutboxRow.due_at <= now),
            or_(OutboxRow.leased_until.is_(None), OutboxRow.leased_until <= now),
            which,
        )
        .order_by(OutboxRow.id)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    )
    ids = list(session.execute(due.where(OutboxRow.id >= start)).scalars())
    if len(ids) < at_most:
        ids += session.execute(due.where(OutboxRow.id < start)).scalars()
    return ids[:at_most]


def renew(session: Session, ids: Sequence[bytes], lease: bytes, now: datetime, seconds: float) -> list[Waiting]:
    """Lease mails for `seconds` more, and return them as they stand now, without those whose lease was lost.

    Without those, too, that somebody is removing at this moment: nobody waits for anybody.
    """
    mine = select(OutboxRow.id).where(OutboxRow.id.in_(ids), OutboxRow.lease == lease)
    free = session.scalars(mine.with_for_update(skip_locked=True)).all()
    return _hold(session, free, lease, now, seconds)


def _hold(session: Session, ids: Sequence[bytes], lease: bytes, now: datetime, seconds: float) -> list[Waiting]:
    statement = (
        update(OutboxRow)
        .where(OutboxRow.id.in_(ids))
        .values(lease=lease, leased_until=now + timedelta(seconds=seconds))
        .returning(*_COLUMNS)
    )
    return [Waiting.of(row) for row in session.execute(statement, execution_options=_IN_BULK)] if ids else []


def release(session: Session, ids: Sequence[bytes], lease: bytes) -> None:
    """Give leased mails back: others may take them at once."""
    mine = update(OutboxRow).where(OutboxRow.id.in_(ids), OutboxRow.lease == lease)
    session.execute(mine.values(lease=None, leased_until=None), execution_options=_IN_BULK)


def remember_challenges(session: Session, carried: Mapping[bytes, bytes]) -> None:
    """Note which challenge each of these mails carries, so that a second attempt carries the same."""
    if carried:
        session.execute(_REMEMBER, [{"mail": id, "carries": challenge} for id, challenge in carried.items()])


def settle(session: Session, ids: Sequence[bytes], leases: Collection[bytes]) -> list[bytes]:
    """Remove mails that the server has taken; returns which, without those whose lease was lost meanwhile."""
    statement = delete(OutboxRow).where(OutboxRow.id.in_(ids), OutboxRow.lease.in_(leases)).returning(OutboxRow.id)
    return list(session.scalars(statement, execution_options=_IN_BULK))


def postpone(session: Session, mail: Waiting, lease: bytes, reason: str, now: datetime) -> State:
    """Put a mail back for its next attempt, or make it a dead letter after the last; `reason` names no person."""
    if mail.failures >= len(PAUSES):
        return bury(session, mail, lease, reason)
    return _fail(session, mail, lease, reason, State.WAITING, now + timedelta(seconds=PAUSES[mail.failures]))


def defer(session: Session, id: bytes, lease: bytes, due_at: datetime) -> None:
    """Put a mail back until `due_at` for no fault of its own: no failure is counted."""
    statement = update(OutboxRow).where(OutboxRow.id == id, OutboxRow.lease == lease)
    session.execute(statement.values(due_at=due_at, lease=None, leased_until=None))


def bury(session: Session, mail: Waiting, lease: bytes, reason: str) -> State:
    """Make a mail a dead letter, without a time: the server will never take it."""
    return _fail(session, mail, lease, reason, State.DEAD, None)


def retry_dead(session: Session) -> int:
    """Queue every dead letter again (the host mended the mail server); returns how many."""
    statement = (
        update(OutboxRow)
        .where(OutboxRow.state == State.DEAD.value)
        .values(state=State.WAITING.value, failures=0)
        .returning(OutboxRow.id)
    )
    return len(session.execute(statement).all())


def backlog(session: Session) -> Backlog:
    """Counts of the queue."""
    counts = dict(session.execute(select(OutboxRow.state, func.count()).group_by(OutboxRow.state)).all())
    return Backlog(counts.get(State.WAITING.value, 0), counts.get(State.DEAD.value, 0))


def waiting_updates(session: Session, now: datetime) -> tuple[int, int]:
    """How many mails of updates wait at all, and how many of them are due now."""
    due = func.count().filter(or_(OutboxRow.due_at.is_(None), OutboxRow.due_at <= now))
    query = select(func.count(), due).where(text(UPDATES), OutboxRow.state == State.WAITING.value)
    waiting, due_now = session.execute(query).one()
    return waiting, due_now


def remove_updates(session: Session, subjects: Sequence[bytes]) -> None:
    """Remove the mails of updates that wait for these subjects."""
    session.execute(delete(OutboxRow).where(text(UPDATES), OutboxRow.subject.in_(subjects)), execution_options=_IN_BULK)


def sweep_outbox(session: Session, now: datetime) -> None:
    """Remove mails whose day has passed, dead letters and their addresses among them."""
    session.execute(delete(OutboxRow).where(OutboxRow.expires_on < now.date()))


def _fail(session: Session, mail: Waiting, lease: bytes, reason: str, state: State, due_at: datetime | None) -> State:
    statement = (
        update(OutboxRow)
        .where(OutboxRow.id == mail.id, OutboxRow.lease == lease)
        .values(
            state=state.value,
            failures=mail.failures + 1,
            last_failure=reason[:80],
            due_at=due_at,
            lease=None,
            leased_until=None,
        )
    )
    session.execute(statement)
    return state


_COLUMNS = (
    OutboxRow.id,
    OutboxRow.about,
    OutboxRow.subject,
    OutboxRow.number,
    OutboxRow.challenge,
    OutboxRow.language,
    OutboxRow.address_box,
    OutboxRow.failures,
)
