"""What the public pages read: editions and decisions. Nothing newer than the last edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from letters.models.decisions import DecisionRow
from letters.models.editions import EditionRow
from letters.models.log import LogHeadRow
from letters.models.values import Edition

POINTS = 60
"""Editions that a growth chart shows at most."""


@dataclass(frozen=True)
class Decision:
    """What organisers decided about `count` signatures, and why: a code, or a line of text."""

    decided_on: date
    accepted: bool
    reason: str | None
    count: int


@dataclass(frozen=True)
class Line:
    """One edition in the history; `log_size` and `root` are None for one from before there were logs."""

    number: int
    released_at: datetime
    signatures: int
    withdrawn: int
    voided: int
    log_size: int | None
    root: bytes | None

    @property
    def total(self) -> int:
        return self.signatures - self.withdrawn - self.voided


def find_edition(session: Session, letter_id: int, number: int) -> Edition | None:
    row = session.get(EditionRow, (letter_id, number))
    return Edition.of(row) if row else None


def history(session: Session, letter_id: int, last: int) -> list[Edition]:
    """At most `POINTS` editions up to number `last`, evenly spread, the first and the last among them."""
    wanted = sorted({1 + round(step * (last - 1) / (POINTS - 1)) for step in range(POINTS)}) if last else []
    rows = session.scalars(
        select(EditionRow)
        .where(EditionRow.letter_id == letter_id, EditionRow.number.in_(wanted))
        .order_by(EditionRow.number)
    )
    return [Edition.of(row) for row in rows]


def every_edition(session: Session, letter_id: int, last: int) -> list[Line]:
    """All editions up to number `last`, the oldest first, without their cells."""
    head = and_(LogHeadRow.letter_id == EditionRow.letter_id, LogHeadRow.size == EditionRow.log_size)
    rows = session.execute(
        select(
            EditionRow.number,
            EditionRow.released_at,
            EditionRow.signatures,
            EditionRow.withdrawn,
            EditionRow.voided,
            EditionRow.log_size,
            LogHeadRow.root,
        )
        .outerjoin(LogHeadRow, head)
        .where(EditionRow.letter_id == letter_id, EditionRow.number <= last)
        .order_by(EditionRow.number)
    )
    return [Line(*row) for row in rows]


def latest_editions(session: Session, letter_id: int, last: int, most: int) -> Sequence[Edition]:
    """At most so many editions up to number `last`, the newest first."""
    rows = session.scalars(
        select(EditionRow)
        .where(EditionRow.letter_id == letter_id, EditionRow.number <= last)
        .order_by(EditionRow.number.desc())
        .limit(most)
    )
    return [Edition.of(row) for row in rows]


def last_without_log(session: Session, letter_id: int) -> int:
    """The number of the last edition from before the letter had a log, 0 when there is none."""
    without = EditionRow.letter_id == letter_id, EditionRow.log_size.is_(None)
    return session.scalar(select(func.max(EditionRow.number)).where(*without)) or 0


def decisions(session: Session, letter_id: int) -> list[Decision]:
    """What organisers decided about signatures, the latest first."""
    rows = session.scalars(
        select(DecisionRow).where(DecisionRow.letter_id == letter_id).order_by(DecisionRow.position.desc())
    )
    return [Decision(row.decided_on, row.act == "accepted", row.reason, row.count) for row in rows]
