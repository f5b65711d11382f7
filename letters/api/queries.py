"""What the resources read: editions with the heads of their logs, and the public list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.editions import EditionRow
from letters.models.heads import Head, heads_at
from letters.models.values import Edition


@dataclass(frozen=True)
class Released:
    """An edition, the one before it, and the log's head with it."""

    edition: Edition
    before: Edition | None
    head: Head | None


def editions(session: Session, letter_id: int, first: int, last: int) -> Sequence[Released]:
    """The editions from number `first` to `last`, the oldest first."""
    wanted = EditionRow.letter_id == letter_id, EditionRow.number.between(first - 1, last)
    rows = session.scalars(select(EditionRow).where(*wanted).order_by(EditionRow.number))
    found = {row.number: Edition.of(row) for row in rows}
    shown = [edition for number, edition in found.items() if number >= first]
    heads = heads_at(session, letter_id, [edition.log_size for edition in shown if edition.log_size])
    return [Released(edition, found.get(edition.number - 1), heads.get(edition.log_size or 0)) for edition in shown]
