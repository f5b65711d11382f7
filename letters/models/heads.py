"""A log's head as the other rooms see it: signed, with the cosignatures that have come so far."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.log import CosignatureRow, LogHeadRow, LogRow


@dataclass(frozen=True)
class Cosignature:
    """That a witness saw the head at this moment, by its own clock; `line` is its line of a note, with the newline."""

    witness: str
    at: datetime
    line: str


@dataclass(frozen=True)
class Head:
    """The first `size` leaves of a log, and their root; `note` is None until the worker has signed it.

    `verifier` is the key to check it by, as a C2SP verifier key.
    """

    origin: str
    verifier: str
    size: int
    root: bytes
    note: str | None
    cosignatures: Sequence[Cosignature]

    @property
    def checkpoint(self) -> str:
        """The signed checkpoint with every cosignature, or "" before it is signed."""
        lines = "".join(cosignature.line for cosignature in self.cosignatures)
        return self.note + lines if self.note else ""


def head_at(session: Session, letter_id: int, size: int | None) -> Head | None:
    """A log's head of that size, signed or not; None when there is none."""
    return heads_at(session, letter_id, [size]).get(size) if size else None


def heads_at(session: Session, letter_id: int, sizes: Collection[int]) -> Mapping[int, Head]:
    """By size, as many of these heads as the log has, signed or not."""
    which = LogHeadRow.letter_id == letter_id, LogHeadRow.size.in_(sizes)
    rows = session.execute(select(LogHeadRow, LogRow).join(LogRow).where(*which)).all()
    given = _cosignatures(session, letter_id, [row.size for row, _log in rows])
    return {
        row.size: Head(log.origin, log.verifier, row.size, row.root, row.note, given.get(row.size, []))
        for row, log in rows
    }


def newest_head(session: Session, letter_id: int) -> Head | None:
    """A log's newest signed head."""
    signed = select(LogHeadRow.size).where(LogHeadRow.letter_id == letter_id, LogHeadRow.note.is_not(None))
    return head_at(session, letter_id, session.scalar(signed.order_by(LogHeadRow.size.desc()).limit(1)))


def _cosignatures(session: Session, letter_id: int, sizes: Collection[int]) -> Mapping[int, Sequence[Cosignature]]:
    which = CosignatureRow.letter_id == letter_id, CosignatureRow.size.in_(sizes)
    given: dict[int, list[Cosignature]] = {}
    for row in session.scalars(select(CosignatureRow).where(*which).order_by(CosignatureRow.witness)):
        given.setdefault(row.size, []).append(Cosignature(row.witness, row.cosigned_at, row.line))
    return given
