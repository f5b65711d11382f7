"""Opening those who were drawn, and nobody else: with their names, or still sealed under custody `offline`."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields

from sqlalchemy.orm import Session

from letters.models.samples import SampleState
from letters.models.signatures import SignatureRow
from letters.models.values import Letter
from letters.organising.defending.looking import open_lines
from letters.organising.exports import Head, record_line
from letters.organising.handover.downloads import Content
from letters.organising.sampling.drawing import sample_row
from letters.organising.sampling.errors import NobodyLeft, NotDrawn
from letters.organising.sampling.frames import check_sampling, open_leaves
from letters.organising.sheets import csv_cell
from letters.organising.teams.trail import Act, Doing, record
from verification.identity.boxes import unlock
from verification.identity.custody import Opener
from verification.identity.keyring import Keyring
from verification.ledger.leaves import Opening

ID = 16
"""Bytes of a signature's id."""


@dataclass(frozen=True)
class Proof:
    """What shows which leaf of the log is somebody's, in hexadecimal digits.

    `commitment` = HMAC-SHA256(`blinding`, `nullifier_hash` || `seal_hash`). With its hash in hand a nullifier is
    recognised in the log, should they withdraw later; the document says so.
    """

    commitment: str
    nullifier_hash: str
    blinding: str
    seal_hash: str

    @classmethod
    def of(cls, opening: Opening) -> Proof:
        hidden = hashlib.sha256(opening.nullifier)
        return cls(opening.commitment.hex(), hidden.hexdigest(), opening.blinding.hex(), opening.seal_hash.hex())


@dataclass(frozen=True)
class Taken:
    """A file for the journalist, or for whoever opens the sealed one, and of how many people it is."""

    content: bytes
    count: int


def count_askable(session: Session, letter: Letter, keyring: Keyring, number: int) -> int:
    """How many of those drawn can still be opened. Raises what taking them does, but `NobodyLeft`."""
    return sum(1 for _ in _drawn(session, letter, keyring, number))


def take_names(session: Session, doing: Doing, letter: Letter, keyring: Keyring, opener: Opener, number: int) -> Taken:
    """Those drawn, with name, address and proof, as CSV; one whose identity is damaged has neither name nor address.

    Raises `NoSuchSample`, `NotDrawn`, `NobodyLeft`, or what `check_sampling` does.
    """
    drawn = _askable(session, letter, keyring, number)
    identities = open_lines(session, letter, keyring, opener, [row.id for row, _opening in drawn])
    table = [("name", "address", "profession", "region", *_PROOF)]
    for row, opening in drawn:
        identity = identities.get(row.id)
        who = (identity.name, identity.address) if identity else ("", "")
        table.append((*who, row.profession or "", row.region or "", *astuple(Proof.of(opening))))
    record(session, doing, Act.SAMPLE_OPENED, count=len(drawn), reason=Content.NAMES)
    return Taken(_as_csv(table), len(drawn))


def take_sealed(session: Session, doing: Doing, letter: Letter, keyring: Keyring, number: int) -> Taken:
    """Those drawn as an export that `undersigned unseal` opens. Raises what `take_names` does."""
    drawn, key = _askable(session, letter, keyring, number), keyring.identities(letter.slug)
    head = Head(letter.slug, letter.public_key, len(drawn), doing.now.date().isoformat())
    lines = [record_line(letter, row, unlock(key, row.sealed or b"", row.id)) for row, _opening in drawn]
    record(session, doing, Act.SAMPLE_OPENED, count=len(drawn), reason=Content.SEALED)
    return Taken("".join(f"{line}\n" for line in (head.as_line(), *lines)).encode(), len(drawn))


def take_proofs(session: Session, doing: Doing, letter: Letter, keyring: Keyring, number: int) -> Taken:
    """The proofs of those drawn, which name nobody, as CSV; the column `signature` ties them to what was unsealed.

    Raises what `take_names` does.
    """
    drawn = _askable(session, letter, keyring, number)
    rows = [(row.id.hex(), *astuple(Proof.of(opening))) for row, opening in drawn]
    record(session, doing, Act.SAMPLE_OPENED, count=len(drawn), reason=Content.PROOFS)
    return Taken(_as_csv([("signature", *_PROOF), *rows]), len(drawn))


def _askable(session: Session, letter: Letter, keyring: Keyring, number: int) -> Sequence[tuple[SignatureRow, Opening]]:
    drawn = list(_drawn(session, letter, keyring, number))
    if not drawn:
        raise NobodyLeft("Nobody who was drawn still agrees. Report that 0 were confirmed.")
    return drawn


def _drawn(session: Session, letter: Letter, keyring: Keyring, number: int) -> Iterator[tuple[SignatureRow, Opening]]:
    """Those of the drawn who stand and agree at this moment, and nobody else."""
    check_sampling(letter)
    row = sample_row(session, letter.id, number)
    if row.state != SampleState.DRAWN.value or row.drawn is None:
        raise NotDrawn("The sample is not drawn yet, or has ended.")
    ids = [row.drawn[start : start + ID] for start in range(0, len(row.drawn), ID)]
    return open_leaves(session, letter, keyring, SignatureRow.id.in_(ids))


def _as_csv(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([csv_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


_PROOF = tuple(field.name for field in fields(Proof))
