"""The worker: sends what waits, releases editions that are due, and sweeps out what has expired.

Any number may run; leases and row locks see to it that each mail and each edition is done by one of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from letters.models.editions import EntryRow
from letters.models.signatures import SignatureRow, SubscriptionRow
from letters.models.workers import beat, leave, sweep_workers
from letters.organising.accounts.joining import sweep_invitations
from letters.organising.accounts.sessions import sweep_sessions
from letters.organising.cosigning.rounds import Cosigning
from letters.organising.defending.running import run_batches
from letters.organising.drawing.rounds import Drawings
from letters.organising.handover.downloads import sweep_downloads
from letters.organising.releasing import tend_letters
from letters.organising.updating.rounds import UpdateRounds
from letters.publishing.clockwork import destroy_copies
from letters.publishing.erasing import erase_signatures
from letters.runtime import Runtime
from letters.signing.sending import Sender
from letters.web.logs import where
from verification.access.spent import sweep_spent
from verification.database import table_of
from verification.mailbox.challenges import ChallengeRow, sweep_challenges
from verification.mailbox.outbox import OutboxRow, sweep_outbox
from verification.rewriting import sweep_traces

log = structlog.get_logger()

SWEEP_EVERY = 60.0
"""Seconds between sweeps."""
MODEST = 5
"""How nice a worker's process is: where the processor is short, visitors come before mail and editions."""
BEAT_EVERY = 15.0
"""Seconds after which a worker tells again that it lives."""

_ABOUT_SIGNERS = [table_of(row) for row in (SignatureRow, SubscriptionRow, EntryRow, ChallengeRow, OutboxRow)]


@dataclass
class Pulse:
    """Tells that one worker does its rounds, between them: one that hangs in a round is not seen."""

    runtime: Runtime
    _id: bytes = field(init=False)
    _beaten: float = field(default=float("-inf"), init=False)

    def __post_init__(self) -> None:
        self._id = self.runtime.chance.token(16)

    def beat(self) -> None:
        """Tell it, if that was some seconds ago."""
        if time.monotonic() - self._beaten < BEAT_EVERY:
            return
        self._beaten, now = time.monotonic(), self.runtime.clock()
        self.runtime.settle(lambda session: beat(session, self._id, now))

    def end(self) -> None:
        """Tell that the worker stops."""
        self.runtime.settle(lambda session: leave(session, self._id))


@dataclass
class Worker:
    """One worker; `idle` seconds pass between rounds when there is nothing to send."""

    runtime: Runtime
    sender: Sender
    idle: float = 0.5
    _swept: float = field(default=float("-inf"), init=False)
    _pulse: Pulse = field(init=False)
    _updates: UpdateRounds = field(init=False)
    _cosigning: Cosigning = field(init=False)
    _drawings: Drawings = field(init=False)

    def __post_init__(self) -> None:
        self._pulse = Pulse(self.runtime)
        self._updates = UpdateRounds(self.runtime, self.sender.caps.counts if self.sender.caps else None)
        self._cosigning = Cosigning.of(self.runtime)
        self._drawings = Drawings(self.runtime, self.sender.app)

    def run(self, stopped: Callable[[], bool]) -> None:
        """Work until `stopped` says so. A failure is logged and tried again; it never ends the worker."""
        self._cosigning.start(stopped)
        self._drawings.start(stopped)
        while not stopped():
            if not self.round():
                time.sleep(self.idle)
        self.sender.transport.close()
        with _failures_logged():
            self._pulse.end()

    def round(self) -> int:
        """Do once whatever is due, each thing whether or not another fails; returns how many mails were taken up."""
        with _failures_logged():
            self._pulse.beat()
        with _failures_logged():
            tend_letters(self.runtime)
        with _failures_logged():
            self._sweep()
        with _failures_logged():
            self._updates.round()
        with _failures_logged():
            run_batches(self.runtime)
        with _failures_logged():
            return self.sender.send_some()
        return 0

    def _sweep(self) -> None:
        if time.monotonic() - self._swept < SWEEP_EVERY:
            return
        self._swept, now = time.monotonic(), self.runtime.clock()
        self.runtime.settle(lambda session: sweep(session, now))
        sweep_traces(self.runtime.engine, _ABOUT_SIGNERS)
        with self.runtime.reading() as session:
            destroy_copies(session, self.runtime.keyring)


@contextmanager
def _failures_logged() -> Iterator[None]:
    """Log by type and place what fails, and in which letter: the database may be away, or one letter's keys."""
    try:
        yield
    except* Exception as failures:  # noqa: BLE001
        for error in failures.exceptions:
            letter = next(iter(getattr(error, "__notes__", ())), None)
            log.error("worker failed", error=type(error).__name__, where=where(error), letter=letter)


def sweep(session: Session, now: datetime) -> None:
    """Remove pending signatures, challenges, mails, spent proofs and invitations whose last day has passed, and the
    sessions of organisers that are over."""
    erase_signatures(session, SignatureRow.expires_on < now.date())
    sweep_challenges(session, now)
    sweep_outbox(session, now)
    sweep_spent(session, now)
    sweep_invitations(session, now)
    sweep_sessions(session, now)
    sweep_downloads(session, now)
    sweep_workers(session, now)
