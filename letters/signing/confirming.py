"""Spending a confirmation: once, whoever clicks how often; the first form of an address wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, bindparam, case, exists, or_, select, update
from sqlalchemy.orm import Session

from letters.models.letters import LetterRow, LetterState
from letters.models.signatures import Display, SignatureRow, SignatureState, SubscriptionRow, Suspicion
from letters.models.values import TakenDown, state_by_clock
from letters.publishing.entries import public_name
from letters.publishing.erasing import erase_signatures
from letters.publishing.pseudonyms import draw
from letters.runtime import Chance
from verification.access.pace import Pace
from verification.database import Moment, table_of
from verification.errors import Refusal
from verification.mailbox.challenges import (
    SPENT,
    Challenge,
    Kind,
    Outcome,
    find_challenge,
    open_challenge,
    opened_for,
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
    name: str | None
    updates: bool
    press: bool
    pact: bool


def look_at(session: Session, challenge_id: bytes) -> Challenge:
    """The challenge behind a link. Raises `ChallengeGone`."""
    challenge = find_challenge(session, challenge_id)
    if challenge is None or challenge.kind is not Kind.CONFIRM:
        raise ChallengeGone("The link is no longer known.")
    return challenge


def pending_behind(session: Session, challenge: Challenge, names_key: bytes) -> PendingSignature:
    """What waits for the button; a name that would be published is unlocked, so that its bearer sees it before.

    Raises `ChallengeGone` when the pending signature has expired.
    """
    query = (
        select(LetterRow.slug, SignatureRow, SubscriptionRow.language)
        .join(LetterRow, LetterRow.id == SignatureRow.letter_id)
        .outerjoin(SubscriptionRow, SubscriptionRow.signature_id == SignatureRow.id)
        .where(SignatureRow.id == challenge.subject, SignatureRow.state == SignatureState.PENDING.value)
    )
    row = session.execute(query).first()
    if row is None:
        raise ChallengeGone("The signature is no longer waiting.")
    slug, signature, language = row
    return PendingSignature(
        slug=slug,
        profession=signature.profession or "",
        region=signature.region or "",
        display=Display(signature.display),
        name=public_name(names_key, signature.name_box, signature.id) if signature.name_box else None,
        updates=language is not None,
        press=signature.press,
        pact=signature.pact,
    )


def confirm(session: Session, challenge_id: bytes, now: datetime, chance: Chance, pace: Pace | None = None) -> Outcome:
    """Confirm the signature behind an open challenge and return how the challenge ended, now or earlier.

    One that was suspicious from the start, or comes in a sudden burst by `pace`, is held: an organiser looks first. It
    is counted for the pace at once, also should the transaction be run again.

    Raises `ChallengeGone`, `LetterClosed` and `TakenDown`; nothing is changed then. May meet `uq_signatures_one_each`
    (another form of the same address won meanwhile) or `uq_signatures_pseudonym`: run again in a fresh transaction, it
    settles both.
    """
    values = {
        "challenge": challenge_id,
        "ended": Outcome.CONFIRMED.value,
        "until": now + SHOWN_FOR,
        "now": now,
        "drawn": draw(chance.below),
        "bursting": pace.bursting() if pace else [],
        "opened": chance.token(16),
    }
    step = _at_once if session.get_bind().dialect.name == "postgresql" else _step_by_step
    tried = step(session, values)
    if tried is None:
        return look_at(session, challenge_id).outcome or Outcome.SUPERSEDED
    if tried.letter_id is None:
        return _lost(session, challenge_id, tried.subject, now)
    if pace:
        pace.count(tried.letter_id)
    if tried.has_rivals:
        _supersede(session, tried.letter_id, tried.address_index)
    return Outcome.CONFIRMED


@dataclass(frozen=True)
class _Tried:
    """What became of a spent challenge: without a letter nothing was confirmed."""

    subject: bytes
    letter_id: int | None = None
    address_index: bytes | None = None
    has_rivals: bool = False


def _at_once(session: Session, values: Mapping[str, object]) -> _Tried | None:
    """All in one statement, which is one round trip; None when the challenge was spent already."""
    row = session.execute(_AT_ONCE, values).first()
    return _Tried(*row) if row else None


def _step_by_step(session: Session, values: Mapping[str, Any]) -> _Tried | None:
    """The same for a database that changes nothing inside of another statement."""
    subject = spend(session, values["challenge"], Outcome.CONFIRMED, values["until"])
    if subject is None:
        return None
    won = session.execute(_CONFIRM, {**values, "subject": subject}).first()
    if won is None:
        return _Tried(subject)
    open_challenge(session, values["opened"], Kind.MANAGE, subject, None)
    return _Tried(subject, won.letter_id, won.address_index, has_rivals=True)


def _supersede(session: Session, letter_id: int, index: bytes | None) -> None:
    """Other pending forms of the address have lost."""
    rivals = session.execute(_RIVALS, {"letter": letter_id, "index": index}).scalars().all()
    if rivals:
        superseded = spend_all_about(session, rivals, Outcome.SUPERSEDED)
        erase_signatures(session, SignatureRow.id.in_(superseded), _IS_PENDING)


def decline(session: Session, challenge_id: bytes) -> Outcome:
    """ "This wasn't me": delete the pending signature; returns how the challenge ended, now or earlier."""
    subject = spend(session, challenge_id, Outcome.DECLINED)
    if subject is None:
        return look_at(session, challenge_id).outcome or Outcome.SUPERSEDED
    erase_signatures(session, SignatureRow.id == subject, _IS_PENDING)
    return Outcome.DECLINED


def _lost(session: Session, challenge_id: bytes, subject: bytes, now: datetime) -> Outcome:
    """Why a signature could not be confirmed: it is gone, its letter has closed, or its address has signed."""
    row = session.execute(_ABOUT.where(SignatureRow.id == subject)).first()
    if row is None or row.state != SignatureState.PENDING.value:
        raise ChallengeGone("The signature is no longer waiting.")
    if row.taken_down_for is not None:
        raise TakenDown(row.taken_down_for)
    if state_by_clock(LetterState(row.letter_state), row.opens_at, row.closes_at, now) not in _TAKES:
        raise LetterClosed("The letter has closed.")
    spend_instead(session, challenge_id, Outcome.SUPERSEDED)
    erase_signatures(session, SignatureRow.id == subject)
    return Outcome.SUPERSEDED


_STANDING = ("confirmed", "held", "voided")
_TAKES = (LetterState.SCHEDULED, LetterState.OPEN, LetterState.PAUSED)
_IS_PENDING = SignatureRow.state == SignatureState.PENDING.value
_ABOUT = select(
    SignatureRow.state,
    LetterRow.state.label("letter_state"),
    LetterRow.opens_at,
    LetterRow.closes_at,
    LetterRow.taken_down_for,
).join(LetterRow, LetterRow.id == SignatureRow.letter_id)

_own, _other, _letters = table_of(SignatureRow), table_of(SignatureRow).alias(), table_of(LetterRow)
_TAKES_CONFIRMATIONS = exists().where(
    _letters.c.id == _own.c.letter_id,
    _letters.c.state.in_([state.value for state in _TAKES]),
    _letters.c.taken_down_on.is_(None),
    or_(_letters.c.closes_at.is_(None), _letters.c.closes_at > bindparam("now", type_=Moment)),
)
_TAKEN = exists().where(
    _other.c.letter_id == _own.c.letter_id,
    _other.c.address_index == _own.c.address_index,
    _other.c.state.in_(_STANDING),
)
_BURSTS = _own.c.letter_id.in_(bindparam("bursting", expanding=True))
_confirmed = (
    update(_own)
    .where(_own.c.state == SignatureState.PENDING.value)
    .where(_TAKES_CONFIRMATIONS, ~_TAKEN)
    .values(
        state=case(
            (or_(_own.c.held_for.is_not(None), _BURSTS), SignatureState.HELD.value),
            else_=SignatureState.CONFIRMED.value,
        ),
        held_for=case((_own.c.held_for.is_not(None), _own.c.held_for), (_BURSTS, Suspicion.BURST.value), else_=None),
        news=True,
        fingerprint=None,
        earlier_fingerprint=None,
        mailed=False,
        expires_on=None,
        pseudonym=case((_own.c.display == Display.PSEUDONYM.value, bindparam("drawn", type_=Integer)), else_=None),
    )
)
_CONFIRM = _confirmed.where(_own.c.id == bindparam("subject")).returning(_own.c.letter_id, _own.c.address_index)
_won = (
    _confirmed.where(_own.c.id == SPENT.c.subject)
    .returning(_own.c.id, _own.c.letter_id, _own.c.address_index)
    .cte("won")
)
_HAS_RIVALS = exists().where(
    _other.c.letter_id == _won.c.letter_id,
    _other.c.address_index == _won.c.address_index,
    _other.c.state == SignatureState.PENDING.value,
    _other.c.id != _won.c.id,
)
_AT_ONCE = (
    select(SPENT.c.subject, _won.c.letter_id, _won.c.address_index, _HAS_RIVALS)
    .select_from(SPENT.outerjoin(_won, _won.c.id == SPENT.c.subject))
    .add_cte(opened_for(Kind.MANAGE, _won, _won.c.id))
)
# Left alone: what is being mailed or confirmed just now, and what a flood leaves over. Its links lead to the winner.
_RIVALS = (
    select(_own.c.id)
    .where(_own.c.letter_id == bindparam("letter"), _own.c.address_index == bindparam("index"))
    .where(_own.c.state == SignatureState.PENDING.value)
    .with_for_update(skip_locked=True)
    .limit(500)
)
