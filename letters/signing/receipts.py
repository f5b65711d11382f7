"""A receipt: a signer's own proof that the letter's log counts the signature (C2SP tlog-proof).

It is evidence. So it is made only for whoever holds the private link, out of what is there anyhow, and nothing is kept
of it. The signature finds its leaf; no leaf and no index is ever asked for, since that question would identify.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session, aliased

from letters.models.editions import EditionRow
from letters.models.heads import Head, newest_head
from letters.models.letters import LetterRow
from letters.models.signatures import SignatureRow, SignatureState
from letters.publishing.clockwork import must_erase
from letters.publishing.log import tile_reader
from verification.errors import Refusal
from verification.identity.boxes import unlock
from verification.identity.keyring import Keyring
from verification.ledger.leaves import Opening, Signature
from verification.ledger.receipts import Receipt
from verification.ledger.trees import ReadTile, entries_between, inclusion_proof

_FIRST = 1
"""The leaf behind the log's beginning."""


class NoReceipt(Refusal):
    """There is no receipt for this signature, or not now."""


class NotCountedYet(NoReceipt):
    """No edition has counted the signature."""


class HeadUnsigned(NoReceipt):
    """The log's head is not signed yet as far as the signature's edition."""


class CountedBeforeLog(NoReceipt):
    """The signature was counted when its letter had no log, and has no leaf."""


class IdentityErased(NoReceipt):
    """The sealed identity, to which the leaf commits, is erased or its day has passed."""


class StillHeld(NoReceipt):
    """An organiser looks at the signature first."""


class WasVoided(NoReceipt):
    """The organisers have thrown the signature out."""


class WasWithdrawn(NoReceipt):
    """The signature is withdrawn, or gone altogether."""


class LetterDown(NoReceipt):
    """The host took the letter down."""


class LetterLocked(NoReceipt):
    """The letter is under lockdown: no evidence is made meanwhile."""


class LeafMissing(NoReceipt):
    """The log does not hold the leaf that it should."""


@dataclass(frozen=True)
class Counted:
    """A signature that the log counts: what its leaf is made of (`box` around the sealed identity), its letter, from
    where up to where the leaves of its edition lie, and the newest signed head."""

    id: bytes
    secret: bytes
    box: bytes
    letter_id: int
    slug: str
    start: int
    end: int
    head: Head


def make_receipt(session: Session, signature_id: bytes, keyring: Keyring, now: datetime) -> Receipt:
    """The proof that the leaf of a signature is in its letter's log, with what opens that leaf. Changes nothing.

    Raises a `NoReceipt`; `KeyMissing`, `KeyUnusable` or `BoxDamaged` when the host's keys are not as they should be.
    """
    counted = find_counted(session, signature_id, now)
    sealed = unlock(keyring.identities(counted.slug), counted.box, counted.id)
    opening, read_tile = Opening.of(counted.secret, sealed), tile_reader(session, counted.letter_id)
    index = _index_of(opening, counted, read_tile)
    return Receipt(index, inclusion_proof(index, counted.head.size, read_tile), counted.head.checkpoint, opening)


def find_counted(session: Session, signature_id: bytes, now: datetime) -> Counted:
    """What a receipt would be made of. Raises the `NoReceipt` that says why there is none."""
    row = session.execute(_ABOUT, {"id": signature_id}).first()
    if row is None:
        raise WasWithdrawn("Nothing is left of the signature.")
    _check_state(row)
    _check_letter(row.LetterRow)
    if row.edition is None:
        raise NotCountedYet("The next edition counts the signature.")
    if row.log_secret is None or row.end is None:
        raise CountedBeforeLog("The letter had no log when it counted the signature.")
    if row.sealed is None or must_erase(row.LetterRow, now):
        raise IdentityErased("The sealed identity is erased.")
    head = newest_head(session, row.LetterRow.id)
    if head is None or head.size < row.end:
        raise HeadUnsigned("The log's head is being signed. Ask again in a minute.")
    letter = row.LetterRow
    return Counted(row.id, row.log_secret, row.sealed, letter.id, letter.slug, row.start or _FIRST, row.end, head)


def _check_state(row: Row[*tuple[Any, ...]]) -> None:
    if row.state == SignatureState.HELD.value:
        raise StillHeld("An organiser looks at the signature first.")
    if row.state == SignatureState.VOIDED.value:
        raise WasVoided("The organisers have thrown the signature out.")
    if row.state == SignatureState.WITHDRAWN.value:
        raise WasWithdrawn("The signature is withdrawn.")


def _check_letter(letter: LetterRow) -> None:
    if letter.taken_down_on is not None:
        raise LetterDown("The letter was taken down.")
    if letter.locked_on is not None:
        raise LetterLocked("The letter is under lockdown.")


def _index_of(opening: Opening, counted: Counted, read_tile: ReadTile) -> int:
    """Looks through all the leaves of the edition and of no other, wherever the one that is looked for lies."""
    entries = entries_between(counted.start, counted.end, read_tile)
    leaf = Signature(opening.commitment).encode()
    if leaf not in entries:
        raise LeafMissing("The log does not hold the signature's leaf. Run: undersigned recount")
    return counted.start + entries.index(leaf)


_edition, _before = aliased(EditionRow), aliased(EditionRow)
_ABOUT = (
    select(
        SignatureRow.id,
        SignatureRow.state,
        SignatureRow.edition,
        SignatureRow.log_secret,
        SignatureRow.sealed,
        LetterRow,
        _before.log_size.label("start"),
        _edition.log_size.label("end"),
    )
    .join(LetterRow, LetterRow.id == SignatureRow.letter_id)
    .outerjoin(_edition, (_edition.letter_id == LetterRow.id) & (_edition.number == SignatureRow.edition))
    .outerjoin(_before, (_before.letter_id == LetterRow.id) & (_before.number == SignatureRow.edition - 1))
    .where(SignatureRow.id == bindparam("id"))
)
