"""Deciding over single signatures: holding what no edition has counted, accepting what is held, vouching.

All of it is possible under lockdown, for fakes do not wait; nothing of it is released before the lockdown is lifted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from letters.models.decisions import DecisionRow
from letters.models.letters import LetterRow
from letters.models.signatures import SignatureRow, SignatureState, Standing, Suspicion
from letters.models.teams import TrailRow
from letters.organising.defending.filters import Filter, conditions
from letters.organising.teams.trail import Act, Doing, record
from letters.publishing.editions import lock_letter
from letters.publishing.erasing import IN_BULK, chunks
from letters.publishing.voiding import IS_ASIDE, publish
from verification.errors import Refusal

MOST_HELD = 100
"""Signatures that a reviewer holds in a day: holding needs no second organiser, and near the closing it is as good as
voiding."""
DAY = timedelta(days=1)

Which = tuple[ColumnElement[bool], ...]
"""Conditions that all hold of the signatures that are meant."""

What = Filter | Sequence[bytes]
"""Signatures as an organiser chooses them: by a filter, or one by one."""

HELD = SignatureRow.state == SignatureState.HELD.value
CONFIRMED = SignatureRow.state == SignatureState.CONFIRMED.value


class NothingFits(Refusal):
    """None of the chosen signatures is in a state in which this can be done to it."""


class MoreFit(Refusal):
    """Others have come since the organiser looked, perhaps fakes."""


class TooManyHeld(Refusal):
    """A reviewer would hold more in a day than one of them may keep out of the count."""


class TooLate(Refusal):
    """The last edition of all is out, so nothing more can be counted."""


def hold(session: Session, doing: Doing, slug: str, ids: Sequence[bytes], most: int | None = None) -> int:
    """Keep these confirmed signatures out of the next edition until somebody has looked; returns how many.

    Those that an edition has counted are left as they are. Raises `NothingFits`, or `TooManyHeld` where it makes more
    than `most` in a day.
    """
    letter = lock_letter(session, slug)
    which = [(*one, CONFIRMED, SignatureRow.edition.is_(None)) for one in chosen(letter, ids)]
    held = {"state": SignatureState.HELD.value, "held_for": Suspicion.ORGANISER.value}
    count = len(move(session, which, held))
    if most is not None and count + _held_lately(session, doing) > most:
        raise TooManyHeld(f"A reviewer holds at most {most} signatures in a day. Ask an editor to hold more.")
    record(session, doing, Act.HELD, count=count)
    return count


def accept(session: Session, doing: Doing, slug: str, what: What, seen: int | None = None) -> int:
    """Let held signatures be counted with the next edition, and say so in public; returns how many.

    Raises `NothingFits`, `TooLate`, or `MoreFit` where more of them fit than the organiser has `seen`.
    """
    letter = lock_letter(session, slug)
    count = let_in(session, letter, chosen(letter, what), doing.now.date())
    if seen is not None and count > seen:
        raise MoreFit("More signatures fit by now than were shown.")
    record(session, doing, Act.ACCEPTED, count=count)
    return count


def vouch(session: Session, doing: Doing, slug: str, ids: Sequence[bytes]) -> int:
    """Say that an organiser has checked these confirmed signatures, from the next edition on; returns how many.

    One with the standing `institution` keeps it: its address has proven more than a mailbox already, and taking the
    voucher back could not tell what it had been. Raises `NothingFits` or `TooLate`.
    """
    count = _restand(session, slug, ids, Standing.MAILBOX, Standing.VOUCHED)
    record(session, doing, Act.VOUCHED, count=count)
    return count


def unvouch(session: Session, doing: Doing, slug: str, ids: Sequence[bytes]) -> int:
    """Take that back. Raises `NothingFits` or `TooLate`."""
    count = _restand(session, slug, ids, Standing.VOUCHED, Standing.MAILBOX)
    record(session, doing, Act.UNVOUCHED, count=count)
    return count


def chosen(letter: LetterRow, what: What) -> list[Which]:
    """The conditions of what was chosen, in portions that one statement can name."""
    if isinstance(what, Filter):
        return [conditions(letter.id, what)]
    return [(SignatureRow.letter_id == letter.id, SignatureRow.id.in_(some)) for some in chunks(what)]


def let_in(session: Session, letter: LetterRow, which: Sequence[Which], today: date) -> int:
    """Make the held ones of these signatures confirmed, in public. Raises `NothingFits` or `TooLate`."""
    check_counting(letter)
    values = {"state": SignatureState.CONFIRMED.value, "held_for": None, "news": True}
    decided = move(session, [(*one, IS_ASIDE, HELD) for one in which], values)
    publish(session, letter, DecisionRow(act="accepted", count=len(decided), decided_on=today))
    return len(decided)


def move(session: Session, which: Sequence[Which], values: Mapping[str, Any]) -> list[bytes]:
    """Give these signatures other values; returns their ids. Raises `NothingFits`."""
    moved: list[bytes] = []
    for one in which:
        statement = update(SignatureRow).where(*one).values(**values).returning(SignatureRow.id)
        moved += session.execute(statement, execution_options=IN_BULK).scalars()
    if not moved:
        raise NothingFits("None of these signatures is in a state in which this can be done.")
    return moved


def check_counting(letter: LetterRow) -> None:
    """Raises `TooLate` once no edition can come any more."""
    if letter.completed:
        raise TooLate(f"The last edition of {letter.slug} is out: what is still held can only be voided.")


def _restand(session: Session, slug: str, ids: Sequence[bytes], old: Standing, new: Standing) -> int:
    letter = lock_letter(session, slug)
    check_counting(letter)
    which = [(*one, CONFIRMED, SignatureRow.standing == old.value) for one in chosen(letter, ids)]
    return len(move(session, which, {"standing": new.value, "news": True}))


def _held_lately(session: Session, doing: Doing) -> int:
    """How many signatures of the letter an organiser has held within a day, as the trail has it."""
    held = select(func.sum(TrailRow.count)).where(
        TrailRow.letter_id == doing.letter_id,
        TrailRow.account_id == doing.account_id,
        TrailRow.act == Act.HELD.value,
        TrailRow.done_at > doing.now - DAY,
    )
    return session.scalar(held) or 0
