"""Voiding by rule: proposed with a count and a reason, by many only with a second organiser, undone until final.

Under lockdown too: fakes do not wait. As no edition comes meanwhile, everything stays reversible that long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from letters.models.batches import BatchRow, BatchState, Reason
from letters.models.letters import LetterRow
from letters.models.signatures import SignatureRow
from letters.models.teams import MembershipRow, Role, TrailRow
from letters.organising.defending.deciding import NothingFits, What
from letters.organising.defending.filters import Filter
from letters.organising.defending.running import finish, go_on, void_some, voidable, what_of
from letters.organising.teams.trail import Act, Doing, record
from letters.publishing.editions import lock_letter
from verification.errors import Refusal

MASS = 20
"""How many signatures one organiser voids alone between two editions, and within a day."""

DAY = timedelta(days=1)

MOST_NAMED = 5_000
"""Signatures that one batch names one by one."""

_APPROVERS = [role.value for role in Role if role.reaches(Role.EDITOR)]
_UNDOABLE = (BatchState.RUNNING, BatchState.DONE)


class NoSuchBatch(Refusal):
    """The letter has no batch of that number."""


class NobodyApproves(Refusal):
    """So many signatures take two organisers, and the team has nobody else who could approve."""


class OwnProposal(Refusal):
    """Whoever proposed a batch cannot approve it."""


class AlreadyDecided(Refusal):
    """The batch does not wait for a second organiser any more."""


class NotUndoable(Refusal):
    """The batch is final, undone, or was never done."""


class TooManyNamed(Refusal):
    """Too many signatures were chosen one by one."""


@dataclass(frozen=True)
class Batch:
    """One voiding: of what, why, how many fitted when it was proposed and how many are voided now, and by whom."""

    number: int
    state: BatchState
    reason: Reason
    what: What
    count: int
    done: int
    account_id: bytes
    approved_by: bytes | None

    @property
    def undoable(self) -> bool:
        return self.state in _UNDOABLE

    @classmethod
    def of(cls, row: BatchRow) -> Batch:
        state, reason, what = BatchState(row.state), Reason(row.reason), what_of(row.rule)
        return cls(row.number, state, reason, what, row.count, row.done, row.account_id, row.approved_by)


def count_voidable(session: Session, letter: LetterRow, what: What) -> int:
    """How many of the chosen signatures can be voided."""
    counts = (select(func.count()).select_from(SignatureRow).where(*which) for which in voidable(letter, what))
    return sum(session.scalar(count) or 0 for count in counts)


def propose_void(session: Session, doing: Doing, slug: str, what: What, reason: Reason) -> Batch:
    """Void confirmed and held signatures, for a reason that readers will see once it is final.

    Up to `MASS` are voided at once, together with what the same organiser has voided since the last edition or
    within a day; more wait for another editor or owner of the team. Raises `NothingFits`, `NobodyApproves` or
    `TooManyNamed`.
    """
    letter, what = lock_letter(session, slug), what if isinstance(what, Filter) else sorted(set(what))
    count = _count(session, letter, what)
    alone = count + _voided_alone(session, letter.id, doing) <= MASS
    if not alone:
        _check_two(session, doing)
    row = _add(session, letter, doing, what, reason, count)
    record(session, doing, Act.VOID_PROPOSED, count=count, reason=reason)
    if alone:
        row.state = BatchState.RUNNING.value
        void_some(session, letter, row, _ids(session, letter, what))
        finish(session, letter, row, doing.now)
    session.flush()
    return Batch.of(row)


def approve(session: Session, doing: Doing, slug: str, number: int, seen: int | None = None) -> Batch:
    """Let a proposed batch run, as another organiser than the one who proposed it; the page sees to the role.

    No more are voided than they have `seen`, or than were proposed: whoever proposed a filter could make more fit it.
    Raises `NoSuchBatch`, `AlreadyDecided` or `OwnProposal`.
    """
    row = _proposed(session, slug, number)
    if row.account_id == doing.account_id:
        raise OwnProposal("Somebody else of the team has to approve what you proposed.")
    if isinstance(what_of(row.rule), Filter):
        fitting = count_voidable(session, session.get_one(LetterRow, row.letter_id), what_of(row.rule))
        row.count = min(fitting, row.count if seen is None else max(seen, 0))
    row.state, row.approved_by = BatchState.RUNNING.value, doing.account_id
    record(session, doing, Act.VOID_APPROVED, count=row.count, reason=Reason(row.reason), about=row.account_id)
    return Batch.of(row)


def drop(session: Session, doing: Doing, slug: str, number: int) -> Batch:
    """Drop a batch that waits for a second organiser. Raises `NoSuchBatch` or `AlreadyDecided`."""
    row = _proposed(session, slug, number)
    row.state = BatchState.DROPPED.value
    record(session, doing, Act.VOID_DROPPED, count=row.count, reason=Reason(row.reason), about=row.account_id)
    return Batch.of(row)


def undo(session: Session, doing: Doing, slug: str, number: int) -> Batch:
    """Make everything that a batch has voided what it was before, in the background where it is much.

    Raises `NoSuchBatch` or `NotUndoable`.
    """
    letter = lock_letter(session, slug)
    row = _find(session, letter.id, number)
    if BatchState(row.state) not in _UNDOABLE:
        raise NotUndoable("This is final, or nothing of it is voided.")
    row.state, row.cursor = BatchState.UNDOING.value, None
    record(session, doing, Act.VOID_UNDONE, count=row.done, reason=Reason(row.reason), about=row.account_id)
    go_on(session, letter, number, doing.now)
    return Batch.of(row)


def list_batches(session: Session, letter_id: int) -> list[Batch]:
    """A letter's batches, the latest first."""
    query = select(BatchRow).where(BatchRow.letter_id == letter_id).order_by(BatchRow.number.desc())
    return [Batch.of(row) for row in session.scalars(query)]


def find_batch(session: Session, letter_id: int, number: int) -> Batch:
    """Raises `NoSuchBatch`."""
    return Batch.of(_find(session, letter_id, number))


def _count(session: Session, letter: LetterRow, what: What) -> int:
    if not isinstance(what, Filter) and len(what) > MOST_NAMED:
        raise TooManyNamed(f"Choose at most {MOST_NAMED} signatures one by one; a filter takes any number.")
    count = count_voidable(session, letter, what)
    if not count:
        raise NothingFits("None of these signatures is confirmed or held.")
    return count


def _voided_alone(session: Session, letter_id: int, doing: Doing) -> int:
    """How many signatures an organiser has voided alone that no edition has made final, or that the trail tells of
    within a day: on some letters an edition comes every minute."""
    alone = BatchRow.approved_by.is_(None), BatchRow.state == BatchState.DONE.value
    sums = select(func.sum(BatchRow.done)).where(BatchRow.letter_id == letter_id, *alone)
    undoable = session.scalar(sums.where(BatchRow.account_id == doing.account_id)) or 0
    lately = TrailRow.letter_id == letter_id, TrailRow.done_at > doing.now - DAY, TrailRow.count <= MASS
    told = select(func.sum(TrailRow.count)).where(*lately)
    voided = session.scalar(told.where(TrailRow.act == Act.VOIDED.value, TrailRow.account_id == doing.account_id))
    undone = session.scalar(told.where(TrailRow.act == Act.VOID_UNDONE.value, TrailRow.about == doing.account_id))
    return max(undoable, (voided or 0) - (undone or 0))


def _check_two(session: Session, doing: Doing) -> None:
    others = MembershipRow.account_id != doing.account_id, MembershipRow.role.in_(_APPROVERS)
    query = select(MembershipRow.account_id).where(MembershipRow.team_id == doing.team_id, *others)
    if session.scalar(query.limit(1)) is None:
        raise NobodyApproves(
            f"More than {MASS} signatures between two editions are voided by two organisers together, and nobody else "
            "in the team could approve. Invite an editor first."
        )


def _add(session: Session, letter: LetterRow, doing: Doing, what: What, reason: Reason, count: int) -> BatchRow:
    assert doing.account_id is not None, "a batch has an organiser"
    last = session.scalar(select(func.max(BatchRow.number)).where(BatchRow.letter_id == letter.id))
    row = BatchRow(
        letter_id=letter.id,
        number=(last or 0) + 1,
        state=BatchState.PROPOSED.value,
        reason=reason.value,
        rule=_rule(what),
        count=count,
        done=0,
        account_id=doing.account_id,
    )
    session.add(row)
    return row


def _rule(what: What) -> dict[str, Any]:
    return what.as_rule() if isinstance(what, Filter) else {"ids": [id.hex() for id in what]}


def _ids(session: Session, letter: LetterRow, what: What) -> Sequence[bytes]:
    """Those few that were counted; what has come since is left to another batch."""
    queries = (select(SignatureRow.id).where(*which).limit(MASS) for which in voidable(letter, what))
    return sorted(id for query in queries for id in session.scalars(query))[:MASS]


def _proposed(session: Session, slug: str, number: int) -> BatchRow:
    row = _find(session, lock_letter(session, slug).id, number)
    if row.state != BatchState.PROPOSED.value:
        raise AlreadyDecided("This does not wait for a second organiser any more.")
    return row


def _find(session: Session, letter_id: int, number: int) -> BatchRow:
    row = session.get(BatchRow, (letter_id, number), populate_existing=True)
    if row is None:
        raise NoSuchBatch(f"There is no batch {number}.")
    return row
