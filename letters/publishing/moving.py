"""Writing rows anew in shuffled order, so that where a row lies on the disk does not tell when its signer came.

A database puts rows down in the order in which they come. At each edition the rows that it takes are taken out and put
back in another order, each with everything that hangs on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Table, delete
from sqlalchemy.orm import Session

from letters.models.signatures import SignatureRow, SubscriptionRow
from letters.publishing.erasing import chunks
from verification.database import put_down, table_of
from verification.mailbox.challenges import ChallengeRow

Values = Mapping[str, Any]


def move_signatures(session: Session, shuffled: Sequence[bytes], settled: Callable[[Values], Values]) -> None:
    """Put the signatures named in `shuffled` down again in that order, each as `settled` says of its columns.

    Whoever waits for one of these rows finds it gone and has to look again (`managing`): its place has changed.
    """
    signatures, subscriptions, challenges = map(table_of, (SignatureRow, SubscriptionRow, ChallengeRow))
    for ids in chunks(shuffled):
        _move(session, signatures, signatures.c.id, ids, settled)
        _move(session, subscriptions, subscriptions.c.signature_id, ids, dict)
        _move(session, challenges, challenges.c.subject, ids, dict)


def _move(
    session: Session, table: Table, key: Column[Any], ids: Sequence[bytes], settled: Callable[[Values], Values]
) -> None:
    taken = session.execute(delete(table).where(key.in_(ids)).returning(*table.c)).mappings().all()
    place = {id: number for number, id in enumerate(ids)}
    rows = sorted(taken, key=lambda row: place[bytes(row[key.name])])
    put_down(session, table, [settled(dict(row)) for row in rows])
