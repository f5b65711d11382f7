"""What a voiding would throw out: how many signatures, and some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.letters import LetterRow
from letters.models.signatures import Display, SignatureRow, SignatureState, Standing, Suspicion
from letters.organising.defending.batches import count_voidable
from letters.organising.defending.deciding import What
from letters.organising.defending.looking import Line
from letters.organising.defending.running import voidable

SOME = 10
"""Examples on a page."""


@dataclass(frozen=True)
class Voidable:
    """How many of the chosen signatures can be voided now, and the first few of them in the order of the list."""

    count: int
    examples: Sequence[Line]


def look_at_voidable(session: Session, letter_id: int, what: What) -> Voidable:
    """What voiding would do at this moment."""
    letter = session.get_one(LetterRow, letter_id)
    examples: list[Line] = []
    for which in voidable(letter, what):
        query = select(SignatureRow).where(*which).order_by(SignatureRow.id).limit(SOME - len(examples))
        examples += [_line(row) for row in session.scalars(query)]
    return Voidable(count_voidable(session, letter, what), examples)


def _line(row: SignatureRow) -> Line:
    return Line(
        id=row.id,
        state=SignatureState(row.state),
        held_for=Suspicion(row.held_for) if row.held_for else None,
        profession=row.profession,
        region=row.region,
        standing=Standing(row.standing),
        display=Display(row.display),
        released=row.edition,
        batch=row.batch,
    )
