"""What a waiting mail turns out to be when it is sent: a confirmation, the private link, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from letters.models.signatures import SignatureRow, SignatureState
from letters.publishing.erasing import erase_signatures
from verification.mailbox.challenges import Kind, challenge_about, find_challenge, open_challenge
from verification.mailbox.outbox import Waiting, remember_challenge
from verification.mailbox.tokens import CONFIRM_FOR

_STANDS = (SignatureState.CONFIRMED.value, SignatureState.HELD.value)


@dataclass(frozen=True)
class Letterhead:
    """Which mail to write: its kind, and the challenge whose link it carries."""

    kind: Kind
    challenge: bytes


def address_mail(
    session: Session, mail: Waiting, now: datetime, random_bytes: Callable[[int], bytes]
) -> Letterhead | None:
    """Decide what to send, the same at every attempt. None: nothing, because the signature is gone, repeats a form
    that was mailed within the last minutes, or its address may not sign."""
    if mail.challenge is not None:
        challenge = find_challenge(session, mail.challenge)
        return Letterhead(challenge.kind, challenge.id) if challenge and not challenge.outcome else None
    pending = session.execute(_PENDING.where(SignatureRow.id == mail.subject).with_for_update()).first()
    if pending is None:
        return None
    known = session.execute(
        select(SignatureRow.id, SignatureRow.state).where(
            SignatureRow.letter_id == pending.letter_id,
            SignatureRow.address_index == pending.address_index,
            SignatureRow.state != SignatureState.PENDING.value,
        )
    ).first()
    if known is not None:
        return _remind(session, mail, known.id if known.state in _STANDS else None)
    expires_on = (now + CONFIRM_FOR).date()
    if not _is_first(session, mail.subject, pending, expires_on):
        _drop(session, mail.subject)
        return None
    challenge_id = random_bytes(16)
    open_challenge(session, challenge_id, Kind.CONFIRM, mail.subject, expires_on)
    remember_challenge(session, mail.id, challenge_id)
    return Letterhead(Kind.CONFIRM, challenge_id)


def _remind(session: Session, mail: Waiting, signature_id: bytes | None) -> Letterhead | None:
    """The address has signed: its owner gets the link to that signature, and the new form is forgotten."""
    _drop(session, mail.subject)
    challenge = challenge_about(session, Kind.MANAGE, signature_id) if signature_id else None
    if challenge is None:
        return None
    remember_challenge(session, mail.id, challenge.id)
    return Letterhead(Kind.MANAGE, challenge.id)


def _is_first(session: Session, signature_id: bytes, pending: Row[*tuple[Any, ...]], expires_on: date) -> bool:
    """Claim the form's fingerprint, and keep the form as long as its link will work.

    False when the same form was mailed before or another worker claims it now.
    """
    twin = select(SignatureRow.id).where(
        SignatureRow.letter_id == pending.letter_id,
        SignatureRow.mailed.is_(True),
        SignatureRow.fingerprint.in_((pending.fingerprint, pending.earlier_fingerprint)),
        SignatureRow.id != signature_id,
    )
    if session.execute(twin).first():
        return False
    try:
        with session.begin_nested():
            claim = update(SignatureRow).where(SignatureRow.id == signature_id)
            session.execute(claim.values(mailed=True, expires_on=expires_on))
    except IntegrityError:
        return False
    return True


def _drop(session: Session, signature_id: bytes) -> None:
    erase_signatures(session, SignatureRow.id == signature_id, SignatureRow.state == SignatureState.PENDING.value)


_PENDING = select(
    SignatureRow.letter_id, SignatureRow.address_index, SignatureRow.fingerprint, SignatureRow.earlier_fingerprint
).where(SignatureRow.state == SignatureState.PENDING.value)
