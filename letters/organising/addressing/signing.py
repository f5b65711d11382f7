"""Signing a letter's list of official addresses, once what it says is committed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from letters.models.addresses import AddressListRow, own_address
from letters.models.letters import LetterRow
from letters.models.log import LogRow
from letters.organising.log_signing import OtherKey
from letters.publishing.editions import lock_letter
from letters.runtime import Runtime
from verification.ledger.heads import SeenHeads
from verification.ledger.notes import Note, NoteSigner
from verification.ledger.official import AddressList, list_origin


@dataclass(frozen=True)
class _Unsigned:
    """What a list is to say, and who signs it."""

    number: int
    mirrors: tuple[str, ...]
    log: str
    verifier: str


def asking_for_list(session: Session, base_url: str) -> set[int]:
    """The letters with a log whose list nobody has signed as it has to be, for lack of one or under another address.

    This site's own has to come first, after the day: the address that a site moves to may be on the list as a mirror's.
    """
    first = literal(f"%\n____-__-__\n{own_address(base_url, '-').removesuffix('-')}") + LetterRow.slug + literal("\n%")
    signed = AddressListRow.note.like(first)
    stale = ~func.coalesce(signed, False) & (LetterRow.completed.is_(False) | AddressListRow.letter_id.is_not(None))
    joined = select(LetterRow.id).join(LogRow).outerjoin(AddressListRow, AddressListRow.letter_id == LetterRow.id)
    return set(session.scalars(joined.where(stale)))


def sign_list(runtime: Runtime, slug: str) -> bool:
    """Sign a letter's list if that is due; the first one has this site's address alone. True if it was.

    What was signed is remembered beside the key, so that after a database was set back no number is given twice.
    Raises `OtherKey` or `KeyMissing`.
    """
    with runtime.reading() as session:
        row = session.scalar(select(LetterRow.id).where(LetterRow.slug == slug))
        due = row in asking_for_list(session, runtime.settings.base_url)
    begin = partial(_begin, slug=slug, base_url=runtime.settings.base_url)
    unsigned = runtime.settle(begin) if due else None
    if unsigned is None:
        return False
    signer = NoteSigner(unsigned.log, runtime.keyring.log_seed(slug))
    if str(signer.verifier) != unsigned.verifier:
        raise OtherKey(f"The key log/{slug}.key is not the one that signs this letter's log. Put that one back.")
    signed = _numbered(runtime, unsigned, own_address(runtime.settings.base_url, slug))
    note = str(Note(signed.text, (signer.sign(signed.text),)))
    return runtime.settle(partial(_keep, slug=slug, unsigned=unsigned, number=signed.number, note=note))


def _begin(session: Session, slug: str, base_url: str) -> _Unsigned | None:
    """What there is to sign, under a new number where another list was signed under this one; None once another
    process has signed it."""
    letter = lock_letter(session, slug)
    if letter.id not in asking_for_list(session, base_url):
        return None
    log, row = session.get_one(LogRow, letter.id), session.get(AddressListRow, letter.id)
    if row is None:
        row = AddressListRow(letter_id=letter.id, number=1, mirrors=[], note=None)
        session.add(row)
    elif row.note is not None:
        row.number, row.note = row.number + 1, None
    return _Unsigned(row.number, tuple(row.mirrors), log.origin, log.verifier)


def _numbered(runtime: Runtime, unsigned: _Unsigned, own: str) -> AddressList:
    """The list under the first number from its own on that no other list of this letter was signed under."""
    origin, addresses = list_origin(unsigned.log), (own, *(each for each in unsigned.mirrors if each != own))
    with SeenHeads(runtime.keyring.signed_heads).locked(origin) as memory:
        made = AddressList(origin, unsigned.number, runtime.clock().date(), addresses)
        if memory.head and (made.number, _root(made)) != memory.head:
            number = max(made.number, memory.head[0] + 1)
            made = AddressList(origin, number, made.day, addresses)
        memory.remember(made.number, _root(made))
    return made


def _root(made: AddressList) -> bytes:
    return sha256(made.text.encode()).digest()


def _keep(session: Session, slug: str, unsigned: _Unsigned, number: int, note: str) -> bool:
    """False where the list was changed, or signed by another process, meanwhile."""
    letter = lock_letter(session, slug)
    row = session.get_one(AddressListRow, letter.id)
    if row.note is not None or (row.number, tuple(row.mirrors)) != (unsigned.number, unsigned.mirrors):
        return False
    row.number, row.note = number, note
    letter.revision += 1
    return True
