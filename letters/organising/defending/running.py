"""Doing and undoing a batch some signatures at a time, so that neither signing nor mail waits for it.

Each portion is one transaction: the rows, how many are done and how far the batch has come are written together, so a
worker that is killed anywhere goes on where the last portion ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from letters.models.batches import BatchRow, BatchState, Reason
from letters.models.letters import LetterRow
from letters.models.signatures import SignatureRow, SignatureState
from letters.models.teams import LetterTeamRow
from letters.organising.defending.deciding import What, Which, chosen
from letters.organising.defending.filters import Filter
from letters.organising.teams.trail import Act, Doing, record
from letters.publishing.editions import lock_letter
from letters.publishing.erasing import CHUNK, IN_BULK
from letters.publishing.voiding import BEFORE, in_batch, make_final
from letters.runtime import Runtime

PORTIONS = 4
"""Transactions of one round: some 100 ms of work, then the worker sees to its mail, and rests if there is none. So
100,000 signatures take half a minute, and whoever signs meanwhile hardly notices."""

_IN_HAND = (BatchState.RUNNING.value, BatchState.UNDOING.value)
_STANDS = (SignatureState.CONFIRMED.value, SignatureState.HELD.value)


def run_batches(runtime: Runtime) -> int:
    """Bring one batch that is being done or undone further; returns how many transactions that took."""
    with runtime.reading() as session:
        query = select(LetterRow.slug, BatchRow.number).join(LetterRow, LetterRow.id == BatchRow.letter_id)
        in_hand = query.where(BatchRow.state.in_(_IN_HAND)).order_by(BatchRow.letter_id, BatchRow.number)
        found = session.execute(in_hand.limit(1)).first()
    if found is None:
        return 0
    slug, number = found
    for portion in range(1, PORTIONS + 1):
        if not runtime.settle(lambda session: go_on(session, lock_letter(session, slug), number, runtime.clock())):
            return portion
    return PORTIONS


def go_on(session: Session, letter: LetterRow, number: int, now: datetime) -> bool:
    """Do or undo the next signatures of a locked letter's batch; returns whether it is still in hand."""
    batch = session.get_one(BatchRow, (letter.id, number), populate_existing=True)
    if batch.state == BatchState.RUNNING.value:
        ids = _next(session, letter, batch)
        void_some(session, letter, batch, ids)
        if len(ids) < CHUNK:
            finish(session, letter, batch, now)
    elif batch.state == BatchState.UNDOING.value:
        _undo_some(session, batch)
    session.flush()
    return batch.state in _IN_HAND


def void_some(session: Session, letter: LetterRow, batch: BatchRow, ids: Sequence[bytes]) -> None:
    """Void those of these signatures that still fit: who has withdrawn meanwhile, or was counted last, is passed by."""
    what = what_of(batch.rule)
    for which in voidable(letter, what if isinstance(what, Filter) else ids):
        some = update(SignatureRow).where(*which, SignatureRow.id.in_(ids))
        voided = some.values(state=SignatureState.VOIDED.value, batch=batch.number).returning(SignatureRow.id)
        batch.done += len(session.execute(voided, execution_options=IN_BULK).all())
    batch.cursor = ids[-1] if ids else batch.cursor


def finish(session: Session, letter: LetterRow, batch: BatchRow, now: datetime) -> None:
    """Everything is voided. After the last edition no other comes to make it final, so that it is final at once."""
    batch.state, batch.cursor = BatchState.DONE.value, None
    team_id = session.scalars(select(LetterTeamRow.team_id).where(LetterTeamRow.letter_id == letter.id)).one()
    doing = Doing(team_id, batch.account_id, now, letter.id)
    record(session, doing, Act.VOIDED, count=batch.done, reason=Reason(batch.reason))
    if letter.completed:
        make_final(session, letter, now.date())


def voidable(letter: LetterRow, what: What) -> list[Which]:
    """The conditions of what was chosen and can be voided: after the last edition only what none has counted."""
    stands = [SignatureRow.state.in_(_STANDS)]
    if letter.completed or letter.burned_on is not None:
        stands.append(SignatureRow.edition.is_(None))
    return [(*one, *stands) for one in chosen(letter, what)]


def what_of(rule: dict[str, object]) -> What:
    """What a batch was made for, out of its `rule`."""
    ids = rule.get("ids")
    return [bytes.fromhex(id) for id in ids] if isinstance(ids, list) else Filter.of_rule(rule)


def _next(session: Session, letter: LetterRow, batch: BatchRow) -> Sequence[bytes]:
    """The next signatures after the cursor, as long as a filter's were approved; fewer than `CHUNK` are the last."""
    what, after = what_of(batch.rule), batch.cursor or b""
    if not isinstance(what, Filter):
        return [id for id in sorted(what) if id > after][:CHUNK]
    (which,) = voidable(letter, what)
    query = select(SignatureRow.id).where(*which, SignatureRow.id > after).order_by(SignatureRow.id)
    return session.scalars(query.limit(max(0, min(CHUNK, batch.count - batch.done)))).all()


def _undo_some(session: Session, batch: BatchRow) -> None:
    """Make signatures again exactly what they were."""
    which = in_batch(batch.letter_id, [batch.number])
    ids = session.scalars(select(SignatureRow.id).where(*which).limit(CHUNK)).all()
    some = update(SignatureRow).where(*which, SignatureRow.id.in_(ids)).values(**BEFORE)
    session.execute(some, execution_options=IN_BULK)
    batch.done -= len(ids)
    if len(ids) < CHUNK:
        batch.state, batch.cursor = BatchState.UNDONE.value, None
