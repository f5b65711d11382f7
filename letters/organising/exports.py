"""An export of a letter's signatures, identities still sealed, and opening it with the letter's secret key."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.signatures import SignatureRow, SignatureState
from letters.models.values import Letter
from letters.signing.pending import seal_context
from verification.errors import Refusal
from verification.identity.sealing import CannotOpen, unseal


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


def sealed_records(session: Session, letter: Letter) -> Iterator[str]:
    """One line of JSON a signature that stands, in the random order of the ids."""
    stands = (SignatureState.CONFIRMED.value, SignatureState.HELD.value)
    query = (
        select(SignatureRow)
        .where(SignatureRow.letter_id == letter.id, SignatureRow.state.in_(stands))
        .order_by(SignatureRow.id)
        .execution_options(yield_per=500)
    )
    for row in session.scalars(query):
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
        return Opened(
            **{field: identity[field] for field in ("name", "address", "workplace")},
            **{field: record[field] for field in ("profession", "region", "display", "state")},
        )
    except CannotOpen as error:
        raise BadRecord(str(error)) from None
    except (json.JSONDecodeError, binascii.Error, KeyError, TypeError, ValueError, AttributeError):
        raise BadRecord("The line is not a whole record of an export.") from None
