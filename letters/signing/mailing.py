"""What a waiting mail turns out to be when it is sent: a confirmation, the private link, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from letters.models.signatures import SignatureRow, SignatureState
from letters.publishing.erasing import IN_BULK, erase_signatures
from verification.mailbox.challenges import Kind, challenge_about, find_challenges, open_challenges
from verification.mailbox.outbox import Waiting, remember_challenges
from verification.mailbox.tokens import CONFIRM_FOR

_STANDS = (SignatureState.CONFIRMED.value, SignatureState.HELD.value)


@dataclass(frozen=True)
class Letterhead:
    """Which mail to write: its kind, and the challenge whose link it carries."""

    kind: Kind
    challenge: bytes


@dataclass(frozen=True)
class _Pending:
    """A form whose mail is to be decided on."""

    id: bytes
    letter_id: int
    address_index: bytes | None
    fingerprint: bytes | None
    earlier_fingerprint: bytes | None

    @property
    def whose(self) -> tuple[int, bytes | None]:
        return self.letter_id, self.address_index

    @property
    def prints(self) -> list[tuple[int, bytes]]:
        """By which the form is recognised: its fingerprint in its letter, and that of the ten minutes before."""
        return [(self.letter_id, one) for one in (self.fingerprint, self.earlier_fingerprint) if one]


def address_mails(
    session: Session, mails: Sequence[Waiting], now: datetime, random_bytes: Callable[[int], bytes]
) -> dict[bytes, Letterhead]:
    """Decide what to send for each mail, by its id, the same at every attempt.

    Not among them are those for which nothing is sent, because the signature is gone, repeats a form that was mailed
    within the last minutes, or its address may not sign.
    """
    fresh = [mail for mail in mails if mail.challenge is None]
    pending = _pending(session, fresh)
    known = _known(session, pending.values())
    heads = {
        mail.id: head
        for mail in fresh
        if mail.subject in pending
        and pending[mail.subject].whose in known
        and (head := _remind(session, mail.subject, known[pending[mail.subject].whose]))
    }
    strangers = [form for form in pending.values() if form.whose not in known]
    heads |= _ask(session, fresh, _claim(session, strangers, (now + CONFIRM_FOR).date()), now, random_bytes)
    remember_challenges(session, {id: head.challenge for id, head in heads.items()})
    return heads | _again(session, [mail for mail in mails if mail.challenge is not None])


def _again(session: Session, mails: Sequence[Waiting]) -> dict[bytes, Letterhead]:
    """What was decided before, unless its challenge is spent meanwhile."""
    found = find_challenges(session, [mail.challenge for mail in mails if mail.challenge])
    challenges = ((mail, found.get(mail.challenge or b"")) for mail in mails)
    return {
        mail.id: Letterhead(challenge.kind, challenge.id)
        for mail, challenge in challenges
        if challenge and not challenge.outcome
    }


def _pending(session: Session, mails: Sequence[Waiting]) -> dict[bytes, _Pending]:
    """The pending signatures that these mails are about, locked."""
    if not mails:
        return {}
    ids = [mail.subject for mail in mails]
    rows = session.execute(_PENDING.where(SignatureRow.id.in_(ids)).order_by(SignatureRow.id).with_for_update())
    return {row.id: _Pending(*row) for row in rows}


def _known(session: Session, forms: Iterable[_Pending]) -> dict[tuple[int, bytes | None], bytes | None]:
    """Whose address signed before: which signature stands, None when none does."""
    whose = {form.whose for form in forms}
    if not whose:
        return {}
    rows = session.execute(
        select(SignatureRow.id, SignatureRow.state, SignatureRow.letter_id, SignatureRow.address_index).where(
            SignatureRow.letter_id.in_({letter for letter, _index in whose}),
            SignatureRow.address_index.in_({index for _letter, index in whose}),
            SignatureRow.state != SignatureState.PENDING.value,
        )
    ).all()
    return {(row.letter_id, row.address_index): row.id if row.state in _STANDS else None for row in rows}


def _remind(session: Session, subject: bytes, signature_id: bytes | None) -> Letterhead | None:
    """The address has signed: its owner gets the link to that signature, and the new form is forgotten."""
    _drop(session, [subject])
    challenge = challenge_about(session, Kind.MANAGE, signature_id) if signature_id else None
    return Letterhead(Kind.MANAGE, challenge.id) if challenge else None


def _ask(
    session: Session,
    mails: Sequence[Waiting],
    claimed: set[bytes],
    now: datetime,
    random_bytes: Callable[[int], bytes],
) -> dict[bytes, Letterhead]:
    """A confirmation for each form that was claimed."""
    asked = {mail.id: (random_bytes(16), mail.subject) for mail in mails if mail.subject in claimed}
    open_challenges(session, dict(asked.values()), Kind.CONFIRM, (now + CONFIRM_FOR).date())
    return {id: Letterhead(Kind.CONFIRM, challenge) for id, (challenge, _subject) in asked.items()}


def _claim(session: Session, forms: Sequence[_Pending], expires_on: date) -> set[bytes]:
    """Claim the fingerprints of forms, and keep those forms as long as their links will work; returns their ids.

    A form that was mailed before, or that another worker claims now, is forgotten.
    """
    first = _firsts(forms, _mailed(session, forms))
    ids = [form.id for form in first]
    if ids and not _set_mailed(session, ids, expires_on):
        ids = [id for id in ids if _set_mailed(session, [id], expires_on)]
    _drop(session, [form.id for form in forms if form.id not in ids])
    return set(ids)


def _firsts(forms: Sequence[_Pending], mailed: Mapping[tuple[int, bytes], bytes]) -> list[_Pending]:
    """Those forms that repeat none that was mailed, and none before them."""
    first, taken = [], dict(mailed)
    for form in forms:
        if all(taken.get(one, form.id) == form.id for one in form.prints):
            taken |= dict.fromkeys(form.prints[:1], form.id)
            first.append(form)
    return first


def _mailed(session: Session, forms: Sequence[_Pending]) -> dict[tuple[int, bytes], bytes]:
    """Whose mails hold the fingerprints of these forms."""
    prints = [one for form in forms for one in form.prints]
    if not prints:
        return {}
    query = select(SignatureRow.letter_id, SignatureRow.fingerprint, SignatureRow.id).where(
        SignatureRow.letter_id.in_({letter for letter, _print in prints}),
        SignatureRow.mailed.is_(True),
        SignatureRow.fingerprint.in_({one for _letter, one in prints}),
    )
    return {(letter, one): id for letter, one, id in session.execute(query) if one}


def _set_mailed(session: Session, ids: Sequence[bytes], expires_on: date) -> bool:
    """False when another worker claims the fingerprint of one of them at this moment."""
    try:
        with session.begin_nested():
            claim = update(SignatureRow).where(SignatureRow.id.in_(ids))
            session.execute(claim.values(mailed=True, expires_on=expires_on), execution_options=IN_BULK)
    except IntegrityError:
        return False
    return True


def _drop(session: Session, ids: Sequence[bytes]) -> None:
    if ids:
        state = SignatureRow.state == SignatureState.PENDING.value
        erase_signatures(session, SignatureRow.id.in_(ids), state)


_PENDING = select(
    SignatureRow.id,
    SignatureRow.letter_id,
    SignatureRow.address_index,
    SignatureRow.fingerprint,
    SignatureRow.earlier_fingerprint,
).where(SignatureRow.state == SignatureState.PENDING.value)
