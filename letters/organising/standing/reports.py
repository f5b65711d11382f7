"""Signatures that were gathered elsewhere: organisers report how many, and only the number is kept."""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from letters.models.standing import Gathered, UnverifiedRow
from letters.organising.standing.errors import BadNumber
from letters.organising.teams.trail import Act, Doing, record
from letters.publishing.editions import lock_letter

MOST = 10_000_000
"""Signatures in a report."""

_SPACES = str.maketrans("", "", " \u00a0\u202f")


def parse_number(typed: str) -> int:
    """A number as people write it, perhaps with spaces between thousands. Raises `BadNumber`."""
    digits = typed.translate(_SPACES)
    if not digits.isascii() or not digits.isdigit() or len(digits) > len(str(MOST)) or not 1 <= int(digits) <= MOST:
        raise BadNumber(f"Write a whole number between 1 and {MOST}.")
    return int(digits)


def report(session: Session, doing: Doing, slug: str, gathered: Gathered, count: int, today: date) -> None:
    """Say how many signatures there are of one kind; an earlier report of that kind goes."""
    letter = lock_letter(session, slug)
    of_letter = UnverifiedRow.letter_id == letter.id
    last = session.scalar(select(func.max(UnverifiedRow.position)).where(of_letter)) or 0
    session.execute(delete(UnverifiedRow).where(of_letter, UnverifiedRow.gathered == gathered.value))
    values = {"gathered": gathered.value, "count": count, "reported_on": today}
    session.add(UnverifiedRow(letter_id=letter.id, position=last + 1, **values))
    letter.revision += 1
    record(session, doing, Act.UNVERIFIED_REPORTED, count=count, reason=gathered)


def remove_report(session: Session, doing: Doing, slug: str, gathered: Gathered) -> None:
    """Take back the report of one kind, if there is one; the trail has it as a report of 0."""
    letter = lock_letter(session, slug)
    of_kind = UnverifiedRow.letter_id == letter.id, UnverifiedRow.gathered == gathered.value
    if session.execute(delete(UnverifiedRow).where(*of_kind).returning(UnverifiedRow.position)).first() is None:
        return
    letter.revision += 1
    record(session, doing, Act.UNVERIFIED_REPORTED, count=0, reason=gathered)
