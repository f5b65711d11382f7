"""A filled form becomes a pending signature and a mail that waits: two rows, whoever the address belongs to.

Nothing here looks whether the address is known, so the answer and its time cannot tell. The worker looks, when it
sends (`mailing`). All that needs no database is done first (`prepare`); what is left is written for many at once, in an
order that says nothing (`keep`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter, itemgetter

from sqlalchemy import insert
from sqlalchemy.orm import Session

from letters.models.signatures import Display, SignatureRow, SignatureState, SubscriptionRow, Suspicion
from letters.models.values import Letter
from letters.publishing.entries import padded_name
from letters.signing.form import Filled
from verification.access.proof import Payment
from verification.access.spent import spend_proof
from verification.database import insert_new, table_of
from verification.identity.boxes import NONCE, lock
from verification.identity.dedupe import address_index, form_fingerprints
from verification.identity.keyring import Keyring
from verification.identity.sealing import seal
from verification.mailbox.outbox import NewMail, enqueue_all
from verification.mailbox.tokens import CONFIRM_FOR


@dataclass(frozen=True)
class Identity:
    """Who signed; leaves the process sealed only."""

    name: str
    address: str
    workplace: str

    def as_bytes(self) -> bytes:
        return json.dumps(
            {"name": self.name, "address": self.address, "workplace": self.workplace}, ensure_ascii=False
        ).encode()


def seal_context(slug: str, signature_id: bytes) -> bytes:
    """What a sealed identity is bound to: its letter and its row."""
    return b"undersigned identity 1\0" + slug.encode() + b"\0" + signature_id


@dataclass(frozen=True)
class NewSignature:
    """A pending signature, sealed and ready to be written: the rows of its tables, and its mail."""

    row: Mapping[str, object]
    mail: NewMail
    subscription: Mapping[str, object] | None


def prepare(
    letter: Letter,
    filled: Filled,
    language: str,
    keyring: Keyring,
    now: datetime,
    random_bytes: Callable[[int], bytes],
) -> NewSignature:
    """Seal the identity and lock the addresses. Raises `BadPublicKey` or `KeyMissing`: no key, no letter."""
    signature_id, expires_on = random_bytes(16), (now + CONFIRM_FOR).date()
    identity = Identity(filled.name, filled.address.deliverable, filled.workplace)
    dedupe_key = keyring.dedupe(letter.slug)
    fingerprint, earlier = form_fingerprints(dedupe_key, _as_fields(filled, language), int(now.timestamp()))
    address = filled.address.padded()
    suspicion = Suspicion.DOMAIN if letter.watches(filled.address.domain) else filled.suspicion
    sealed = seal(letter.public_key, identity.as_bytes(), seal_context(letter.slug, signature_id))
    row = {
        "id": signature_id,
        "letter_id": letter.id,
        "state": SignatureState.PENDING.value,
        "display": filled.display.value,
        "standing": filled.standing.value,
        "profession": filled.profession,
        "region": filled.region,
        "sealed": lock(keyring.identities(letter.slug), sealed, signature_id, random_bytes(NONCE)),
        "address_index": address_index(dedupe_key, filled.address.canonical),
        "name_box": lock_name(keyring, filled.name, signature_id, random_bytes)
        if filled.display is Display.NAMED
        else None,
        "fingerprint": fingerprint,
        "earlier_fingerprint": earlier,
        "mailed": False,
        "listed": False,
        "held_for": suspicion.value if suspicion else None,
        "news": False,
        "press": filled.press,
        "pact": filled.pact,
        "expires_on": expires_on,
    }
    outbox_box = lock(keyring.server("outbox"), address, signature_id, random_bytes(NONCE))
    mail = NewMail(random_bytes(16), signature_id, language, outbox_box, expires_on)
    if not filled.updates:
        return NewSignature(row, mail, None)
    box = lock(keyring.server("subscriptions"), address, signature_id, random_bytes(NONCE))
    subscription = {"signature_id": signature_id, "language": language, "address_box": box, "handle": random_bytes(16)}
    return NewSignature(row, mail, subscription)


def keep(session: Session, new: Sequence[NewSignature]) -> bool:
    """Write these pending signatures and queue their mails, all or none.

    Returns False, and writes nothing, when they are there already: an earlier run was committed after all. They are
    written in the order of their random ids, so that where a row lies does not tell when it came.
    """
    rows = sorted((signature.row for signature in new), key=_id)
    if not insert_new(session, _SIGNATURES, rows):
        return False
    enqueue_all(session, sorted((signature.mail for signature in new), key=_mail_id))
    subscriptions = sorted((signature.subscription for signature in new if signature.subscription), key=_handle)
    if subscriptions:
        session.execute(_INSERT_SUBSCRIPTION, subscriptions)
    return True


def keep_paid(session: Session, new: NewSignature, payment: Payment) -> None:
    """Write one that had to be paid for. Raises `AlreadySpent`; in a run that finds itself committed it is not."""
    if keep(session, [new]):
        spend_proof(session, payment.id, payment.expires_on)


def submit(
    session: Session,
    letter: Letter,
    filled: Filled,
    language: str,
    keyring: Keyring,
    now: datetime,
    random_bytes: Callable[[int], bytes],
) -> None:
    """Prepare and keep one."""
    keep(session, [prepare(letter, filled, language, keyring, now, random_bytes)])


_SIGNATURES = table_of(SignatureRow)
_INSERT_SUBSCRIPTION = insert(table_of(SubscriptionRow))
_id, _handle, _mail_id = itemgetter("id"), itemgetter("handle"), attrgetter("id")


def lock_name(keyring: Keyring, name: str, signature_id: bytes, random_bytes: Callable[[int], bytes]) -> bytes:
    """A public name, kept under the server key `names` until its edition."""
    return lock(keyring.server("names"), padded_name(name), signature_id, random_bytes(NONCE))


def _as_fields(filled: Filled, language: str) -> tuple[str, ...]:
    return (
        language,
        filled.name,
        filled.address.deliverable,
        filled.profession,
        filled.region,
        filled.workplace,
        "pact" if filled.pact else filled.display.value,
        str(filled.updates),
        str(filled.press),
    )
