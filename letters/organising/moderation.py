"""Deciding over held signatures on the command line: accepting what is genuine, voiding the rest for good.

Both stand on the letter's count page at once. The workspace does the same by `defending`, where voiding can be undone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from letters.models.decisions import DecisionRow
from letters.models.letters import LetterRow
from letters.models.signatures import SignatureRow, SignatureState, Suspicion
from letters.organising.defending.deciding import HELD, NothingFits, TooLate, Which, chosen, let_in, move
from letters.organising.defending.filters import Filter
from letters.publishing.editions import lock_letter
from letters.publishing.erasing import erase_subscriptions
from letters.publishing.voiding import GONE, IS_ASIDE, publish
from verification.errors import Refusal

__all__ = ["BadReason", "NothingHeld", "Selection", "TooLate", "accept", "count_held", "void"]

LONGEST_REASON = 500
"""Characters of a public reason."""


class NothingHeld(NothingFits):
    """No held signature fits what was asked for."""


class BadReason(Refusal):
    """A public reason is one line of text."""


@dataclass(frozen=True)
class Selection:
    """Which of a letter's held signatures: those held for one suspicion, those named in `only`, or all."""

    slug: str
    suspicion: Suspicion | None = None
    only: Sequence[bytes] | None = None


def count_held(session: Session, letter_id: int) -> Mapping[Suspicion, int]:
    """How many signatures of a letter are held for each suspicion."""
    query = select(SignatureRow.held_for, func.count()).where(SignatureRow.letter_id == letter_id, IS_ASIDE, HELD)
    counts = dict(session.execute(query.group_by(SignatureRow.held_for)).all())
    return {suspicion: counts.get(suspicion.value, 0) for suspicion in Suspicion}


def accept(session: Session, selection: Selection, today: date) -> int:
    """Let held signatures be counted with the next edition; returns how many. Raises `NothingHeld` or `TooLate`."""
    letter = lock_letter(session, selection.slug)
    try:
        return let_in(session, letter, _selected(letter, selection), today)
    except NothingFits:
        raise _nothing_held(letter) from None


def void(session: Session, selection: Selection, reason: str, today: date) -> int:
    """Throw held signatures out for a public reason, for good; returns how many.

    What is public about them, and their subscriptions, are erased; their addresses cannot sign again. No edition has
    counted them, so none counts them as voided. Raises `NothingHeld` or `BadReason`.
    """
    if not reason.strip() or not reason.isprintable() or len(reason) > LONGEST_REASON:
        raise BadReason(f"Give a public reason: one line of at most {LONGEST_REASON} characters.")
    letter = lock_letter(session, selection.slug)
    try:
        decided = move(session, _selected(letter, selection), {**GONE, "news": False})
    except NothingFits:
        raise _nothing_held(letter) from None
    erase_subscriptions(session, decided)
    decision = DecisionRow(act="voided", reason=reason.strip(), count=len(decided), decided_on=today)
    publish(session, letter, decision)
    return len(decided)


def _selected(letter: LetterRow, selection: Selection) -> list[Which]:
    wanted = Filter(state=SignatureState.HELD, held_for=selection.suspicion)
    (which,) = chosen(letter, wanted)
    if selection.only is None:
        return [which]
    return [(*which, *one) for one in chosen(letter, selection.only)]


def _nothing_held(letter: LetterRow) -> NothingHeld:
    return NothingHeld(f"No held signature of {letter.slug} fits. `undersigned held {letter.slug}` counts them.")
