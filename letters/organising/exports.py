"""An export of a letter's signatures, identities still sealed, and opening it with the letter's secret key."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from letters.models.signatures import SignatureRow, SignatureState
from letters.models.values import Letter
from letters.signing.pending import seal_context
from verification.errors import Refusal
from verification.identity.sealing import CannotOpen, unseal

_SEALED = ("name", "address", "workplace")
_BESIDE = ("profession", "region", "display", "state")
_NO_RECORD = "The line is not a whole record of an export."


class BadRecord(Refusal):
    """A line of an export cannot be opened."""


@dataclass(frozen=True)
class Opened:
    """One signature with its identity in clear."""

    name: str
    address: str
    workplace: str
    profession: str
    region: str
    display: str
    state: str


def count_records(session: Session, letter: Letter) -> int:
    """How many lines `sealed_records` yields."""
    return session.scalar(select(func.count()).select_from(SignatureRow).where(*_stands(letter))) or 0


def sealed_records(session: Session, letter: Letter) -> Iterator[str]:
    """One line of JSON a signature that stands, in the random order of the ids."""
    query = select(SignatureRow).where(*_stands(letter)).order_by(SignatureRow.id)
    for row in session.scalars(query.execution_options(yield_per=500)):
        record = {
            "letter": letter.slug,
            "signature": row.id.hex(),
            "state": row.state,
            "display": row.display,
            "profession": row.profession,
            "region": row.region,
            "sealed": base64.b64encode(row.sealed or b"").decode("ascii"),
        }
        yield json.dumps(record)


def open_record(line: str, secret: str) -> Opened:
    """Open one line of an export. Raises `BadRecord` with the reason, or `BadSecretKey`."""
    try:
        record: dict[str, Any] = json.loads(line)
        context = seal_context(record["letter"], bytes.fromhex(record["signature"]))
        sealed = base64.b64decode(record["sealed"], validate=True)
        identity = json.loads(unseal(secret, sealed, context))
        values = [*(identity[field] for field in _SEALED), *(record[field] for field in _BESIDE)]
    except CannotOpen as error:
        raise BadRecord(str(error)) from None
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise BadRecord(_NO_RECORD) from None
    if not all(isinstance(value, str) for value in values):
        raise BadRecord(_NO_RECORD)
    return Opened(*values)


def _stands(letter: Letter) -> tuple[ColumnElement[bool], ...]:
    states = (SignatureState.CONFIRMED.value, SignatureState.HELD.value)
    return SignatureRow.letter_id == letter.id, SignatureRow.state.in_(states)
