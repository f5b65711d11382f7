"""Proofs of work and waiting tickets that were used: each is good once.

The row is part of the transaction that uses it up, so a proof is spent when, and only when, what it paid for is kept.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, Index, LargeBinary, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from verification.database import Base, table_of
from verification.errors import Refusal


class AlreadySpent(Refusal):
    """The proof was used before."""


class SpentProofRow(Base):
    __tablename__ = "spent_proofs"
    __table_args__ = (
        CheckConstraint("length(id) = 32", name="id_length"),
        Index("ix_spent_proofs_expires_on", "expires_on"),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_on: Mapped[date] = mapped_column(Date)


def spend_proof(session: Session, id: bytes, expires_on: date) -> None:
    """Use up the proof called `id` (32 bytes), of no use to anybody after the day `expires_on`.

    Raises `AlreadySpent`; of two that race for one, the later finds it spent.
    """
    statement = _INSERT[session.get_bind().dialect.name]
    if session.execute(statement, {"id": id, "expires_on": expires_on}).first() is None:
        raise AlreadySpent("The proof was used before.")


def sweep_spent(session: Session, now: datetime) -> None:
    """Forget proofs that are of no use any more."""
    session.execute(delete(SpentProofRow).where(SpentProofRow.expires_on < now.date()))


_TABLE = table_of(SpentProofRow)
_INSERT = {
    "sqlite": sqlite.insert(_TABLE).on_conflict_do_nothing().returning(_TABLE.c.id),
    "postgresql": postgresql.insert(_TABLE).on_conflict_do_nothing().returning(_TABLE.c.id),
}
