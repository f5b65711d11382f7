"""Deleting an account: nothing of an organiser who belongs to no team is kept, but their acts under a random number."""

from __future__ import annotations

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from letters.models.accounts import AccountRow, FactorRow, RecoveryCodeRow, SessionRow
from letters.models.teams import InvitationRow, LetterKeyRow, MembershipRow
from verification.mailbox.challenges import ChallengeRow


def close_if_alone(session: Session, account_id: bytes) -> bool:
    """Delete an account that belongs to no team any more; returns whether it did. The address is free again."""
    session.flush()
    if session.scalar(select(exists().where(MembershipRow.account_id == account_id))):
        return False
    for table in (SessionRow, FactorRow, RecoveryCodeRow, LetterKeyRow):
        session.execute(delete(table).where(table.account_id == account_id))
    session.execute(delete(ChallengeRow).where(ChallengeRow.subject == account_id))
    session.execute(update(InvitationRow).where(InvitationRow.invited_by == account_id).values(invited_by=None))
    session.execute(delete(AccountRow).where(AccountRow.id == account_id))
    return True
