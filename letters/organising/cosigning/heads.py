"""The heads that witnesses are asked about, the proofs that go with them, and the cosignatures that come back."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, select
from sqlalchemy.orm import Session, aliased

from letters.models.letters import LetterRow
from letters.models.log import CosignatureRow, LogHeadRow, LogRow
from letters.organising.cosigning.replies import Cosigned
from letters.publishing.editions import lock_letter
from letters.publishing.log import tile_reader
from verification.ledger.checkpoints import parse_checkpoint
from verification.ledger.notes import Note
from verification.ledger.trees import consistency_proof
from verification.ledger.witness import Submission


@dataclass(frozen=True)
class SignedHead:
    """The newest signed head of a letter's log, and who has cosigned it."""

    letter_id: int
    slug: str
    origin: str
    size: int
    note: str
    cosigners: frozenset[str]


def newest_heads(session: Session) -> list[SignedHead]:
    """The newest signed head of every log, the newest log first."""
    query = (
        select(
            LogRow.letter_id, LetterRow.slug, LogRow.origin, LogHeadRow.size, LogHeadRow.note, CosignatureRow.witness
        )
        .join(LetterRow, LetterRow.id == LogRow.letter_id)
        .join(LogHeadRow, (LogHeadRow.letter_id == LogRow.letter_id) & (LogHeadRow.size == _newest_size()))
        .join(CosignatureRow, _of_head(), isouter=True)
        .order_by(LogRow.letter_id.desc())
    )
    cosigners: dict[tuple[int, str, str, int, str], set[str]] = defaultdict(set)
    for id, slug, origin, size, note, witness in session.execute(query):
        cosigners[id, slug, origin, size, note or ""] |= {witness} - {None}
    return [SignedHead(*head, cosigners=frozenset(names)) for head, names in cosigners.items()]


def last_cosigned(session: Session, head: SignedHead, witness: str) -> int:
    """How many leaves the witness has cosigned as far as we know; 0 for none."""
    sizes = select(CosignatureRow.size).where(
        CosignatureRow.letter_id == head.letter_id, CosignatureRow.witness == witness
    )
    return session.scalar(sizes.order_by(CosignatureRow.size.desc()).limit(1)) or 0


def submission_of(session: Session, head: SignedHead, old_size: int) -> bytes:
    """The request to cosign a head, proven to extend the first `old_size` leaves, of which it has no fewer."""
    proof = consistency_proof(old_size, head.size, tile_reader(session, head.letter_id))
    note = Note.parse(head.note)
    return Submission(old_size, tuple(proof), note, parse_checkpoint(note.text)).body


def keep(session: Session, head: SignedHead, given: Cosigned) -> None:
    """Put a cosignature down, once, and let pages learn of it."""
    letter = lock_letter(session, head.slug)
    if session.get(CosignatureRow, (head.letter_id, head.size, given.witness)) is None:
        row = CosignatureRow(letter_id=head.letter_id, size=head.size, witness=given.witness)
        row.cosigned_at, row.line = given.at, given.line
        session.add(row)
        letter.revision += 1


def _newest_size() -> ScalarSelect[int]:
    """Read from the end of the primary key: SQLite would look for a maximum through the whole log."""
    signed = aliased(LogHeadRow)
    sizes = select(signed.size).where(signed.letter_id == LogRow.letter_id, signed.note.is_not(None))
    return sizes.order_by(signed.size.desc()).limit(1).correlate(LogRow).scalar_subquery()


def _of_head() -> ColumnElement[bool]:
    return (CosignatureRow.letter_id == LogHeadRow.letter_id) & (CosignatureRow.size == LogHeadRow.size)
