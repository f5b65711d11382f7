"""Checking a signer's receipt, offline or against the log as it is now."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from verification.errors import Refusal
from verification.ledger.auditing.fetching import Unreachable
from verification.ledger.auditing.findings import Code, Finding
from verification.ledger.auditing.looking import Look
from verification.ledger.auditing.remembering import Remembered
from verification.ledger.auditing.running import CLEAN, FOUND, Asked, BadRequest, Say, settled_look
from verification.ledger.auditing.trusting import Trust, seen_findings
from verification.ledger.auditing.wording import look_said, printable
from verification.ledger.checkpoints import Checkpoint
from verification.ledger.leaves import Signature
from verification.ledger.notes import VerifierKey
from verification.ledger.receipts import LONGEST_RECEIPT, Receipt, check_receipt

SHOWS = """\
What a receipt shows: whoever made it knew the secret of this one leaf of the log. It names nobody.
It shows that somebody holding it could know who signed: keep it as you would keep the signature itself."""


KEEP_RECEIPT = "Keep the receipt and these answers as proof."


@dataclass(frozen=True)
class Held:
    """A receipt that holds, and the checkpoint in it."""

    receipt: Receipt
    checkpoint: Checkpoint


def read_receipt(path: Path) -> Receipt:
    """Raises `BadRequest` when there is no such file, and `BadReceipt` for one that is no receipt."""
    try:
        with path.open("rb") as file:
            return Receipt.parse(file.read(4 * LONGEST_RECEIPT).decode("utf-8", "replace"))
    except OSError as error:
        raise BadRequest(f"The receipt {path} cannot be read: {error.strerror}.") from None


def check_offline(path: Path, key: VerifierKey, say: Say) -> int:
    """Say whether a receipt holds by the log's key. Returns `CLEAN` or `FOUND`. Raises `BadRequest`."""
    held = _receipt_said(_opened_receipt(path, key), say)
    if held is None:
        return FOUND
    say("Whether it was withdrawn or voided since, only the log can tell: add the letter's address.")
    say(SHOWS)
    return CLEAN


def check_online(path: Path, asked: Asked, say: Say, sleep: Callable[[float], None] = time.sleep) -> int:
    """Audit the letter, which has to continue the log that the receipt is from, and say what became of its signature.

    Returns `CLEAN` or `FOUND`. Raises `BadRequest` or `BadState`.
    """
    trust = asked.trust()
    try:
        look = settled_look(asked.address, _with_receipt(path, asked, trust), sleep)
    except Unreachable as silence:
        say(printable(str(silence)))
        return FOUND
    held = _opened_receipt(path, look.key) if look.key else None
    if isinstance(held, Held):
        look.findings += [finding for finding in _held_findings(held, look) if finding not in look.findings]
    for line in look_said(look, trust):
        say(printable(line))
    held = _receipt_said(held, say)
    if held is None or look.findings:
        return FOUND
    if _is_older(held, look):
        say("The copy is older than the receipt and knows nothing of its signature: ask the letter's own site.")
        return CLEAN
    return _say_removed(held, look, say)


def _opened_receipt(path: Path, key: VerifierKey) -> Held | Refusal:
    try:
        receipt = read_receipt(path)
        return Held(receipt, check_receipt(receipt, key))
    except BadRequest:
        raise
    except Refusal as wrong:
        return wrong


def _receipt_said(held: Held | Refusal | None, say: Say) -> Held | None:
    if isinstance(held, Refusal):
        say(printable(f"FOUND: the receipt does not hold. {held}"))
        return None
    if held:
        where = f"leaf {held.receipt.index} of {held.checkpoint.size} in the log {held.checkpoint.origin}"
        say(printable(f"The receipt holds: {where} is its signature."))
    return held


def _held_findings(held: Held, look: Look) -> Iterator[Finding]:
    """Whether the log that was read is the one of the receipt: with its root at that size, and its leaf.

    Every checkpoint with a signature is of a whole edition, so that its root is known of any log that was read.
    """
    if not (look.head and look.reading and look.key):
        return
    size, index, reading = held.checkpoint.size, held.receipt.index, look.reading
    sight = Remembered("", look.key, size, held.checkpoint.root, held.receipt.note)
    wrong = list(seen_findings(look.head.checkpoint, reading, sight, copied=look.copied))
    yield from wrong
    if wrong or _is_older(held, look):
        return
    if size not in reading.roots:
        said = f"No edition of the log ends at {size} leaves, and one did when the receipt was made"
        yield Finding(Code.LOG_REWRITTEN, f"{said}: leaves were rewritten. {KEEP_RECEIPT}")
    elif reading.signature_at(index) != Signature(held.receipt.opening.commitment).encode():
        said = f"Leaf {index} of the log is not the signature of the receipt, and was when the receipt was made"
        yield Finding(Code.LOG_REWRITTEN, f"{said}: it was rewritten. {KEEP_RECEIPT}")


def _is_older(held: Held, look: Look) -> bool:
    """Whether the log that was read is a copy from before the receipt."""
    return look.copied and look.head is not None and look.head.checkpoint.size < held.checkpoint.size


def _with_receipt(path: Path, asked: Asked, trust: Trust) -> Trust:
    """The log's root in the receipt is one more that the log has to have; a receipt that is none is said later."""
    receipt = _readable(path)
    origin = receipt.note.partition("\n")[0] if receipt else ""
    known = trust.key_for(origin)
    try:
        checkpoint = check_receipt(receipt, known[0]) if receipt and known else None
    except Refusal:
        checkpoint = None
    if not (receipt and known and checkpoint):
        return trust
    sight = Remembered(asked.address.slug, known[0], checkpoint.size, checkpoint.root, receipt.note)
    return replace(trust, besides=(*trust.besides, sight))


def _readable(path: Path) -> Receipt | None:
    try:
        return read_receipt(path)
    except BadRequest:
        raise
    except Refusal:
        return None


def _say_removed(held: Held, look: Look, say: Say) -> int:
    assert look.reading
    removed = look.reading.removed.get(held.receipt.opening.nullifier)
    if removed:
        say(f"Its signature was {removed[1]} since, by leaf {removed[0]}: the total counts it no more.")
    else:
        say(f"It was not withdrawn or voided since: the total of {look.total} counts it.")
    say(SHOWS)
    return CLEAN
