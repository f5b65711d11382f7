"""The trail of what organisers did: append-only, by codes and numbers alone, so that it names no signer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.teams import TrailRow
from letters.organising.accounts.sessions import hour

PAGE = 100


class Act(StrEnum):
    """What can stand in the trail."""

    TEAM_FOUNDED = "team-founded"
    INVITED = "invited"
    INVITATION_WITHDRAWN = "invitation-withdrawn"
    JOINED = "joined"
    ROLE_CHANGED = "role-changed"
    NAMES_SHARED = "names-shared"
    NAMES_WITHHELD = "names-withheld"
    REMOVED = "removed"
    LEFT = "left"
    TRANSFERRED = "transferred"
    KEYS_LOST = "keys-lost"
    DRAFTED = "drafted"
    DISCARDED = "discarded"
    OPENED = "opened"
    PAUSED = "paused"
    RESUMED = "resumed"
    CLOSED = "closed"
    ARCHIVED = "archived"
    CORRECTED = "corrected"
    CHANGED = "changed"
    DELIVERED = "delivered"
    ADDRESSES_CHANGED = "addresses-changed"
    LOCKED = "locked"
    NAMES_OPENED = "names-opened"
    HELD = "held"
    ACCEPTED = "accepted"
    VOID_PROPOSED = "void-proposed"
    VOID_APPROVED = "void-approved"
    VOID_DROPPED = "void-dropped"
    VOIDED = "voided"
    VOID_UNDONE = "void-undone"
    VOUCHED = "vouched"
    UNVOUCHED = "unvouched"
    DOMAINS_CHANGED = "domains-changed"
    INSTITUTIONS_CHANGED = "institutions-changed"
    EXPORTED = "exported"
    PRINTED = "printed"
    UNVERIFIED_REPORTED = "unverified-reported"
    UPDATE_SENT = "update-sent"
    UPDATE_STOPPED = "update-stopped"
    SAMPLE_ANNOUNCED = "sample-announced"
    SAMPLE_DRAWN = "sample-drawn"
    SAMPLE_OPENED = "sample-opened"
    SAMPLE_REPORTED = "sample-reported"
    SAMPLE_DROPPED = "sample-dropped"


@dataclass(frozen=True)
class Doing:
    """Who acts, in which team, on which letter, and when."""

    team_id: int
    account_id: bytes | None
    now: datetime
    letter_id: int | None = None


@dataclass(frozen=True)
class Trace:
    """One line of the trail; `done_at` is an hour."""

    id: int
    done_at: datetime
    act: Act
    account_id: bytes | None
    letter_id: int | None
    count: int | None
    reason: str | None
    about: bytes | None


def record(
    session: Session,
    doing: Doing,
    act: Act,
    *,
    count: int | None = None,
    reason: StrEnum | None = None,
    about: bytes | None = None,
) -> None:
    """Add a line: how many it concerned, why by a code, or about which other account. No text is ever taken."""
    session.add(
        TrailRow(
            team_id=doing.team_id,
            letter_id=doing.letter_id,
            account_id=doing.account_id,
            done_at=hour(doing.now),
            act=act.value,
            count=count,
            reason=reason.value if reason else None,
            about=about,
        )
    )
    session.flush()


def read_trail(
    session: Session, team_id: int, letter_id: int | None = None, before: int | None = None
) -> Sequence[Trace]:
    """A page of the trail, the newest first: a team's, or one letter's; `before` is the id of the last one seen."""
    query = select(TrailRow).where(TrailRow.team_id == team_id).order_by(TrailRow.id.desc()).limit(PAGE)
    if letter_id is not None:
        query = query.where(TrailRow.letter_id == letter_id)
    if before is not None:
        query = query.where(TrailRow.id < before)
    return [
        Trace(row.id, row.done_at, Act(row.act), row.account_id, row.letter_id, row.count, row.reason, row.about)
        for row in session.scalars(query)
    ]
