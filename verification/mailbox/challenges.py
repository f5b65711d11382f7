"""Challenges: mailed, single-use proofs of a mailbox, and the lasting one behind a private link.

A challenge knows an opaque subject (the id of what is proven) and no address. It is spent by a conditional update, so
two racing clicks spend it once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CTE,
    CheckConstraint,
    ColumnElement,
    Date,
    FromClause,
    LargeBinary,
    Row,
    String,
    bindparam,
    delete,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from verification.database import Base, Moment, table_of

ID_BYTES = 16


class Kind(StrEnum):
    """Why the challenge exists."""

    CONFIRM = "confirm"
    MANAGE = "manage"
    INVITE = "invite"
    RESET = "reset"


class Outcome(StrEnum):
    """How a challenge ended."""

    CONFIRMED = "confirmed"
    DECLINED = "declined"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Challenge:
    """A challenge as other rooms see it; `shown_until` is when its `/signed/` page stops showing the private link."""

    id: bytes
    kind: Kind
    subject: bytes
    outcome: Outcome | None
    shown_until: datetime | None


class ChallengeRow(Base):
    __tablename__ = "challenges"
    __table_args__ = (
        CheckConstraint("kind IN ('confirm', 'manage', 'invite', 'reset')", name="kind"),
        CheckConstraint("outcome IN ('confirmed', 'declined', 'superseded', 'withdrawn')", name="outcome"),
        CheckConstraint("kind = 'manage' OR expires_on IS NOT NULL", name="confirm_expires"),
        CheckConstraint("length(id) = 16", name="id_length"),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    subject: Mapped[bytes] = mapped_column(LargeBinary(16), index=True)
    outcome: Mapped[str | None] = mapped_column(String(16))
    expires_on: Mapped[date | None] = mapped_column(Date)
    shown_until: Mapped[datetime | None] = mapped_column(Moment)


def open_challenge(session: Session, id: bytes, kind: Kind, subject: bytes, expires_on: date | None) -> None:
    """Record a new challenge under a random `id` of 16 bytes."""
    session.execute(_INSERT, {"id": id, "kind": kind.value, "subject": subject, "expires_on": expires_on})


def open_challenges(session: Session, subjects: Mapping[bytes, bytes], kind: Kind, expires_on: date | None) -> None:
    """Record new challenges of one kind: their random ids of 16 bytes, and the subject of each."""
    same = {"kind": kind.value, "expires_on": expires_on}
    if subjects:
        session.execute(_INSERT_ALL, [{"id": id, "subject": subject, **same} for id, subject in subjects.items()])


def find_challenge(session: Session, id: bytes) -> Challenge | None:
    """The challenge, or None when there never was one or it was swept away."""
    return find_challenges(session, [id]).get(id)


def find_challenges(session: Session, ids: Sequence[bytes]) -> dict[bytes, Challenge]:
    """The challenges by their ids, without those that never were or were swept away."""
    rows = session.execute(select(*_COLUMNS).where(ChallengeRow.id.in_(ids))).all() if ids else []
    return {row.id: _value(row) for row in rows}


def challenge_about(session: Session, kind: Kind, subject: bytes) -> Challenge | None:
    """The open challenge of this kind about a subject."""
    query = select(*_COLUMNS).where(
        ChallengeRow.subject == subject, ChallengeRow.kind == kind.value, ChallengeRow.outcome.is_(None)
    )
    row = session.execute(query).first()
    return _value(row) if row else None


def spend(session: Session, id: bytes, outcome: Outcome, shown_until: datetime | None = None) -> bytes | None:
    """Spend an open challenge and return its subject; None when it was spent already or is not there."""
    spent: bytes | None = session.execute(
        _SPEND, {"challenge": id, "ended": outcome.value, "until": shown_until}
    ).scalar()
    return spent


def spend_instead(session: Session, id: bytes, outcome: Outcome) -> None:
    """Correct, in the transaction that spent it, how a challenge ended."""
    statement = update(ChallengeRow).where(ChallengeRow.id == id)
    session.execute(statement.values(outcome=outcome.value, shown_until=None))


def spend_all_about(session: Session, subjects: Sequence[bytes], outcome: Outcome) -> list[bytes]:
    """Spend every open challenge about these subjects; returns the subjects that have no open one now.

    One that somebody else is spending at this moment is left to them: to wait for each other would be a deadlock.
    """
    still_open = ChallengeRow.subject.in_(subjects), ChallengeRow.outcome.is_(None)
    free = session.scalars(select(ChallengeRow.id).where(*still_open).with_for_update(skip_locked=True)).all()
    session.execute(update(ChallengeRow).where(ChallengeRow.id.in_(free)).values(outcome=outcome.value))
    busy = set(session.scalars(select(ChallengeRow.subject).where(*still_open)))
    return [subject for subject in subjects if subject not in busy]


def sweep_challenges(session: Session, now: datetime) -> None:
    """Remove what expired before today, and the minute until which a private link was shown."""
    expired = delete(ChallengeRow).where(ChallengeRow.expires_on < now.date())
    shown = update(ChallengeRow).where(ChallengeRow.shown_until <= now).values(shown_until=None)
    session.execute(expired)
    session.execute(shown)


_table = table_of(ChallengeRow)
_INSERT = insert(_table)
_INSERT_ALL = _INSERT.returning(_table.c.id)  # with that, SQLAlchemy makes one statement of many rows
_SPEND = (
    update(_table)
    .where(_table.c.id == bindparam("challenge"), _table.c.outcome.is_(None))
    .values(outcome=bindparam("ended"), shown_until=bindparam("until"))
    .returning(_table.c.subject)
)
SPENT = _SPEND.cte("spent")
"""`spend` as the beginning of one longer statement, where the database takes such; its column is `subject`."""


def opened_for(kind: Kind, subjects: FromClause, subject: ColumnElement[bytes]) -> CTE:
    """`open_challenge`, under the parameter `opened`, for the one subject that an earlier part names, if any."""
    new = select(bindparam("opened", type_=LargeBinary), literal(kind.value), subject).select_from(subjects)
    return insert(_table).from_select(["id", "kind", "subject"], new).cte("opened_now")


_COLUMNS = (
    ChallengeRow.id,
    ChallengeRow.kind,
    ChallengeRow.subject,
    ChallengeRow.outcome,
    ChallengeRow.shown_until,
)


def _value(row: Row[bytes, str, bytes, str | None, datetime | None]) -> Challenge:
    outcome = Outcome(row.outcome) if row.outcome else None
    return Challenge(row.id, Kind(row.kind), row.subject, outcome, row.shown_until)
