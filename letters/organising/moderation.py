"""Deciding over held signatures: accepting what is genuine, voiding what is not, and saying so in public."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from letters.models.decisions import DecisionRow
from letters.models.letters import LetterRow
from letters.models.signatures import Display, SignatureRow, SignatureState, Suspicion
from letters.publishing.editions import lock_letter
from letters.publishing.erasing import IN_BULK, chunks, erase_subscriptions
from verification.errors import Refusal

LONGEST_REASON = 500
"""Characters of a public reason."""

_HELD = SignatureRow.state == SignatureState.HELD.value


class NothingHeld(Refusal):
    """No held signature fits what was asked for."""


class TooLate(Refusal):
    """The last edition of all is out, so nothing more can be counted."""


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
    query = select(SignatureRow.held_for, func.count()).where(SignatureRow.letter_id == letter_id, _HELD)
    counts = dict(session.execute(query.group_by(SignatureRow.held_for)).all())
    return {suspicion: counts.get(suspicion.value, 0) for suspicion in Suspicion}


def accept(session: Session, selection: Selection, today: date) -> int:
    """Let held signatures be counted with the next edition; returns how many. Raises `NothingHeld` or `TooLate`."""
    letter = lock_letter(session, selection.slug)
    if letter.completed:
        raise TooLate(f"The last edition of {letter.slug} is out: what is still held can only be voided.")
    decided = _move(session, letter, selection, {"state": SignatureState.CONFIRMED.value, "news": True})
    _publish(session, letter, DecisionRow(act="accepted", count=len(decided), decided_on=today))
    return len(decided)


def void(session: Session, selection: Selection, reason: str, today: date) -> int:
    """Throw held signatures out for a public reason; returns how many.

    What is public about them, and their subscriptions, are erased; their addresses cannot sign again. No edition has
    counted them, so none counts them as voided. Raises `NothingHeld` or `BadReason`.
    """
    if not reason.strip() or not reason.isprintable() or len(reason) > LONGEST_REASON:
        raise BadReason(f"Give a public reason: one line of at most {LONGEST_REASON} characters.")
    letter = lock_letter(session, selection.slug)
    erased = {"display": Display.COUNTED.value, "name_box": None, "pseudonym": None}
    decided = _move(session, letter, selection, {"state": SignatureState.VOIDED.value, "news": False, **erased})
    erase_subscriptions(session, decided)
    _publish(session, letter, DecisionRow(act="voided", reason=reason.strip(), count=len(decided), decided_on=today))
    return len(decided)


def _move(session: Session, letter: LetterRow, selection: Selection, values: Mapping[str, Any]) -> list[bytes]:
    """Change the held signatures that were selected; returns which they are."""
    decided: list[bytes] = []
    for which in _selected(letter, selection):
        moved = update(SignatureRow).where(*which).values(**values, held_for=None).returning(SignatureRow.id)
        decided += session.execute(moved, execution_options=IN_BULK).scalars()
    if not decided:
        raise NothingHeld(f"No held signature of {letter.slug} fits. `undersigned held {letter.slug}` counts them.")
    return decided


def _selected(letter: LetterRow, selection: Selection) -> list[tuple[ColumnElement[bool], ...]]:
    which = [SignatureRow.letter_id == letter.id, _HELD]
    if selection.suspicion:
        which.append(SignatureRow.held_for == selection.suspicion.value)
    if selection.only is None:
        return [tuple(which)]
    return [(*which, SignatureRow.id.in_(ids)) for ids in chunks(selection.only)]


def _publish(session: Session, letter: LetterRow, decision: DecisionRow) -> None:
    """Put a decision on the letter's count page."""
    last = select(func.max(DecisionRow.position)).where(DecisionRow.letter_id == letter.id)
    decision.letter_id, decision.position = letter.id, (session.scalar(last) or 0) + 1
    session.add(decision)
    letter.revision += 1
    session.flush()
