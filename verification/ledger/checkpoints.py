"""Checkpoints: how large a log is and what its root is, as the text of a signed note (C2SP tlog-checkpoint)."""

from __future__ import annotations

from dataclasses import dataclass

from verification.errors import Refusal
from verification.ledger.hashing import EMPTY_ROOT, HASH
from verification.ledger.notes import Note, VerifierKey, verify_note
from verification.ledger.strict import base64_of, strict_base64, strict_number


class BadCheckpoint(Refusal):
    """The text of a note is not a checkpoint, or is one of another log."""


@dataclass(frozen=True)
class Checkpoint:
    """A log's origin, size in leaves, and root. Other logs may add extension lines; ours never does."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text of the note, which signers and cosigners sign."""
        lines = [self.origin, str(self.size), base64_of(self.root), *self.extensions]
        return "".join(f"{line}\n" for line in lines)


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a note. Raises `BadCheckpoint`."""
    if not text.endswith("\n"):
        raise BadCheckpoint("The checkpoint does not end in a newline: it was cut short, or not copied whole.")
    lines = text[:-1].split("\n")
    if len(lines) < 3 or "" in lines:
        raise BadCheckpoint(f"Found {len(lines)} lines, {lines.count('')} of them empty: expected origin, size, root.")
    origin, size, root, *extensions = lines
    return _checked(Checkpoint(origin, _read_size(size), _read_root(root), tuple(extensions)))


def open_checkpoint(note: str, key: VerifierKey) -> Checkpoint:
    """The checkpoint in a note that the log's key signed; the key is named as the log's origin.

    Raises `BadNote`, `UnknownKey`, `WrongSignature`, `BadCheckpoint`.
    """
    opened = Note.parse(note)
    verify_note(opened, key)
    checkpoint = parse_checkpoint(opened.text)
    if checkpoint.origin != key.name:
        raise BadCheckpoint(f"The checkpoint is of the log {checkpoint.origin}: expected {key.name}.")
    return checkpoint


def _read_size(line: str) -> int:
    try:
        return strict_number(line)
    except ValueError as wrong:
        raise BadCheckpoint(f"The size of the checkpoint cannot be read: {wrong}.") from None


def _read_root(line: str) -> bytes:
    try:
        root = strict_base64(line)
    except ValueError as wrong:
        raise BadCheckpoint(f"The root of the checkpoint cannot be read: {wrong}.") from None
    if len(root) != HASH:
        raise BadCheckpoint(f"The root of the checkpoint has {len(root)} bytes: expected {HASH}.")
    return root


def _checked(checkpoint: Checkpoint) -> Checkpoint:
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise BadCheckpoint(f"The checkpoint has no leaves and the root {checkpoint.root.hex()}: only one is possible.")
    return checkpoint
