"""What a voiding would throw out: how many signatures, and some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.letters import LetterRow
from letters.models.signatures import SignatureRow
from letters.organising.defending.batches import count_voidable
from letters.organising.defending.deciding import What
from letters.organising.defending.looking import LINE, Line, line_of
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
        query = select(*LINE).where(*which).order_by(SignatureRow.id).limit(SOME - len(examples))
        examples += [line_of(row) for row in session.execute(query)]
    return Voidable(count_voidable(session, letter, what), examples)
