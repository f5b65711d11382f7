"""What a host is told of rows: looked at once in a slot, so that two looks a moment apart tell nothing."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from letters.models.letters import LetterRow, LetterState
from letters.models.signatures import SignatureRow, SignatureState
from letters.publishing.editions import count_together, needed_to_move
from letters.reading.slots import SLOT, Slots, slot_of
from letters.runtime import Busy, Runtime
from verification.mailbox.outbox import backlog


@dataclass(frozen=True)
class Rows:
    """How many mails wait and are dead letters, how many signatures are held, and by how many seconds the next edition
    of each open letter is late, in whole slots."""

    waiting: int
    dead: int
    held: int
    lag: Mapping[str, int]


@dataclass
class Awaited:
    """Since when each letter has had enough for the edition after the one that it had then: an edition that fails moves
    the letter's beat on all the same, so the beat alone does not tell."""

    _since: dict[str, tuple[int, datetime]] = field(default_factory=dict, init=False)

    def since(self, letter: LetterRow, now: datetime) -> datetime:
        """When that was seen first; now, if it was not."""
        number, since = self._since.get(letter.slug, (letter.edition, now))
        if number != letter.edition or since > now:
            since = now
        self._since[letter.slug] = letter.edition, since
        return since

    def forget(self, letter: LetterRow) -> None:
        """Nothing is awaited of it."""
        self._since.pop(letter.slug, None)


@dataclass
class Watch:
    """One process's slots, and what it saw of the rows when the last one began."""

    runtime: Runtime
    slots: Slots
    rows: Rows | None = field(default=None, init=False)
    _looked: int | None = field(default=None, init=False)
    _awaited: Awaited = field(default_factory=Awaited, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def turn(self) -> None:
        """Do what each slot begins with; while the database is away, what was seen before stays."""
        now = self.runtime.clock()
        self.slots.turn(now)
        with self._lock, suppress(SQLAlchemyError, Busy):
            if self._looked != slot_of(now):
                with self.runtime.reading() as session:
                    self.rows = look(session, now, self._awaited)
                self._looked = slot_of(now)


def look(session: Session, now: datetime, awaited: Awaited) -> Rows:
    """The rows as they are now."""
    mails = backlog(session)
    held = select(func.count()).select_from(SignatureRow).where(SignatureRow.state == SignatureState.HELD.value)
    letters = session.scalars(select(LetterRow).where(LetterRow.state == LetterState.OPEN.value))
    lag = {letter.slug: _lag(session, letter, now, awaited) for letter in letters}
    return Rows(mails.waiting, mails.dead, session.scalar(held) or 0, lag)


def _lag(session: Session, letter: LetterRow, now: datetime, awaited: Awaited) -> int:
    """Seconds since the edition was due, if it is: enough waits, and nothing keeps it back."""
    if letter.locked_on is not None or letter.tended_at is None or not _has_enough(session, letter):
        awaited.forget(letter)
        return 0
    since = min(letter.tended_at, awaited.since(letter, now))
    late = int((now - since).total_seconds()) - letter.edition_every
    return max(0, late) // SLOT * SLOT


def _has_enough(session: Session, letter: LetterRow) -> bool:
    return count_together(session, letter) >= needed_to_move(letter)
