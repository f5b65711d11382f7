"""What keeps a letter's mail from arriving: how much waits, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from letters.models.signatures import SignatureRow
from letters.models.updates import UpdateRow
from letters.organising.watching.next_edition import PATIENCE
from verification.mailbox.outbox import About, OutboxRow, State
from verification.mailbox.tokens import CONFIRM_FOR

MOST = 5_000
"""Mails of the whole server's queue that are looked at; in a longer one a letter's are only `at least` so many."""


class Trouble(StrEnum):
    """Why mails were not taken: by whom, as far as the mail server's answer tells."""

    RECIPIENT = "recipient"
    SERVER = "server"
    UNREACHABLE = "unreachable"
    OTHER = "other"


@dataclass(frozen=True)
class Mails:
    """A letter's mails that have not been sent.

    Of the `waiting` ones, `put_off` wait because their addresses or domains had enough for now, and `failing` because
    an attempt failed; `dead` ones are given up. `days` is the age of the oldest that waits: nothing finer is kept.
    `unattended` says that some are long due and no worker takes them, `at_least` that the queue was too long to be
    looked through.
    """

    waiting: int
    put_off: int
    failing: int
    dead: int
    troubles: Mapping[Trouble, int]
    days: int | None
    unattended: bool
    at_least: bool


@dataclass(frozen=True)
class Bounces:
    """News for signers that were queued, and how many came back as undeliverable."""

    queued: int
    bounced: int


def look_at_mails(session: Session, letter_id: int, now: datetime) -> Mails:
    """The mails about one letter's signatures; other letters' say nothing here."""
    groups = session.execute(_grouped(letter_id, now)).all()
    waiting = [row for row in groups if row.state == State.WAITING.value]
    looked = session.scalar(select(func.count()).select_from(select(OutboxRow.id).limit(MOST + 1).subquery())) or 0
    return Mails(
        waiting=sum(row.mails for row in waiting),
        put_off=sum(row.put_off for row in waiting),
        failing=sum(row.failing for row in waiting),
        dead=sum(row.mails for row in groups) - sum(row.mails for row in waiting),
        troubles=_troubles(groups),
        days=_days([row.expires_on for row in waiting if row.expires_on], now.date()),
        unattended=any(row.unattended for row in waiting),
        at_least=looked > MOST,
    )


def count_bounces(session: Session, letter_id: int) -> Bounces:
    sums = select(func.sum(UpdateRow.queued), func.sum(UpdateRow.bounced)).where(UpdateRow.letter_id == letter_id)
    queued, bounced = session.execute(sums).one()
    return Bounces(queued or 0, bounced or 0)


def trouble_of(failure: str | None) -> Trouble:
    """Sort what `verification.mailbox.delivery` says about a failed attempt."""
    words = failure or ""
    if words.startswith(("recipient refused", "the mail server takes no address")):
        return Trouble.RECIPIENT
    if any(character.isdigit() for character in words):
        return Trouble.SERVER
    if words.endswith(("Error", "error", "Disconnected")):
        return Trouble.UNREACHABLE
    return Trouble.OTHER


def _grouped(letter_id: int, now: datetime) -> Select[Any]:
    """Those that wait come first. Each mail is asked for its letter: to join, PostgreSQL would read all signatures."""
    some = select(OutboxRow).order_by(OutboxRow.state.desc(), OutboxRow.id.desc()).limit(MOST).subquery()
    mail = some.c
    letter = select(SignatureRow.letter_id).where(SignatureRow.id == mail.subject).scalar_subquery()
    confirms = mail.about == About.SIGNATURE.value
    grouped = select(
        mail.state,
        mail.last_failure,
        func.count().label("mails"),
        _sum(and_(mail.failures == 0, mail.due_at > now)).label("put_off"),
        _sum(mail.failures > 0).label("failing"),
        func.min(case((confirms, mail.expires_on))).label("expires_on"),
        _sum(_unattended(mail, now)).label("unattended"),
    )
    return grouped.where(letter == letter_id).group_by(mail.state, mail.last_failure)


def _unattended(mail: Any, now: datetime) -> ColumnElement[bool]:
    """A mail whose time came, or whose lease ended, long ago, or that nobody has touched since an earlier day."""
    since = func.coalesce(mail.leased_until, mail.due_at)
    untouched = and_(
        since.is_(None),
        mail.about == About.SIGNATURE.value,
        mail.expires_on < (now - PATIENCE).date() + CONFIRM_FOR,
    )
    return or_(since < now - PATIENCE, untouched)


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _troubles(groups: Sequence[Row[Any]]) -> Mapping[Trouble, int]:
    counted: Counter[Trouble] = Counter()
    for row in groups:
        counted[trouble_of(row.last_failure)] += row.mails if row.state == State.DEAD.value else row.failing
    return {trouble: counted[trouble] for trouble in Trouble if counted[trouble]}


def _days(expiring: Sequence[date], today: date) -> int | None:
    return max(0, (today - (min(expiring) - _KEPT)).days) if expiring else None


_KEPT = timedelta(days=CONFIRM_FOR.days)
