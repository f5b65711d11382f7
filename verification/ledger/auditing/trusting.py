"""By which key a log is believed, who else has seen it, and whether it still begins with what was seen before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from verification.ledger.auditing.findings import Code, Finding
from verification.ledger.auditing.letter_address import LetterAddress
from verification.ledger.auditing.log_reading import LogReading
from verification.ledger.auditing.remembering import Remembered
from verification.ledger.checkpoints import Checkpoint, parse_checkpoint
from verification.ledger.notes import (
    BadNote,
    BadVerifierKey,
    Note,
    UnknownKey,
    VerifierKey,
    WrongSignature,
    verify_note,
)
from verification.ledger.policies import Policy


class Source(Enum):
    """Where the key came from that the checkpoint was checked by."""

    GIVEN = "given"
    POLICY = "policy"
    STATE = "state"
    SITE = "site"


@dataclass(frozen=True)
class Trust:
    """What an auditor believes before it asks: a key, a policy, what it saw before. Each may be missing.

    `besides` are other sights of the same log, such as the checkpoint of a receipt.
    """

    key: VerifierKey | None = None
    policy: Policy | None = None
    seen: Remembered | None = None
    besides: tuple[Remembered, ...] = ()

    @property
    def sights(self) -> tuple[Remembered, ...]:
        """All that the log has to continue."""
        return (self.seen, *self.besides) if self.seen else self.besides

    def key_for(self, origin: str) -> tuple[VerifierKey, Source] | None:
        """The key for a log, None when only the site itself can name one."""
        if self.key:
            return self.key, Source.GIVEN
        listed = [log.key for log in self.policy.logs] if self.policy else []
        if listed:
            return next((key for key in listed if key.name == origin), listed[0]), Source.POLICY
        return (self.seen.key, Source.STATE) if self.seen else None


@dataclass(frozen=True)
class SignedHead:
    """A checkpoint that could be read, whoever signed it."""

    note: Note
    checkpoint: Checkpoint


def read_head(data: bytes) -> SignedHead:
    """Read a checkpoint as it came. Raises `BadNote` or `BadCheckpoint`."""
    try:
        note = Note.parse(data.decode())
    except UnicodeDecodeError:
        raise BadNote("It is no UTF-8 text.") from None
    return SignedHead(note, parse_checkpoint(note.text))


def key_of(text: str) -> VerifierKey | None:
    """The verifier key that a site names, None when it is none."""
    try:
        return VerifierKey.parse(text)
    except BadVerifierKey:
        return None


def signature_findings(head: SignedHead, key: VerifierKey | None, address: LetterAddress) -> Iterator[Finding]:
    """Whether the key signed the head, and whether it is one of this letter's log."""
    origin = head.checkpoint.origin
    if not origin.endswith(address.log):
        said = f"The checkpoint is of the log {origin}: expected one whose name ends in {address.log}."
        yield Finding(Code.OTHER_ORIGIN, said)
    if key is None:
        yield Finding(Code.UNKNOWN_KEY, "The site names no key to check its log by: give one with --key or --policy.")
        return
    try:
        verify_note(head.note, key)
    except UnknownKey as wrong:
        yield Finding(Code.UNKNOWN_KEY, f"The checkpoint is not signed by the log's key. {wrong}")
    except WrongSignature as wrong:
        yield Finding(Code.WRONG_SIGNATURE, f"The checkpoint's signature is wrong. {wrong}")
    if origin != key.name:
        said = f"The checkpoint is of the log {origin}: expected {key.name}, as its key says."
        yield Finding(Code.OTHER_ORIGIN, said)


def witness_findings(head: SignedHead, policy: Policy) -> Iterator[Finding]:
    """Whether the policy's witnesses cosigned the head, as many as its quorum asks for."""
    try:
        if Policy((), policy.witnesses, policy.quorum).satisfied_by(head.note):
            return
        cosigned = policy.cosigned_by(head.note)
    except WrongSignature as wrong:
        yield Finding(Code.WRONG_COSIGNATURE, f"A cosignature under the checkpoint is wrong. {wrong}")
        return
    names = ", ".join(sorted(cosigned)) or "nobody"
    missing = ", ".join(sorted({witness.name for witness in policy.witnesses} - cosigned.keys())) or "nobody"
    said = f"Of the policy's witnesses {names} cosigned the checkpoint of {head.checkpoint.size} leaves, not {missing}"
    yield Finding(Code.NO_QUORUM, f"{said}: expected its quorum.")


def seen_findings(
    checkpoint: Checkpoint, reading: LogReading | None, seen: Remembered, *, copied: bool = False
) -> Iterator[Finding]:
    """Whether the log begins with every leaf that it had when it was seen before; a copy may be older than that."""
    if checkpoint.size < seen.size and not copied:
        said = f"The log has {checkpoint.size} leaves, and had {seen.size} when it was seen before: it shrank."
        yield Finding(Code.LOG_SHRANK, f"{said} {_PROOF}")
    elif checkpoint.size == seen.size and checkpoint.root != seen.root:
        said = f"The log has the root {checkpoint.root.hex()} at {seen.size} leaves, and had {seen.root.hex()} before"
        yield Finding(Code.LOG_FORKED, f"{said}: these are two different logs. {_PROOF}")
    elif reading and (changed := _first_changed(reading, seen)):
        last, size = changed
        said = f"The first {size} leaves had the root {seen.heights[size].hex()} when they were seen before, and have"
        where = f"{reading.roots[size].hex()} now: one of the leaves {last} to {size - 1} was rewritten."
        yield Finding(Code.LOG_REWRITTEN, f"{said} {where} {_PROOF}")


_PROOF = "Keep the state file and these answers as proof."


def _first_changed(reading: LogReading, seen: Remembered) -> tuple[int, int] | None:
    """Between which sizes a leaf was rewritten: the last root that is as it was, and the first that is not."""
    last = 0
    for size, root in sorted(seen.heights.items()):
        if reading.roots.get(size, root) != root:
            return last, size
        last = size
    return None
