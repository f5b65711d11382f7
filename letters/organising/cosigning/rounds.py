"""The worker's part in cosigning, in a thread of its own: mail and editions never wait for a witness."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from letters.organising.cosigning.heads import SignedHead, keep, last_cosigned, newest_heads, submission_of
from letters.organising.cosigning.posting import WitnessAway, post
from letters.organising.cosigning.replies import BadReply, Cosigned, Knows, NotCosigned, read_reply
from letters.organising.cosigning.witnesses import AskedWitness, read_witnesses
from letters.organising.patience import Patience
from letters.organising.rounds import go_round
from letters.runtime import Runtime
from verification.errors import Refusal

log = structlog.get_logger()

PAUSE = 1.0
"""Seconds between rounds."""

TRIES = 3
"""Requests about one head in a row: the witness may say from which size on it wants the proof."""


@dataclass
class Cosigning:
    """One worker's; several may ask at once, and each cosignature is kept once."""

    runtime: Runtime
    witnesses: Sequence[AskedWitness]
    seconds: Callable[[], float] = time.monotonic
    _patience: Patience = field(init=False)
    _sizes: dict[tuple[str, str], int] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._patience = Patience(self.seconds)

    @classmethod
    def of(cls, runtime: Runtime) -> Cosigning:
        """With the witnesses that the settings name. Raises `BadWitnesses`."""
        return cls(runtime, read_witnesses(runtime.settings.witnesses))

    def start(self, stopped: Callable[[], bool]) -> None:
        """Go round in a thread until `stopped` says so; without witnesses there is nothing to start."""
        if self.witnesses:
            go_round("cosigning", self.round, stopped, PAUSE)

    def round(self) -> None:
        """Ask every witness that is not left alone about every newest head that it has not cosigned."""
        witnesses = [witness for witness in self.witnesses if self._patience.over(witness.name)]
        if not witnesses:
            return
        with self.runtime.reading() as session:
            heads = newest_heads(session)
        for witness in witnesses:
            self._go_through(witness, [head for head in heads if witness.name not in head.cosigners])

    def _go_through(self, witness: AskedWitness, heads: Sequence[SignedHead]) -> None:
        """Stop at the first sign that the witness does not work; one that only refuses a log is asked on."""
        for head in heads:
            place = witness.name, head.origin
            if not self._patience.over(place):
                continue
            try:
                self._keep(head, self._ask(witness, head))
            except (WitnessAway, BadReply) as failure:
                self._patience.failed(witness.name)
                log.warning("witness failed", witness=witness.name, kind=type(failure).__name__, why=str(failure))
                return
            except Refusal as refusal:
                self._patience.failed(place)
                log.warning("not cosigned", witness=witness.name, letter=head.slug, why=str(refusal))
                continue
            self._patience.worked(witness.name)
            self._patience.worked(place)

    def _ask(self, witness: AskedWitness, head: SignedHead) -> Cosigned:
        """One request, and one or two more where the witness says from which size on it wants the proof."""
        old_size = self._known_size(witness, head)
        for _try in range(TRIES):
            reply = post(witness.address, self._submission(head, old_size))
            answer = read_reply(reply, head.note, witness.key, self.runtime.clock())
            if isinstance(answer, Cosigned):
                self._sizes[witness.name, head.origin] = head.size
                return answer
            old_size = self._checked_size(answer, head, old_size)
        raise BadReply("it names sizes and cosigns none")

    def _known_size(self, witness: AskedWitness, head: SignedHead) -> int:
        """How much of the log the witness has cosigned, as far as is known here."""
        known = self._sizes.get((witness.name, head.origin))
        if known is None:
            with self.runtime.reading() as session:
                known = last_cosigned(session, head, witness.name)
        return min(known, head.size)

    def _checked_size(self, answer: Knows, head: SignedHead, asked: int) -> int:
        """Raises `NotCosigned` where it has cosigned what this log is not, or is not yet."""
        if answer.size > head.size:
            raise NotCosigned(f"it has cosigned {answer.size} leaves, and the log has {head.size}")
        if answer.size == asked == head.size:
            raise NotCosigned(f"it has cosigned another log of {head.size} leaves")
        return answer.size

    def _submission(self, head: SignedHead, old_size: int) -> bytes:
        with self.runtime.reading() as session:
            return submission_of(session, head, old_size)

    def _keep(self, head: SignedHead, given: Cosigned) -> None:
        self.runtime.settle(lambda session: keep(session, head, given))
