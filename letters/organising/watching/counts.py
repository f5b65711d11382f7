"""How a letter's signatures stand at this moment, for organisers only.

What the last edition counted is taken from it; only what has changed since, and what stands aside, is counted in the
rows. So the work follows what is new, not how many have signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from letters.models.batches import BatchRow, BatchState
from letters.models.editions import EditionRow
from letters.models.signatures import SignatureRow, SignatureState, Suspicion
from letters.models.values import Letter
from letters.publishing.voiding import IS_ASIDE


@dataclass(frozen=True)
class Counts:
    """Signatures by what they are now.

    `released` stand and are published, `waiting` stand and come with the next edition; `changed` of the released ones
    will be counted as something else then. `withdrawn` and `voided` were published once, and of these
    `withdrawn_waiting` and `voided_waiting` are so until the next edition; `voided_in_hand` of the latter, until the
    batch that voids them is done. `voided_unreleased` never were published.
    """

    pending: int
    released: int
    waiting: int
    changed: int
    held: Mapping[Suspicion, int]
    withdrawn: int
    withdrawn_waiting: int
    voided: int
    voided_waiting: int
    voided_in_hand: int
    voided_unreleased: int

    @property
    def confirmed(self) -> int:
        return self.released + self.waiting

    @property
    def held_in_all(self) -> int:
        return sum(self.held.values())

    @property
    def moving(self) -> int:
        """What the next edition adds to the total or takes from it: enough of it brings the edition about."""
        return self.waiting + self.withdrawn_waiting + self.voided_waiting - self.voided_in_hand


@dataclass(frozen=True)
class _News:
    """What has happened since the last edition, beside batches."""

    waiting: int
    changed: int
    withdrawn: int
    voided: int


def count_now(session: Session, letter: Letter) -> Counts:
    """The counts of a letter; the session must see one snapshot throughout."""
    signatures, withdrawn, voided = _published(session, letter.id)
    news, batches = _news(session, letter.id), _batches(session, letter.id)
    leaving = news.voided + sum(batches.values())
    return Counts(
        pending=_pending(session, letter.id),
        released=signatures - withdrawn - voided - news.withdrawn - leaving,
        waiting=news.waiting,
        changed=news.changed,
        held=_held(session, letter.id),
        withdrawn=withdrawn + news.withdrawn,
        withdrawn_waiting=news.withdrawn,
        voided=voided + leaving,
        voided_waiting=leaving,
        voided_in_hand=leaving - news.voided - batches.get(BatchState.DONE, 0),
        voided_unreleased=_voided(session, letter.id) - voided - leaving,
    )


def _published(session: Session, letter_id: int) -> tuple[int, int, int]:
    """Signatures, withdrawn and voided of the last edition."""
    columns = EditionRow.signatures, EditionRow.withdrawn, EditionRow.voided
    newest = select(*columns).where(EditionRow.letter_id == letter_id).order_by(EditionRow.number.desc()).limit(1)
    found = session.execute(newest).first()
    return (found.signatures, found.withdrawn, found.voided) if found else (0, 0, 0)


def _news(session: Session, letter_id: int) -> _News:
    printed = SignatureRow.edition.is_not(None)
    news = SignatureRow.letter_id == letter_id, SignatureRow.news.is_(True), SignatureRow.batch.is_(None)
    grouped = select(SignatureRow.state, printed, func.count()).where(*news).group_by(SignatureRow.state, printed)
    found = {(SignatureState(state), bool(known)): count for state, known, count in session.execute(grouped)}
    return _News(
        waiting=found.get((SignatureState.CONFIRMED, False), 0),
        changed=found.get((SignatureState.CONFIRMED, True), 0),
        withdrawn=found.get((SignatureState.WITHDRAWN, True), 0),
        voided=found.get((SignatureState.VOIDED, True), 0),
    )


def _pending(session: Session, letter_id: int) -> int:
    """Those are pending that expire. The sum keeps SQLite from going through all of the letter's instead."""
    pending = SignatureRow.letter_id + 0 == letter_id, SignatureRow.expires_on.is_not(None)
    return session.scalar(select(func.count()).select_from(SignatureRow).where(*pending)) or 0


def _held(session: Session, letter_id: int) -> Mapping[Suspicion, int]:
    aside = SignatureRow.letter_id == letter_id, IS_ASIDE, SignatureRow.state == SignatureState.HELD.value
    counted = select(SignatureRow.held_for, func.count()).where(*aside).group_by(SignatureRow.held_for)
    return {Suspicion(str(suspicion)): count for suspicion, count in session.execute(counted)}


def _voided(session: Session, letter_id: int) -> int:
    aside = SignatureRow.letter_id == letter_id, IS_ASIDE, SignatureRow.state == SignatureState.VOIDED.value
    return session.scalar(select(func.count()).select_from(SignatureRow).where(*aside)) or 0


def _batches(session: Session, letter_id: int) -> Mapping[BatchState, int]:
    """Released signatures that batches have thrown out and no edition has, by how far the batch is."""
    aside = SignatureRow.letter_id == letter_id, IS_ASIDE, SignatureRow.state == SignatureState.VOIDED.value
    ours = and_(BatchRow.letter_id == SignatureRow.letter_id, BatchRow.number == SignatureRow.batch)
    counted = select(BatchRow.state, func.count()).select_from(SignatureRow).join(BatchRow, ours)
    thrown_out = counted.where(*aside, SignatureRow.batch.is_not(None), SignatureRow.edition.is_not(None))
    return {BatchState(state): count for state, count in session.execute(thrown_out.group_by(BatchRow.state))}
