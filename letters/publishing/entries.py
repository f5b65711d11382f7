"""The public list: printing entries in shuffled order, and taking them away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from letters.models.editions import EntryRow
from letters.models.signatures import Display, SignatureRow
from letters.publishing.coarsening import Ancestors, Traits, coarsen
from verification.identity.boxes import unlock


@dataclass(frozen=True)
class Printer:
    """What printing needs: the server key `names`, the letter's threshold, its vocabularies, and a shuffle."""

    names_key: bytes
    at_least: int
    professions: Ancestors
    regions: Ancestors
    shuffled: Callable[[list[SignatureRow]], list[SignatureRow]]

    def print(self, session: Session, edition: int, rows: Sequence[SignatureRow]) -> None:
        """Print the entries of these confirmed signatures in shuffled order; `counted` ones have none."""
        entries = self.shuffled([row for row in rows if row.display != Display.COUNTED.value])
        pseudonymous = [row for row in entries if row.display == Display.PSEUDONYM.value]
        traits = [Traits(str(row.profession), str(row.region)) for row in pseudonymous]
        coarse = coarsen(traits, self.at_least, self.professions, self.regions)
        shown = dict(zip((row.id for row in pseudonymous), coarse, strict=True))
        values = [
            {"edition": edition, "position": position, **self._entry(row, shown.get(row.id))}
            for position, row in enumerate(entries, start=1)
        ]
        if values:
            session.execute(insert(EntryRow), values)

    def _entry(self, row: SignatureRow, pair: tuple[str | None, str | None] | None) -> dict[str, object]:
        name = public_name(self.names_key, row) if pair is None else None
        profession, region = pair or (row.profession, row.region)
        return {
            "letter_id": row.letter_id,
            "signature_id": row.id,
            "name": name,
            "folded": fold(name) if name else None,
            "pseudonym": row.pseudonym if name is None else None,
            "profession": profession,
            "region": region,
            "leaving": False,
        }


def remove_leaving(session: Session, letter_id: int) -> int:
    """Take away the entries whose signers hid or withdrew them; returns how many."""
    statement = delete(EntryRow).where(EntryRow.letter_id == letter_id, EntryRow.leaving.is_(True))
    gone = session.execute(statement.returning(EntryRow.position), execution_options=_NO_SYNC)
    return len(gone.all())


def public_name(names_key: bytes, row: SignatureRow) -> str:
    """The name that a `named` signer gave for printing."""
    return unlock(names_key, row.name_box or b"", row.id).decode()


def fold(name: str) -> str:
    """A name as it is searched: without case, and ё like е."""
    return name.casefold().replace("ё", "е")


_NO_SYNC = {"synchronize_session": False}
