"""The public list: printing entries in shuffled order, and taking them away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from unicodedata import normalize

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from letters.models.editions import EntryRow
from letters.models.signatures import Display, SignatureRow
from letters.publishing.coarsening import Ancestors, Pair, Traits, coarsen
from letters.publishing.erasing import IN_BULK
from verification.identity.boxes import unlock

T = TypeVar("T")

PADDED_TO = 128
"""Bytes to whose next multiple a name is padded: 64 letters of Cyrillic."""


class Shuffle(Protocol):
    """Where a random order comes from."""

    def shuffled(self, items: list[T]) -> list[T]: ...


@dataclass(frozen=True)
class Printer:
    """What printing needs: the server key `names`, the letter's threshold, its vocabularies, and a shuffle."""

    names_key: bytes
    at_least: int
    professions: Ancestors
    regions: Ancestors
    chance: Shuffle

    def print(self, session: Session, edition: int, rows: Sequence[SignatureRow]) -> None:
        """Print the entries of these confirmed signatures in shuffled order; `counted` ones, and names that wait for
        their letter's pact, have none.

        A name is printed as the box that it came in; one that does not open raises `BoxDamaged`. An entry under a
        pseudonym is printed as finely as enough others that are printed for the first time; one that was printed before
        shows neither profession nor region, so that no entry ever gets finer.
        """
        entries = self.chance.shuffled([row for row in rows if row.seen_as is not Display.COUNTED])
        shown = self._coarsened([row for row in entries if self._is_first(row)])
        values = [
            {"edition": edition, "position": position, **self._entry(row, shown.get(row.id, (None, None)))}
            for position, row in enumerate(entries, start=1)
        ]
        if values:
            session.execute(insert(EntryRow), values)

    def _is_first(self, row: SignatureRow) -> bool:
        """Whether a pseudonym is printed for the first time; where nothing is coarsened, every time is as good."""
        return row.display == Display.PSEUDONYM.value and (not row.listed or self.at_least == 1)

    def _coarsened(self, rows: Sequence[SignatureRow]) -> dict[bytes, Pair]:
        traits = [Traits(str(row.profession), str(row.region)) for row in rows]
        pairs = coarsen(traits, self.at_least, self.professions, self.regions)
        return dict(zip((row.id for row in rows), pairs, strict=True))

    def _entry(self, row: SignatureRow, coarsened: Pair) -> dict[str, object]:
        named = row.display == Display.NAMED.value
        if named:
            public_name(self.names_key, row.name_box, row.id)
        profession, region = (row.profession, row.region) if named else coarsened
        return {
            "letter_id": row.letter_id,
            "signature_id": row.id,
            "name_box": row.name_box if named else None,
            "pseudonym": None if named else row.pseudonym,
            "profession": profession,
            "region": region,
            "leaving": False,
        }


def remove_leaving(session: Session, letter_id: int) -> int:
    """Take away the entries whose signers hid or withdrew them; returns how many."""
    statement = delete(EntryRow).where(EntryRow.letter_id == letter_id, EntryRow.leaving.is_(True))
    gone = session.execute(statement.returning(EntryRow.position), execution_options=IN_BULK)
    return len(gone.all())


def padded_name(name: str) -> bytes:
    """A name as it goes into its box: filled up with NUL, which no name holds, so that the box does not tell how long
    it is. Names may wait there for months, and be erased unseen."""
    plain = name.encode()
    return plain.ljust(-(-len(plain) // PADDED_TO) * PADDED_TO, b"\0")


def public_name(names_key: bytes, name_box: bytes | None, signature_id: bytes) -> str:
    """The name that a `named` signer gave to be public, before and after it is printed.

    Raises `BoxDamaged` when the server key `names` is another one than it was locked under.
    """
    return unlock(names_key, name_box or b"", signature_id).rstrip(b"\0").decode()


def fold(name: str) -> str:
    """A name as it is searched: without case, ё like е, every space alike, marks as one with their letters (NFC)."""
    return " ".join(normalize("NFC", name).split()).casefold().replace("ё", "е")
