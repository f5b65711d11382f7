"""Looking at a letter's signatures: page by page in the order of their random ids, which says nothing about time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from letters.models.signatures import SEEN_AS, Display, SignatureRow, SignatureState, Standing, Suspicion
from letters.models.values import Letter
from letters.organising.defending.filters import Filter, conditions
from letters.organising.lockdown import check_exportable
from letters.publishing.entries import fold
from letters.publishing.erasing import chunks
from letters.signing.pending import Identity, seal_context
from verification.identity.boxes import BoxDamaged, unlock
from verification.identity.custody import Opener
from verification.identity.hybrid import CannotOpen
from verification.identity.keyring import Keyring

PAGE = 50
"""Signatures on a page, and as many as one search finds."""

LOOKED_AT = 2000
"""Sealed identities that one search opens."""


@dataclass(frozen=True)
class Line:
    """What an organiser sees of a signature without opening it; who waits for the letter's pact is `counted`.

    `released` is the first edition that counted it, and `batch` the voiding that can still be undone.
    """

    id: bytes
    state: SignatureState
    held_for: Suspicion | None
    profession: str | None
    region: str | None
    standing: Standing
    display: Display
    released: int | None
    batch: int | None


@dataclass(frozen=True)
class Listing:
    """A page of them; `next` is where the next one begins, None after the last."""

    lines: Sequence[Line]
    next: bytes | None


@dataclass(frozen=True)
class Found:
    """What a search by name has found after it `looked` at so many, damaged ones among them; `next` is where it goes
    on, if anything is left."""

    lines: Sequence[Line]
    identities: Mapping[bytes, Identity | None]
    next: bytes | None
    looked: int


def list_signatures(
    session: Session,
    letter_id: int,
    filter: Filter,  # noqa: A002
    after: bytes | None = None,
    limit: int = PAGE,
) -> Listing:
    """A page of the signatures that fit, those after the id `after`; pending ones are never listed."""
    rows = session.execute(_in_order(letter_id, filter, after).limit(limit + 1)).all()
    lines = [line_of(row) for row in rows[:limit]]
    return Listing(lines, lines[-1].id if len(rows) > limit else None)


def count_fitting(session: Session, letter_id: int, filter: Filter) -> int:  # noqa: A002
    """How many signatures fit; of pending ones nothing but their number can be learned here."""
    query = select(func.count()).select_from(SignatureRow).where(*conditions(letter_id, filter))
    return session.scalar(query) or 0


def open_lines(
    session: Session, letter: Letter, keyring: Keyring, opener: Opener, ids: Sequence[bytes]
) -> Mapping[bytes, Identity | None]:
    """Who these signers are, by id; None where that is damaged. What is erased or pending is left out.

    Raises `UnderLockdown` or `IdentitiesGone`.
    """
    check_exportable(letter)
    shown = SignatureRow.letter_id == letter.id, SignatureRow.state != SignatureState.PENDING.value
    sealed = select(SignatureRow.id, SignatureRow.sealed).where(*shown, SignatureRow.sealed.is_not(None))
    rows = [row for some in chunks(ids) for row in session.execute(sealed.where(SignatureRow.id.in_(some)))]
    if not rows:
        return {}
    key = keyring.identities(letter.slug)
    return {row.id: _open(letter.slug, row.id, row.sealed, key, opener) for row in rows}


def search_names(  # noqa: PLR0913, PLR0917 - nothing of it belongs together but in a search
    session: Session,
    letter: Letter,
    keyring: Keyring,
    opener: Opener,
    filter: Filter,  # noqa: A002
    words: str,
    after: bytes | None = None,
    at_most: int = LOOKED_AT,
) -> Found:
    """Those that fit and whose name, address or workplace holds `words`, as the public list searches them.

    Opens at most `at_most` of them after the id `after`, and stops at a page of findings. Raises `UnderLockdown` or
    `IdentitiesGone`.
    """
    check_exportable(letter)
    query = _in_order(letter.id, filter, after).add_columns(SignatureRow.sealed)
    query = query.where(SignatureRow.sealed.is_not(None)).limit(at_most + 1)
    wanted, key = fold(" ".join(words.split())), keyring.identities(letter.slug)
    with closing(session.execute(query, execution_options={"yield_per": 200})) as rows:
        return _search(rows, letter.slug, key, opener, wanted, at_most)


def _search(
    rows: Iterator[Row[*tuple[object, ...]]], slug: str, key: bytes, opener: Opener, wanted: str, at_most: int
) -> Found:
    lines: list[Line] = []
    identities: dict[bytes, Identity] = {}
    looked, last = 0, None
    for row in rows:
        if looked == at_most or len(lines) == PAGE:
            return Found(lines, identities, last, looked)
        looked, last = looked + 1, row.id
        identity = _open(slug, row.id, row.sealed, key, opener)
        if identity and any(wanted in fold(text) for text in _texts(identity)):
            lines.append(line_of(row))
            identities[row.id] = identity
    return Found(lines, identities, None, looked)


def _texts(identity: Identity) -> tuple[str, str, str]:
    return identity.name, identity.address, identity.workplace


def _open(slug: str, id: bytes, sealed: bytes, key: bytes, opener: Opener) -> Identity | None:
    """What a signer sealed, out of both its covers; None where one of them is damaged."""
    try:
        plain = json.loads(opener.open(unlock(key, sealed, id), seal_context(slug, id)))
        return Identity(str(plain["name"]), str(plain["address"]), str(plain["workplace"]))
    except (BoxDamaged, CannotOpen, KeyError, TypeError, ValueError):
        return None


def _in_order(letter_id: int, filter: Filter, after: bytes | None) -> Select[*tuple[object, ...]]:  # noqa: A002
    listed = SignatureRow.state != SignatureState.PENDING.value
    query = select(*LINE).where(*conditions(letter_id, filter), listed).order_by(SignatureRow.id)
    return query.where(SignatureRow.id > after) if after else query


LINE = (
    SignatureRow.id,
    SignatureRow.state,
    SignatureRow.held_for,
    SignatureRow.profession,
    SignatureRow.region,
    SignatureRow.standing,
    SEEN_AS.label("display"),
    SignatureRow.edition,
    SignatureRow.batch,
)
"""What a line is made of."""


def line_of(row: Row[*tuple[object, ...]]) -> Line:
    """A line from a row of `LINE`."""
    return Line(
        id=row.id,
        state=SignatureState(row.state),
        held_for=Suspicion(row.held_for) if row.held_for else None,
        profession=row.profession,
        region=row.region,
        standing=Standing(row.standing),
        display=Display(row.display),
        released=row.edition,
        batch=row.batch,
    )
