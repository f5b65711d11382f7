"""A letter's log: its beginning, and the leaves that each edition appends. Signing its heads comes after the commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from letters.models.editions import EditionRow
from letters.models.letters import LetterRow
from letters.models.log import LogHeadRow, LogRow, LogTileRow
from letters.models.signatures import SignatureState
from letters.publishing.changes import DIMENSIONS
from letters.publishing.entries import Shuffle
from letters.publishing.tallies import PAIRS, UNREAD, Scheme
from verification.database import table_of
from verification.errors import Refusal
from verification.identity.boxes import BoxDamaged, unlock
from verification.ledger.leaves import (
    Beginning,
    Opening,
    Signature,
    Tally,
    Void,
    Withdrawal,
    hashed_pairs,
    nullifier_of,
)
from verification.ledger.trees import Grown, ReadTile, append

UNKNOWN_REASON = "other"
"""Why a signature was voided whose reason nobody wrote down."""


class LogMissing(Refusal):
    """A letter has no log yet."""


@dataclass(frozen=True)
class Writer:
    """What writing a log needs: the letter's key `identities` if it is still there, randomness, and an order."""

    identities_key: bytes | None
    random_bytes: Callable[[int], bytes]
    chance: Shuffle


@dataclass
class Leaves:
    """The leaves of one edition, gathered while its rows are put down."""

    writer: Writer
    _signatures: list[bytes] = field(default_factory=list)
    _removals: list[bytes] = field(default_factory=list)

    def arrive(self, row: Mapping[str, Any]) -> bytes:
        """Add the leaf of a signature that is counted for the first time; returns its secret, 32 random bytes.

        One whose identity was erased before it was counted, or is damaged, commits to none.
        """
        secret = self.writer.random_bytes(32)
        opening = Opening.of(secret, self._sealed(row))
        self._signatures.append(Signature(opening.commitment).encode())
        return secret

    def leave(self, row: Mapping[str, Any], reason: str | None) -> None:
        """Add the leaf of one that is counted out: voided for a reason, or else withdrawn.

        One that was counted before there was a log has no leaf that its nullifier could lead to.
        """
        secret = row["log_secret"] or self.writer.random_bytes(32)
        if row["state"] == SignatureState.VOIDED.value:
            self._removals.append(Void(nullifier_of(secret), reason or UNKNOWN_REASON).encode())
        else:
            self._removals.append(Withdrawal(nullifier_of(secret)).encode())

    def _sealed(self, row: Mapping[str, Any]) -> bytes:
        if not self.writer.identities_key or not row["sealed"]:
            return b""
        with suppress(BoxDamaged):
            return unlock(self.writer.identities_key, row["sealed"], row["id"])
        return b""

    def shuffled(self) -> list[bytes]:
        """Signatures and then removals, each in an order that says nothing."""
        return [*self.writer.chance.shuffled(self._signatures), *self.writer.chance.shuffled(self._removals)]


def begin_log(session: Session, letter: LetterRow, log: LogRow, content: Mapping[str, Any]) -> None:
    """Begin the log of a locked letter with leaf 0."""
    log.letter_id = letter.id
    session.add(log)
    session.flush()
    before = session.get(EditionRow, (letter.id, letter.edition)) if letter.edition else None
    counted = {
        "edition": letter.edition,
        "signatures": before.signatures if before else 0,
        "withdrawn": before.withdrawn if before else 0,
        "voided": before.voided if before else 0,
    }
    _write(session, letter.id, append(0, [Beginning({**content, "before": counted}).encode()], _nothing))


def has_log(session: Session, letter_id: int) -> bool:
    return session.get(LogRow, letter_id) is not None


def write_edition(session: Session, letter: LetterRow, edition: EditionRow, scheme: Scheme, leaves: Leaves) -> None:
    """Append the leaves of an edition, and then its tally; the edition says how large the log is with it.

    Raises `LogMissing` before `begin_log`.
    """
    tally = Tally(_printed(edition, scheme)).encode()
    edition.log_size = append_entries(session, letter.id, [*leaves.shuffled(), tally])


def append_entries(session: Session, letter_id: int, entries: Sequence[bytes]) -> int:
    """Append to a log that has begun; returns its new size. What is there is neither read nor written, but its edge."""
    grown = append(newest_size(session, letter_id), entries, tile_reader(session, letter_id))
    _write(session, letter_id, grown)
    return grown.size


def newest_size(session: Session, letter_id: int) -> int:
    """How many leaves a log has, signed or not. Raises `LogMissing`."""
    sizes = select(LogHeadRow.size).where(LogHeadRow.letter_id == letter_id)
    size = session.scalar(sizes.order_by(LogHeadRow.size.desc()).limit(1))
    if size is None:
        raise LogMissing("The letter has no log yet; the worker begins it once the letter is open.")
    return size


def tile_reader(session: Session, letter_id: int) -> ReadTile:
    """How to read a log's tiles."""

    def read(level: int, number: int) -> bytes:
        place = LogTileRow.letter_id == letter_id, LogTileRow.level == level, LogTileRow.number == number
        return session.scalar(select(LogTileRow.data).where(*place)) or b""

    return read


def _nothing(_level: int, _number: int) -> bytes:
    return b""


def _write(session: Session, letter_id: int, grown: Grown) -> None:
    session.add(LogHeadRow(letter_id=letter_id, size=grown.size, root=grown.root, note=None))
    tiles = table_of(LogTileRow)
    for level, first in _first_of_each_level(grown).items():  # which may be there, narrower
        old = tiles.c.letter_id == letter_id, tiles.c.level == level, tiles.c.number == first
        session.execute(delete(tiles).where(*old))
    rows = [
        {"letter_id": letter_id, "level": level, "number": number, "data": data}
        for (level, number), data in grown.tiles.items()
    ]
    session.execute(insert(tiles), rows)
    session.flush()


def _first_of_each_level(grown: Grown) -> dict[int, int]:
    return dict(sorted(grown.tiles, reverse=True))


def _printed(edition: EditionRow, scheme: Scheme) -> dict[str, Any]:
    figures: dict[str, Any] = {
        dimension: {"of": len(set(scheme.codes(dimension))), **edition.figures[dimension]} for dimension in DIMENSIONS
    }
    besides = {UNREAD: edition.figures[UNREAD]}
    if PAIRS in edition.figures:
        besides[PAIRS] = hashed_pairs(edition.figures[PAIRS])
    return {
        "edition": edition.number,
        "released_at": edition.released_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "signatures": edition.signatures,
        "withdrawn": edition.withdrawn,
        "voided": edition.voided,
        "total": edition.total,
        "figures": figures | besides,
    }
