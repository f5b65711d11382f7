"""Who has withdrawn, or was voided, since a backup was made: found by what the newer public log shows.

A withdrawal's leaf holds a nullifier, to which only the signature's own secret leads, and rows that were counted before
the backup hold that. So nobody can have a signature withdrawn here by making up a leaf. Who was counted only afterwards
is not found, nor is anybody whom a copy of the log leaves out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from letters.backups.making import BATCH
from letters.models.decisions import DecisionRow
from letters.models.editions import EntryRow
from letters.models.letters import LetterRow
from letters.models.signatures import SignatureRow, SignatureState
from letters.publishing.erasing import IN_BULK, erase_subscriptions
from letters.publishing.voiding import GONE, publish
from letters.signing.managing import withdraw
from verification.errors import Refusal
from verification.ledger.auditing.fetching import Site
from verification.ledger.auditing.letter_address import LetterAddress
from verification.ledger.auditing.log_reading import BUNDLE_BYTES, bundle_widths
from verification.ledger.auditing.mirror_finding import find_mirror
from verification.ledger.auditing.trusting import read_head
from verification.ledger.leaves import Void, Withdrawal, decode_leaf, nullifier_of
from verification.ledger.notes import LONGEST_NOTE
from verification.ledger.tiles import ENTRIES, TileAddress, decode_bundle
from verification.mailbox.challenges import Kind, challenge_about

Removed = Mapping[bytes, Withdrawal | Void]
"""By nullifier, the leaf of whoever was counted out."""

_STANDS = SignatureRow.state == SignatureState.CONFIRMED.value, SignatureRow.log_secret.is_not(None)


class NoLogThere(Refusal):
    """There are no leaves of a log in the folder."""


def removed_in(log: str) -> Removed:
    """All who left, by a letter's address, on a mirror as well, or by a folder with the files below its log's
    `tile/entries`.

    Raises `NoLogThere`, `BadAddress`, `Unreachable`, `BadStatus`, `BadTile` or `BadLeaf`.
    """
    bundles = _fetched(log) if urlsplit(log).scheme in ("http", "https") else _files(Path(log))
    leaves = (decode_leaf(entry) for bundle in bundles for entry in decode_bundle(bundle))
    return {leaf.nullifier: leaf for leaf in leaves if isinstance(leaf, Withdrawal | Void)}


def remove_again(session: Session, removed: Removed, today: date) -> int:
    """Withdraw or void every signature that stands here and has left since; returns how many.

    They are counted out by the letter's next edition, and their names leave before.
    """
    query = select(SignatureRow.id, SignatureRow.letter_id, SignatureRow.log_secret).where(*_STANDS)
    rows = session.execute(query, execution_options={"yield_per": BATCH})
    found = ((id, letter_id, removed.get(nullifier_of(secret or b""))) for id, letter_id, secret in rows)
    gone = [(id, letter_id, leaf) for id, letter_id, leaf in found if leaf]
    voids: Counter[tuple[int, str]] = Counter()
    for id, letter_id, leaf in gone:
        if isinstance(leaf, Void):
            _void(session, id)
            voids[letter_id, leaf.reason] += 1
        elif challenge := challenge_about(session, Kind.MANAGE, id):
            withdraw(session, challenge)
    for (letter_id, reason), count in voids.items():
        decision = DecisionRow(act="voided", reason=reason, count=count, decided_on=today)
        publish(session, session.get_one(LetterRow, letter_id), decision)
    return len(gone)


def _void(session: Session, id: bytes) -> None:
    entries = update(EntryRow).where(EntryRow.signature_id == id).values(leaving=True)
    voided = update(SignatureRow).where(SignatureRow.id == id).values(**GONE, news=True)
    for statement in (entries, voided):
        session.execute(statement, execution_options=IN_BULK)
    erase_subscriptions(session, [id])


def _files(folder: Path) -> Iterator[bytes]:
    """The bundles of a folder as they are published: full ones, and narrower ones in folders that end in `.p`."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and _BUNDLE.search(file.as_posix())]
    if not files:
        raise NoLogThere(f"There are no leaves in {folder}: expected the files of a log's tile/entries.")
    yield from (file.read_bytes() for file in files)


def _fetched(url: str) -> Iterator[bytes]:
    site = Site(LetterAddress.parse(url))
    try:
        site.mirror, log = find_mirror(site), site.address.log
        head = read_head(site.get(f"{log}/checkpoint", LONGEST_NOTE))
        bundles = bundle_widths(head.checkpoint.size)
        yield from site.get_each((f"{log}/{TileAddress(ENTRIES, *bundle).path}" for bundle in bundles), BUNDLE_BYTES)
    finally:
        site.close()


_BUNDLE = re.compile(r"tile/entries/(?:x\d{3}/)*\d{3}(?:\.p/\d{1,3})?$")
