"""Whether a named journalist may ask a signer: given and taken back at once, outside every edition."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from letters.models.letters import LetterRow
from letters.models.signatures import SignatureRow, SignatureState
from letters.publishing.erasing import IN_BULK
from letters.signing.managing import Signature, SignatureFinal

_STANDS = (SignatureState.CONFIRMED, SignatureState.HELD)


def may_agree(signature: Signature) -> bool:
    """Whether agreeing means anything: the signature stands, can still be changed, and there is a name to give."""
    return signature.state in _STANDS and signature.identified and not signature.final


def agree(session: Session, signature_id: bytes) -> None:
    """Let a named journalist ask this signer; no figure and no list changes. Raises `SignatureFinal`."""
    lasting = select(LetterRow.id).where(LetterRow.forgotten.is_(False))
    stands = SignatureRow.state.in_([state.value for state in _STANDS]), SignatureRow.sealed.is_not(None)
    agreed = update(SignatureRow).where(SignatureRow.id == signature_id, *stands, SignatureRow.letter_id.in_(lasting))
    agreed = agreed.values(press=True).returning(SignatureRow.id)
    if session.scalar(agreed, execution_options=IN_BULK) is None:
        raise SignatureFinal("The signature is withdrawn or was voided, or the days for changes are over.")


def disagree(session: Session, signature_id: bytes) -> None:
    """Take that back, whatever has become of the signature; asking again changes nothing."""
    taken_back = update(SignatureRow).where(SignatureRow.id == signature_id).values(press=False)
    session.execute(taken_back, execution_options=IN_BULK)
