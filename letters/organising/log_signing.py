"""Beginning a letter's log, and signing its heads: only what is committed, and only what extends all that was signed.

A writer that dies between an edition's transaction and its signature leaves a head without one; whoever comes next
signs that head, and Ed25519 gives the same signature. A database that was set back to an older copy meets the memory of
signed heads beside the keys, and nothing more is signed.
"""

from __future__ import annotations

from functools import partial
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from markupsafe import escape
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from letters.models.finding import find_letter
from letters.models.heads import newest_head
from letters.models.letters import LetterRow, LetterState, LetterTextRow
from letters.models.log import LogHeadRow, LogRow
from letters.publishing.editions import lock_letter
from letters.publishing.log import begin_log, has_log, tile_reader
from letters.runtime import Runtime
from letters.web.markdown import to_html
from verification.errors import Refusal
from verification.ledger.auditing.page_text import visible_text
from verification.ledger.checkpoints import Checkpoint
from verification.ledger.heads import Memory, SeenHeads, advance
from verification.ledger.notes import Note, NoteSigner
from verification.ledger.trees import consistency_proof

_WITHOUT = (LetterState.DRAFT.value, LetterState.SCHEDULED.value)


class MemoryLost(Refusal):
    """Heads of a log were signed, and nothing beside the key says which."""


class OtherKey(Refusal):
    """The key file of a log is not the one that it began with."""


def asking_for_log(session: Session) -> set[int]:
    """The letters that have opened and have no log, or whose log has a head that nobody has signed."""
    begun = select(LogRow.letter_id)
    without = select(LetterRow.id).where(_takes_log(), LetterRow.id.not_in(begun))
    unsigned = select(LogHeadRow.letter_id).where(LogHeadRow.note.is_(None))
    return {*session.scalars(without), *session.scalars(unsigned)}


def ensure_log(session: Session, runtime: Runtime, letter: LetterRow) -> None:
    """Begin the log of a locked letter that has opened, unless that is done."""
    if letter.state in _WITHOUT or letter.completed or has_log(session, letter.id):
        return
    runtime.keyring.create_log_seed(letter.slug)
    origin = f"{urlsplit(runtime.settings.base_url).netloc}/letters/{letter.slug}/log"
    verifier = NoteSigner(origin, runtime.keyring.log_seed(letter.slug)).verifier
    begin_log(session, letter, LogRow(origin=origin, verifier=str(verifier)), _frozen(session, letter))


def sign_heads(runtime: Runtime, slug: str, *, trust_database: bool = False) -> int:
    """Sign what is committed of a letter's log, each head once it is remembered that it will be; returns how many.

    Raises `Rollback`, `Fork` or `BadProof` when another log was signed before, `MemoryLost` when it cannot be known
    what was (`trust_database` takes the database's word for it), `OtherKey` or `KeyMissing`.
    """
    if trust_database:
        _vouch(runtime, slug)
    with runtime.reading() as session:
        unsigned = session.execute(_UNSIGNED.where(LetterRow.slug == slug)).all()
    signed = 0
    for letter_id, origin, verifier, size in unsigned:
        signer = NoteSigner(origin, runtime.keyring.log_seed(slug))
        if str(signer.verifier) != verifier:
            raise OtherKey(f"The key log/{slug}.key is not the one that signs this letter's log. Put that one back.")
        note = _signed(runtime, signer, letter_id, size)
        if note:
            runtime.settle(partial(_keep, slug=slug, size=size, note=note))
            signed += 1
    return signed


def _vouch(runtime: Runtime, slug: str) -> None:
    """Remember the newest signed head that the database has, where less or nothing is remembered."""
    with runtime.reading() as session:
        letter_id = find_letter(session, slug).id
        head = newest_head(session, letter_id)
        if head is not None:
            with SeenHeads(runtime.keyring.signed_heads).locked(head.origin) as memory:
                if _known(memory) < head.size:
                    _remember(session, memory, letter_id, Checkpoint(head.origin, head.size, head.root))


def _signed(runtime: Runtime, signer: NoteSigner, letter_id: int, size: int) -> str | None:
    """The note; None if another process has signed the head meanwhile, and maybe later ones."""
    seen = SeenHeads(runtime.keyring.signed_heads)
    with seen.locked(signer.name) as memory, runtime.reading() as session:
        head = session.get_one(LogHeadRow, (letter_id, size))
        if head.note is not None:
            return None
        newest = newest_head(session, letter_id)
        if newest is not None and _known(memory) < newest.size:
            raise MemoryLost(
                f"It is forgotten which heads of {signer.name} were signed. Put the newest copy of the key folder's "
                "log/ back; if there is none and this database is the newest: "
                "undersigned editions sign SLUG --trust-database"
            )
        checkpoint = Checkpoint(signer.name, size, head.root)
        _remember(session, memory, letter_id, checkpoint)
    return str(Note(checkpoint.text, (signer.sign(checkpoint.text),)))


def _known(memory: Memory) -> int:
    return memory.head[0] if memory.head else 0


def _remember(session: Session, memory: Memory, letter_id: int, checkpoint: Checkpoint) -> None:
    """Remember a head that extends what is remembered. Raises `Rollback`, `Fork` or `BadProof` for any other."""
    known, size = _known(memory), checkpoint.size
    proof = consistency_proof(known, size, tile_reader(session, letter_id)) if known < size else []
    advance(memory.head, checkpoint, proof)
    memory.remember(size, checkpoint.root)


def _keep(session: Session, slug: str, size: int, note: str) -> None:
    letter = lock_letter(session, slug)
    head = session.get_one(LogHeadRow, (letter.id, size))
    if head.note is None:
        head.note = note
        letter.revision += 1


_UNSIGNED = (
    select(LogRow.letter_id, LogRow.origin, LogRow.verifier, LogHeadRow.size)
    .join(LogHeadRow, LogHeadRow.letter_id == LogRow.letter_id)
    .join(LetterRow, LetterRow.id == LogRow.letter_id)
    .where(LogHeadRow.note.is_(None))
    .order_by(LogHeadRow.size)
)


def _takes_log() -> ColumnElement[bool]:
    return LetterRow.state.not_in(_WITHOUT) & LetterRow.completed.is_(False)


def _frozen(session: Session, letter: LetterRow) -> dict[str, Any]:
    """What leaf 0 says: text, key and rules as they stand for good."""
    texts = session.scalars(select(LetterTextRow).where(LetterTextRow.letter_id == letter.id)).all()
    return {
        "format": 1,
        "letter": letter.slug,
        "key": sha256(letter.public_key.encode()).hexdigest(),
        "texts": {text.language: hashes_of(text) for text in texts},
        "figures": {
            "threshold": letter.figures_threshold,
            "step": letter.figures_step,
            "moves_after": letter.figures_moves_after,
            "hides_below": letter.figures_hides_below,
        },
        "editions": {"every_seconds": letter.edition_every, "at_least": letter.edition_at_least},
    }


def hashes_of(text: LetterTextRow) -> dict[str, str]:
    """A text's hash as it was written, and as a page shows it."""
    written = f"{text.title}\n{text.body}"
    article = f'<h1>{escape(text.title)}</h1><div class="prose">{to_html(text.body)}</div>'
    page = f'<article class="letter">{article}</article>'
    return {"markdown": sha256(written.encode()).hexdigest(), "page": sha256(visible_text(page).encode()).hexdigest()}
