"""What restored rows prove: every figure recounted, every log recomputed, and which keys are missing beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.finding import find_letter
from letters.models.heads import newest_head
from letters.models.letters import LetterRow, LetterState
from letters.models.log import LogHeadRow, LogRow
from letters.organising.releasing import scheme_of
from letters.publishing.log import tile_reader
from letters.publishing.recount import recount
from verification.errors import Refusal
from verification.identity.keyring import SERVER_KEYS, Keyring
from verification.ledger.auditing.growing import GrowingTree
from verification.ledger.checkpoints import open_checkpoint
from verification.ledger.hashing import leaf_hash
from verification.ledger.heads import SeenHeads
from verification.ledger.notes import VerifierKey
from verification.ledger.tiles import ENTRIES, WIDTH, decode_bundle, hashes_in
from verification.ledger.trees import root_at

WITHOUT = {
    "tokens": "no mailed and no private link works, and no form can be sent",
    "outbox": "no mail can be sent",
    "names": "no public name can be shown",
    "subscriptions": "nobody who asked for updates so far gets any",
    "accounts": "no organiser can sign in",
    "dedupe": "nobody can sign the letter",
    "identities": "nobody can sign the letter, and who has signed it can never be read again",
    "log": "the letter's log ends, and it gets no further edition that can be checked",
}
"""What is so as long as a key is missing."""


class TilesDiffer(Refusal):
    """Stored hashes of a log are not those of its leaves."""


@dataclass(frozen=True)
class Restored:
    """A letter after restoring: its newest edition, its log's newest signed head, and whether anybody remembers one."""

    slug: str
    edition: int
    total: int
    log_size: int
    root: str
    remembered: bool


def look_at(session: Session, keyring: Keyring) -> list[Restored]:
    """Every letter that has opened, as restored."""
    opened = select(LetterRow.slug).where(LetterRow.state != LetterState.DRAFT.value).order_by(LetterRow.slug)
    return [_look_at(session, keyring, slug) for slug in session.scalars(opened)]


def findings(session: Session, vocabularies: tuple[Path, ...], watch: Callable[[int], None]) -> list[str]:
    """One sentence for whatever the rows do not prove; none where all is well."""
    found = []
    for letter in session.scalars(select(LetterRow).order_by(LetterRow.id)).all():
        found += recount(session, letter, scheme_of(letter, vocabularies))
        found += log_findings(session, letter)
        watch(1)
    return found


def log_findings(session: Session, letter: LetterRow) -> list[str]:
    """Recompute a letter's log from its leaves, and hold every head, its signature and the stored tiles against it."""
    log = session.get(LogRow, letter.id)
    if log is None:
        return []
    heads = session.scalars(select(LogHeadRow).where(LogHeadRow.letter_id == letter.id).order_by(LogHeadRow.size)).all()
    try:
        roots = _roots(session, letter.id, [head.size for head in heads])
        wrong = [head.size for head in heads if not _holds(log, head, roots.get(head.size))]
    except Refusal as error:
        return [f"{letter.slug}: the log cannot be read. {error}"]
    return [f"{letter.slug}: the head of {size} leaves is not that of the log." for size in wrong]


def missing_keys(session: Session, keyring: Keyring) -> Iterator[tuple[str, str]]:
    """Each key that the restored letters need and the folder does not have, and what that means."""
    for name in SERVER_KEYS:
        if not (keyring.folder / f"{name}.key").exists():
            yield f"{name}.key", WITHOUT[name]
    for letter in session.scalars(select(LetterRow).order_by(LetterRow.slug)):
        for kind, needed in _needed(session, letter).items():
            if needed and not (keyring.folder / kind / f"{letter.slug}.key").exists():
                yield f"{kind}/{letter.slug}.key", WITHOUT[kind]


def _look_at(session: Session, keyring: Keyring, slug: str) -> Restored:
    letter = find_letter(session, slug)
    head = newest_head(session, letter.id)
    remembered = head is None or SeenHeads(keyring.signed_heads).newest(head.origin) is not None
    size, root = (head.size, head.root.hex()) if head else (0, "")
    return Restored(slug, letter.number, letter.total, size, root, remembered)


def _needed(session: Session, letter: LetterRow) -> dict[str, bool]:
    opened = letter.state != LetterState.DRAFT.value
    log = session.get(LogRow, letter.id) is not None and not letter.completed
    return {"dedupe": opened and not letter.forgotten, "identities": opened and not letter.erased, "log": log}


def _roots(session: Session, letter_id: int, sizes: list[int]) -> dict[int, bytes]:
    """The root at each size, from the leaves alone. Raises `BadTile`, or `TilesDiffer`."""
    tree, roots, read, end = GrowingTree(), dict[int, bytes](), tile_reader(session, letter_id), max(sizes, default=0)
    for number in range(-(-end // WIDTH)):
        hashes = [leaf_hash(entry) for entry in decode_bundle(read(ENTRIES, number))]
        if hashes != hashes_in(read(0, number)):
            raise TilesDiffer(f"The tile {number} of its hashes is not that of its leaves.")
        tree.add(hashes)
        first = number * WIDTH
        roots |= tree.roots_at(size for size in sizes if first < size <= first + len(hashes))
    if end and root_at(end, read) != roots.get(end):
        raise TilesDiffer("Its tiles have another root than its leaves.")
    return roots


def _holds(log: LogRow, head: LogHeadRow, root: bytes | None) -> bool:
    if head.note is None or head.root != root:
        return head.root == root
    signed = open_checkpoint(head.note, VerifierKey.parse(log.verifier))
    return (signed.origin, signed.size, signed.root) == (log.origin, head.size, root)
