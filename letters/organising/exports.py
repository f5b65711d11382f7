"""An export of a letter's signatures, identities still sealed: a head line, then one line a signature.

The head line tells how many follow and to which key they are sealed, so that a cut file, a record of another letter
and a key of another letter are noticed where it is opened (`unsealing`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from letters.models.signatures import SignatureRow, SignatureState
from letters.models.values import Letter
from verification.errors import Refusal
from verification.identity.boxes import BoxDamaged, unlock
from verification.identity.keyring import Keyring

FORMAT = "undersigned-export-2"
"""The first form had no head line."""


class BadHead(Refusal):
    """The head line of an export is damaged, or of a form that this version does not know."""


@dataclass(frozen=True)
class Head:
    """What the first line of an export says about the rest; `on` is the day of the export (UTC)."""

    letter: str
    public_key: str
    records: int
    on: str

    def as_line(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)})


def head_of(session: Session, letter: Letter, today: date) -> Head:
    """The head line for what `sealed_records` yields in the same transaction."""
    return Head(letter.slug, letter.public_key, count_records(session, letter), today.isoformat())


def count_records(session: Session, letter: Letter) -> int:
    """How many signatures stand, and would be exported."""
    standing = _stands(letter, SignatureRow.letter_id.expression)
    return session.scalar(select(func.count()).select_from(SignatureRow).where(*standing)) or 0


def read_head(line: bytes) -> Head | None:
    """The head line of an export, or None where the line is no head: exports once had none. Raises `BadHead`."""
    try:
        fields: dict[str, Any] = json.loads(line)
        form = fields.pop("format")
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return None
    if form != FORMAT:
        raise BadHead("The export was made by another version of Undersigned; open it with that one, or a later one.")
    try:
        head = Head(**fields)
    except TypeError:
        head = None
    if head is None or not _is_whole(head):
        raise BadHead("The first line of the export is damaged. Export again.")
    return head


def sealed_records(session: Session, letter: Letter, keyring: Keyring) -> Iterator[str]:
    """One line of JSON a signature that stands, in the random order of the ids.

    A record whose box is damaged has no sealed identity; whoever opens the export is told. Raises `KeyMissing` or
    `KeyUnusable` where there are signatures and no key of the boxes around them.
    """
    query = select(SignatureRow).where(*_stands(letter, _along_the_key(session))).order_by(SignatureRow.id)
    with closing(session.scalars(query.execution_options(yield_per=500))) as rows:
        key = b""
        for row in rows:
            key = key or keyring.identities(letter.slug)  # a draft has no such key, and no signatures
            yield record_line(letter, row, _sealed_identity(row, key))


def record_line(letter: Letter, row: SignatureRow, sealed: bytes | None) -> str:
    """One line of an export; `sealed` is the identity out of its box, None where that is damaged.

    Who waits for the letter's pact is `counted` there: whoever makes a list of names out of an export makes none public
    before its time.
    """
    record = {
        "letter": letter.slug,
        "signature": row.id.hex(),
        "state": row.state,
        "display": row.seen_as.value,
        "profession": row.profession,
        "region": row.region,
        "sealed": base64.b64encode(sealed).decode("ascii") if sealed else None,
    }
    return json.dumps(record)


def _sealed_identity(row: SignatureRow, key: bytes) -> bytes | None:
    """What was sealed to the letter's key, out of its box; None where that is damaged."""
    try:
        return unlock(key, row.sealed or b"", row.id)
    except BoxDamaged:
        return None


def _is_whole(head: Head) -> bool:
    texts = head.letter, head.public_key, head.on
    return all(isinstance(text, str) for text in texts) and type(head.records) is int and head.records >= 0


def _along_the_key(session: Session) -> ColumnElement[int]:
    """The rows' letter, said so that SQLite uses no index: it would sort copies of all rows in temporary files."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    return SignatureRow.letter_id + 0 if sqlite else SignatureRow.letter_id.expression


def _stands(letter: Letter, of_letter: ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
    states = (SignatureState.CONFIRMED.value, SignatureState.HELD.value)
    return of_letter == letter.id, SignatureRow.state.in_(states)
