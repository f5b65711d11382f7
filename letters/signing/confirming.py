"""Spending a confirmation: once, whoever clicks how often; the first form of an address wins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from letters.models.letters import LetterRow, LetterState
from letters.models.signatures import Display, SignatureRow, SignatureState
from letters.models.values import state_by_clock
from letters.publishing.pseudonyms import draw
from letters.runtime import Chance
from verification.errors import Refusal
from verification.mailbox.challenges import (
    Challenge,
    Kind,
    Outcome,
    find_challenge,
    open_challenge,
    spend,
    spend_all_about,
    spend_instead,
)

SHOWN_FOR = timedelta(minutes=15)
"""How long the page after confirming shows the pseudonym and the private link."""


class ChallengeGone(Refusal):
    """There is no such challenge any more, or its signature is gone."""


class LetterClosed(Refusal):
    """The letter closed before the signature was confirmed."""


@dataclass(frozen=True)
class PendingSignature:
    """What the confirmation page shows before the button is pressed."""

    slug: str
    profession: str
    region: str
    display: Display


def look_at(session: Session, challenge_id: bytes) -> Challenge:
    """The challenge behind a link. Raises `ChallengeGone`."""
    challenge = find_challenge(session, challenge_id)
    if challenge is None or challenge.kind is not Kind.CONFIRM:
        raise ChallengeGone("The link is no longer known.")
    return challenge


def pending_behind(session: Session, challenge: Challenge) -> PendingSignature:
    """Raises `ChallengeGone` when the pending signature has expired."""
    query = (
        select(LetterRow.slug, SignatureRow.profession, SignatureRow.region, SignatureRow.display)
        .join(LetterRow, LetterRow.id == SignatureRow.letter_id)
        .where(SignatureRow.id == challenge.subject, SignatureRow.state == SignatureState.PENDING.value)
    )
    row = session.execute(query).first()
    if row is None:
        raise ChallengeGone("The signature is no longer waiting.")
    return PendingSignature(row.slug, row.profession, row.region, Display(row.display))


def confirm(session: Session, challenge_id: bytes, now: datetime, chance: Chance) -> Outcome:
    """Confirm the signature behind an open challenge and return how the challenge ended, now or earlier.

    Raises `ChallengeGone` and `LetterClosed`; nothing is changed then. May meet `uq_signatures_one_each` (another form
    of the same address won meanwhile) or `uq_signatures_pseudonym`: run again in a fresh transaction, it settles both.
    """
    subject = spend(session, challenge_id, Outcome.CONFIRMED, now + SHOWN_FOR)
    if subject is None:
        return look_at(session, challenge_id).outcome or Outcome.SUPERSEDED
    row = session.execute(_ABOUT.where(SignatureRow.id == subject)).first()
    if row is None or row.state != SignatureState.PENDING.value:
        raise ChallengeGone("The signature is no longer waiting.")
    state = state_by_clock(LetterState(row.letter_state), row.opens_at, row.closes_at, now)
    if state not in (LetterState.OPEN, LetterState.PAUSED):
        raise LetterClosed("The letter has closed.")
    if row.taken:
        spend_instead(session, challenge_id, Outcome.SUPERSEDED)
        session.execute(delete(SignatureRow).where(SignatureRow.id == subject))
        return Outcome.SUPERSEDED
    values = {
        "state": SignatureState.CONFIRMED.value,
        "news": True,
        "fingerprint": None,
        "earlier_fingerprint": None,
        "mailed": False,
        "expires_on": None,
        "pseudonym": draw(chance.below) if row.display == Display.PSEUDONYM.value else None,
    }
    won = update(SignatureRow).where(SignatureRow.id == subject, SignatureRow.state == SignatureState.PENDING.value)
    session.execute(won.values(**values))
    open_challenge(session, chance.token(16), Kind.MANAGE, subject, None)
    if row.rivals:
        _drop_rivals(session, row.letter_id, row.address_index)
    return Outcome.CONFIRMED


def decline(session: Session, challenge_id: bytes) -> Outcome:
    """ "This wasn't me": delete the pending signature; returns how the challenge ended, now or earlier."""
    subject = spend(session, challenge_id, Outcome.DECLINED)
    if subject is None:
        return look_at(session, challenge_id).outcome or Outcome.SUPERSEDED
    session.execute(delete(SignatureRow).where(SignatureRow.id == subject, _IS_PENDING))
    return Outcome.DECLINED


def _drop_rivals(session: Session, letter_id: int, address_index: bytes) -> None:
    """Delete the other forms that wait for this address, and spend their links."""
    waiting = SignatureRow.letter_id == letter_id, SignatureRow.address_index == address_index, _IS_PENDING
    gone = session.scalars(delete(SignatureRow).where(*waiting).returning(SignatureRow.id))
    spend_all_about(session, list(gone), Outcome.SUPERSEDED)


_IS_PENDING = SignatureRow.state == SignatureState.PENDING.value
_other = aliased(SignatureRow)
_same_address = (
    _other.letter_id == SignatureRow.letter_id,
    _other.address_index == SignatureRow.address_index,
    _other.id != SignatureRow.id,
)
_ABOUT = select(
    SignatureRow.letter_id,
    SignatureRow.address_index,
    SignatureRow.state,
    SignatureRow.display,
    LetterRow.state.label("letter_state"),
    LetterRow.opens_at,
    LetterRow.closes_at,
    exists().where(*_same_address, _other.state.in_(("confirmed", "held", "voided"))).label("taken"),
    exists().where(*_same_address, _other.state == SignatureState.PENDING.value).label("rivals"),
).join(LetterRow, LetterRow.id == SignatureRow.letter_id)
