"""A witness: it cosigns a log's heads one after the other, each only when it extends the last (C2SP tlog-witness)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from verification.ledger.checkpoints import BadCheckpoint, Checkpoint, parse_checkpoint
from verification.ledger.cosignatures import cosign, cosigner
from verification.ledger.hashing import HASH
from verification.ledger.heads import Fork, SeenHeads, advance
from verification.ledger.notes import LONGEST_NOTE, BadNote, Note, UnknownKey, VerifierKey, WrongSignature, verify_note
from verification.ledger.proofs import LONGEST_PROOF, BadProof
from verification.ledger.strict import base64_of, strict_base64, strict_number

LONGEST_SUBMISSION = LONGEST_NOTE + 4096
"""Bytes in the longest request: a note, and a proof in front of it."""

TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"
"""The type of an answer that is the size of the head cosigned last."""


@dataclass(frozen=True)
class Answer:
    """What goes back: an HTTP status, a content type and a body; `fork` is why the log is not to be believed."""

    status: int
    content_type: str
    body: bytes
    fork: str = ""


@dataclass(frozen=True)
class Submission:
    """A request to cosign: the size of the head cosigned last, as the sender has it, the proof, and the checkpoint."""

    old_size: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint

    @classmethod
    def parse(cls, body: bytes) -> Submission:
        """Read a request in its one exact form. Raises `ValueError`, `BadNote`, `BadCheckpoint`."""
        if len(body) > LONGEST_SUBMISSION:
            raise ValueError(f"the request has {len(body)} bytes: at most {LONGEST_SUBMISSION} are read")
        head, blank, rest = body.decode().partition("\n\n")
        old, *hashes = head.split("\n")
        if not blank or not old.startswith("old ") or len(hashes) > LONGEST_PROOF:
            raise ValueError("expected 'old' and a size, up to 63 hashes, an empty line and a checkpoint")
        note = Note.parse(rest)
        checkpoint = parse_checkpoint(note.text)
        return cls(strict_number(old.removeprefix("old ")), tuple(map(_read_hash, hashes)), note, checkpoint)

    @property
    def body(self) -> bytes:
        """The request, as it is sent."""
        hashes = "".join(f"{base64_of(value)}\n" for value in self.proof)
        return f"old {self.old_size}\n{hashes}\n{self.note}".encode()


@dataclass(frozen=True)
class Witness:
    """A witness under its name: its seed (Ed25519, 32 bytes), its memory, the logs that it follows, by origin."""

    name: str
    seed: bytes = field(repr=False)
    seen: SeenHeads
    logs: Mapping[str, VerifierKey]
    clock: Callable[[], datetime]

    @property
    def verifier(self) -> VerifierKey:
        """The key that its cosignatures are checked by."""
        return cosigner(self.name, self.seed)

    def add_checkpoint(self, body: bytes) -> Answer:
        """Cosign the checkpoint in a request, or say by the status why not.

        Raises `DamagedMemory`, and `OSError` when it cannot be written; then nothing was signed.
        """
        try:
            submission = Submission.parse(body)
        except (ValueError, BadNote, BadCheckpoint) as wrong:
            return _no(HTTPStatus.BAD_REQUEST, str(wrong))
        key = self.logs.get(submission.checkpoint.origin)
        if key is None:
            return _no(HTTPStatus.NOT_FOUND, "This witness does not follow that log.")
        try:
            verify_note(submission.note, key)
        except (UnknownKey, WrongSignature) as wrong:
            return _no(HTTPStatus.FORBIDDEN, str(wrong))
        if submission.old_size > submission.checkpoint.size:
            return _no(HTTPStatus.BAD_REQUEST, "The old size is above the size of the checkpoint.")
        return self._cosign(submission)

    def _cosign(self, submission: Submission) -> Answer:
        """Compare, remember and sign under one lock, so that of two requests one comes after the other."""
        checkpoint = submission.checkpoint
        with self.seen.locked(checkpoint.origin) as memory:
            size = memory.head[0] if memory.head else 0
            if submission.old_size != size:
                return _conflict(size)
            try:
                advance(memory.head, checkpoint, submission.proof)
            except Fork as fork:
                return _conflict(size, f"{fork}\n{submission.note}")
            except BadProof as wrong:
                return _no(HTTPStatus.UNPROCESSABLE_ENTITY, str(wrong))
            memory.remember(checkpoint.size, checkpoint.root)
            signature = cosign(checkpoint.text, self.name, self.seed, int(self.clock().timestamp()))
        return Answer(HTTPStatus.OK, TEXT, signature.line.encode())


def _read_hash(line: str) -> bytes:
    value = strict_base64(line)
    if len(value) != HASH:
        raise ValueError(f"a hash of the proof has {len(value)} bytes: expected {HASH}")
    return value


def _no(status: HTTPStatus, why: str) -> Answer:
    return Answer(status, TEXT, f"{why}\n".encode())


def _conflict(size: int, fork: str = "") -> Answer:
    return Answer(HTTPStatus.CONFLICT, SIZE, f"{size}\n".encode(), fork)
