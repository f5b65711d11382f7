"""What a witness's answer means: a cosignature that holds, the size that it knows, or neither."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from letters.organising.cosigning.posting import LONGEST_ANSWER, Reply
from verification.errors import Refusal
from verification.ledger.cosignatures import cosigned_at
from verification.ledger.notes import BadNote, Note, UnknownKey, VerifierKey, WrongSignature
from verification.ledger.strict import strict_number
from verification.ledger.witness import SIZE

AHEAD_AT_MOST = timedelta(days=1)
"""How far a witness's clock may be ahead of ours."""


class BadReply(Refusal):
    """An answer that no witness should give: rubbish, or a cosignature that does not hold."""


class NotCosigned(Refusal):
    """The witness works, and does not cosign this log."""


@dataclass(frozen=True)
class Cosigned:
    """A cosignature that holds: its line as in a note, and the moment that it names."""

    witness: str
    at: datetime
    line: str


@dataclass(frozen=True)
class Knows:
    """The witness has cosigned so many leaves of the log, and not what the request said."""

    size: int


def read_reply(reply: Reply, note: str, key: VerifierKey, now: datetime) -> Cosigned | Knows:
    """Raises `BadReply`, or `NotCosigned` with the status of a refusal."""
    if len(reply.body) > LONGEST_ANSWER:
        raise BadReply("too long")
    if reply.status == HTTPStatus.OK:
        return _cosigned(reply.body, Note.parse(note), key, now)
    if reply.status == HTTPStatus.CONFLICT and reply.content_type == SIZE:
        return Knows(_size_in(reply.body))
    refused = HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR
    if refused and reply.status != HTTPStatus.TOO_MANY_REQUESTS:
        raise NotCosigned(f"status {reply.status}")
    raise BadReply(f"status {reply.status}")


def _cosigned(body: bytes, note: Note, key: VerifierKey, now: datetime) -> Cosigned:
    """The answer's lines are put under the checkpoint, which they must leave as it is."""
    try:
        signed = Note.parse(f"{note}{body.decode()}")
        seconds = cosigned_at(signed, key)
    except (UnicodeDecodeError, BadNote):
        raise BadReply("no signature lines") from None
    except (UnknownKey, WrongSignature) as wrong:
        raise BadReply(type(wrong).__name__) from None
    if signed.text != note.text:
        raise BadReply("another checkpoint")
    if seconds > (now + AHEAD_AT_MOST).timestamp():
        raise BadReply("a moment that is yet to come")
    return Cosigned(key.name, datetime.fromtimestamp(seconds, UTC), signed.by(key).line)


def _size_in(body: bytes) -> int:
    try:
        return strict_number(body.decode().removesuffix("\n"))
    except ValueError:
        raise BadReply("no size") from None
