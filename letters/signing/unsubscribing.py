"""The end of a subscription: its subscriber wants no more, or its mailbox takes no more. The signature stays."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from letters.models.signatures import SignatureRow, SubscriptionRow
from letters.models.updates import UpdateRow
from letters.publishing.erasing import erase_subscriptions


def is_subscribed(session: Session, handle: bytes) -> bool:
    """Whether the subscription that a link was mailed to is still there."""
    return session.scalar(select(SubscriptionRow.handle).where(SubscriptionRow.handle == handle)) is not None


def unsubscribe(session: Session, handle: bytes) -> bytes | None:
    """Delete a subscription, with its address and what waits to be mailed there; returns whose signature it was.

    None when it is gone already: asking again changes nothing.
    """
    ended = delete(SubscriptionRow).where(SubscriptionRow.handle == handle).returning(SubscriptionRow.signature_id)
    signature_id: bytes | None = session.scalar(ended)
    if signature_id is not None:
        erase_subscriptions(session, [signature_id])
    return signature_id


def end_bounced(session: Session, handle: bytes, number: int) -> bool:
    """End the subscription that the update of this `number` could not reach, and count that; False if it had ended."""
    signature_id = unsubscribe(session, handle)
    if signature_id is None:
        return False
    letter_id = select(SignatureRow.letter_id).where(SignatureRow.id == signature_id).scalar_subquery()
    bounced = update(UpdateRow).where(UpdateRow.letter_id == letter_id, UpdateRow.number == number)
    session.execute(bounced.values(bounced=UpdateRow.bounced + 1))
    return True
