"""The frame of a sample: the commitments of those who agreed to be asked, as far as a signed head of the log goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from letters.models.editions import EditionRow
from letters.models.signatures import SignatureRow, SignatureState
from letters.models.values import Letter
from letters.organising.lockdown import check_exportable
from letters.organising.sampling.errors import DaysOver, LetterDown, NoSignedHead
from verification.identity.boxes import BoxDamaged, unlock
from verification.identity.keyring import Keyring
from verification.ledger.leaves import Opening


@dataclass(frozen=True)
class Frame:
    """Those who agreed among the first `size` leaves of a log: their commitments in ascending order."""

    size: int
    commitments: Sequence[bytes]


def check_sampling(letter: Letter) -> None:
    """Raises `UnderLockdown`, `IdentitiesGone`, `LetterDown` or `DaysOver` for a letter under which nobody is asked."""
    check_exportable(letter)
    if letter.taken_down_for is not None:
        raise LetterDown("The letter was taken down, so nobody could read about a sample.")
    if letter.forgotten:
        raise DaysOver("The days for changes are over, so nobody could take back that they agreed to be asked.")


def count_agreeing(session: Session, letter: Letter) -> int:
    """How many would be in the frame."""
    return session.scalar(select(func.count()).where(*_in_head(letter))) or 0


def frame_of(session: Session, letter: Letter, keyring: Keyring) -> Frame:
    """The frame at the newest signed head. Raises what `check_sampling` does, or `NoSignedHead`.

    Every candidate's box is opened for it, so nothing is locked meanwhile: whoever withdraws or no longer agrees after
    this is in the frame and, if drawn, not found.
    """
    check_sampling(letter)
    if letter.head is None:
        raise NoSignedHead("The letter's log has no signed head yet. Wait for the next edition.")
    opened = open_leaves(session, letter, keyring, *_in_head(letter))
    return Frame(letter.head.size, sorted(opening.commitment for _row, opening in opened))


def open_leaves(
    session: Session, letter: Letter, keyring: Keyring, *which: ColumnElement[bool]
) -> Iterator[tuple[SignatureRow, Opening]]:
    """The signatures that stand, agree and fit `which`, in the order of their ids, and what opens their leaves.

    One whose box is damaged has none and is left out. Raises `KeyMissing` or `KeyUnusable`.
    """
    key = keyring.identities(letter.slug)
    query = select(SignatureRow).where(*_agrees(letter.id), *which).order_by(SignatureRow.id)
    with closing(session.scalars(query.execution_options(yield_per=500))) as rows:
        for row in rows:
            try:
                sealed = unlock(key, row.sealed or b"", row.id)
            except BoxDamaged:
                continue
            yield row, Opening.of(row.log_secret or b"", sealed)


def _agrees(letter_id: int) -> tuple[ColumnElement[bool], ...]:
    """Whom a journalist may ask now: counted, with a leaf, confirmed, not erased, and willing."""
    whole = SignatureRow.log_secret.is_not(None), SignatureRow.sealed.is_not(None)
    confirmed = SignatureRow.state == SignatureState.CONFIRMED.value
    return SignatureRow.letter_id == letter_id, confirmed, SignatureRow.press.is_(True), *whole


def _in_head(letter: Letter) -> tuple[ColumnElement[bool], ...]:
    """Of these, the ones whose leaf the newest signed head holds."""
    size = letter.head.size if letter.head else 0
    up_to = select(func.max(EditionRow.number)).where(EditionRow.letter_id == letter.id, EditionRow.log_size <= size)
    return *_agrees(letter.id), SignatureRow.edition <= up_to.scalar_subquery()
