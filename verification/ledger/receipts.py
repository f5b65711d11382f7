"""Receipts: a signer's own proof that a log counts their signature, checked offline (C2SP tlog-proof).

The specification leaves `extra` to applications: here it opens the commitment in the signature's leaf. Whoever holds
a receipt can show that somebody signed, so nobody gets one without asking for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verification.errors import Refusal
from verification.ledger.checkpoints import Checkpoint, open_checkpoint
from verification.ledger.hashing import HASH, leaf_hash
from verification.ledger.leaves import Opening, Signature
from verification.ledger.notes import LONGEST_NOTE, BadNote, Note, VerifierKey
from verification.ledger.proofs import LONGEST_PROOF, verify_inclusion
from verification.ledger.strict import base64_of, strict_base64, strict_number

OPENING_TAG = b"undersigned opening 1\n"
"""What `extra` begins with: what follows is a nullifier, a blinding and a seal hash, 32 bytes each."""

LONGEST_RECEIPT = LONGEST_NOTE + 4096
"""Characters in the longest receipt that is read."""

_FORMAT = "c2sp.org/tlog-proof@v1"


class BadReceipt(Refusal):
    """Text that is not a receipt in its one exact form."""


@dataclass(frozen=True)
class Receipt:
    """Where a signature's leaf is (from 0), its proof, the checkpoint as a signed note, and what opens the leaf."""

    index: int
    proof: Sequence[bytes]
    note: str
    opening: Opening

    def encode(self) -> str:
        """The receipt as text, to be kept in a file."""
        opening = self.opening.nullifier + self.opening.blinding + self.opening.seal_hash
        lines = [_FORMAT, f"extra {base64_of(OPENING_TAG + opening)}", f"index {self.index}"]
        return "\n".join([*lines, *map(base64_of, self.proof), "", self.note])

    @classmethod
    def parse(cls, text: str) -> Receipt:
        """Read what `encode` wrote; nothing is verified yet. Raises `BadReceipt`."""
        if len(text) > LONGEST_RECEIPT:
            raise BadReceipt(f"The receipt has {len(text)} characters: at most {LONGEST_RECEIPT} are read.")
        head, blank, note = text.partition("\n\n")
        form, *lines = head.split("\n")
        if form != _FORMAT:
            raise BadReceipt(f"Found {form[:60]!r} as the first line: expected {_FORMAT!r}. This is no receipt.")
        if not blank or len(lines) < 2:
            raise BadReceipt("The receipt is cut short: expected an opening, an index, a proof and a checkpoint.")
        _check_note(note)
        opening, index, *proof = lines
        return cls(opening=_read_opening(opening), index=_read_index(index), proof=_read_proof(proof), note=note)


def check_receipt(receipt: Receipt, key: VerifierKey) -> Checkpoint:
    """The checkpoint, signed by the log's key, of a tree that holds the receipt's leaf.

    Raises `BadNote`, `UnknownKey`, `WrongSignature`, `BadCheckpoint`, or `BadProof` for a leaf that is not there.
    """
    checkpoint = open_checkpoint(receipt.note, key)
    leaf = leaf_hash(Signature(receipt.opening.commitment).encode())
    verify_inclusion(receipt.index, checkpoint.size, leaf, receipt.proof, checkpoint.root)
    return checkpoint


def _after(word: str, line: str) -> str:
    found, _, value = line.partition(" ")
    if found != word:
        raise BadReceipt(f"Found {line[:60]!r}: expected a line that begins with {word!r}.")
    return value


def _read_index(line: str) -> int:
    try:
        return strict_number(_after("index", line))
    except ValueError as wrong:
        raise BadReceipt(f"The index of the receipt cannot be read: {wrong}.") from None


def _read_opening(line: str) -> Opening:
    data = _read_bytes("The opening", _after("extra", line))
    if not data.startswith(OPENING_TAG) or len(data) != len(OPENING_TAG) + 3 * HASH:
        raise BadReceipt("The receipt opens no signature: it is of another kind, or of a newer version.")
    nullifier, blinding, seal_hash = (data[len(OPENING_TAG) + at : len(OPENING_TAG) + at + HASH] for at in (0, 32, 64))
    return Opening(nullifier, blinding, seal_hash)


def _read_proof(lines: list[str]) -> tuple[bytes, ...]:
    if len(lines) > LONGEST_PROOF:
        raise BadReceipt(f"The proof of the receipt has {len(lines)} hashes: expected at most {LONGEST_PROOF}.")
    hashes = tuple(_read_bytes(f"Hash {number} of the proof", line) for number, line in enumerate(lines, start=1))
    for number, value in enumerate(hashes, start=1):
        if len(value) != HASH:
            raise BadReceipt(f"Hash {number} of the proof has {len(value)} bytes: expected {HASH}.")
    return hashes


def _read_bytes(what: str, text: str) -> bytes:
    try:
        return strict_base64(text)
    except ValueError as wrong:
        raise BadReceipt(f"{what} cannot be read: {wrong}.") from None


def _check_note(note: str) -> None:
    try:
        Note.parse(note)
    except BadNote as wrong:
        raise BadReceipt(f"The checkpoint of the receipt cannot be read. {wrong}") from None
