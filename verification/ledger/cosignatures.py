"""What a witness adds to a checkpoint: it saw the log then, and only ever saw it grow (C2SP tlog-cosignature, v1)."""

from __future__ import annotations

from verification.ledger.checkpoints import parse_checkpoint
from verification.ledger.notes import (
    COSIGNATURE,
    Note,
    NoteSignature,
    NoteSigner,
    UnknownKey,
    VerifierKey,
    WrongSignature,
    check_ed25519,
)
from verification.ledger.strict import LARGEST

_TIME_BYTES = 8
_COSIGNATURE_BYTES = _TIME_BYTES + 64


def cosigner(name: str, seed: bytes) -> VerifierKey:
    """The public half of a witness's key. Raises `BadVerifierKey`."""
    return NoteSigner(name, seed, COSIGNATURE).verifier


def cosign(checkpoint_text: str, name: str, seed: bytes, seconds: int) -> NoteSignature:
    """Cosign the text of a checkpoint at a time in seconds since 1970.

    The caller vouches that the log is consistent with what it cosigned before. Raises `BadCheckpoint`, `BadNote`.
    """
    parse_checkpoint(checkpoint_text)
    signed = NoteSigner(name, seed, COSIGNATURE).sign(_message(seconds, checkpoint_text))
    return NoteSignature(name, signed.id, seconds.to_bytes(_TIME_BYTES, "big") + signed.signature)


def cosigned_at(note: Note, key: VerifierKey) -> int:
    """When the witness cosigned the note, in seconds since 1970.

    Raises `UnknownKey` when it did not, and `WrongSignature` when its cosignature is not over this text and time.
    """
    if key.algorithm != COSIGNATURE:
        raise UnknownKey(f"The key of {key.name} does not belong to a witness: expected a key that cosigns.")
    signature = note.by(key).signature
    if len(signature) != _COSIGNATURE_BYTES:
        raise WrongSignature(
            f"The cosignature of {key.name} has {len(signature)} bytes: expected {_COSIGNATURE_BYTES}."
        )
    seconds = int.from_bytes(signature[:_TIME_BYTES], "big")
    if seconds > LARGEST:
        raise WrongSignature(f"The cosignature of {key.name} gives the time {seconds}: expected at most {LARGEST}.")
    check_ed25519(key, signature[_TIME_BYTES:], _message(seconds, note.text))
    return seconds


def _message(seconds: int, checkpoint_text: str) -> str:
    return f"cosignature/v1\ntime {seconds}\n{checkpoint_text}"
