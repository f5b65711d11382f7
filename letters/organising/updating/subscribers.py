"""How many signers asked for updates, in which languages: numbers alone, and small ones not even those."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from letters.models.signatures import SignatureRow, SignatureState, SubscriptionRow
from letters.models.values import Letter

FEW = 10
"""Below this many nobody is told how many subscribers a language has."""


@dataclass(frozen=True)
class Subscribers:
    """How many there are, and by the language of the letter that each gets an update in."""

    total: int
    by_language: Mapping[str, int]

    def at_least(self, language: str) -> int:
        """So many subscribers of a language at least, in whole tens; 0 for few. The rest cannot be worked out."""
        return self.by_language.get(language, 0) // FEW * FEW


def count_subscribers(session: Session, letter: Letter) -> Subscribers:
    """Those whose signature is confirmed."""
    query = select(SubscriptionRow.language, func.count()).join(*_SIGNATURE).where(*confirmed(letter.id))
    counted: Counter[str] = Counter()
    for language, count in session.execute(query.group_by(SubscriptionRow.language)):
        counted[language if language in letter.languages else letter.languages[0]] += count
    return Subscribers(counted.total(), counted)


def subscribers_after(letter_id: int, cursor: bytes | None) -> Select[bytes, str]:
    """Signature and language of the subscribers after this one; ids are random, so their order says nothing."""
    query = select(SubscriptionRow.signature_id, SubscriptionRow.language).join(*_SIGNATURE)
    query = query.where(*confirmed(letter_id)).order_by(SubscriptionRow.signature_id)
    return query.where(SubscriptionRow.signature_id > cursor) if cursor else query


def confirmed(letter_id: int) -> tuple[ColumnElement[bool], ...]:
    """Whose signatures stand: not those that wait for their signer or an organiser, or were thrown out."""
    return SignatureRow.letter_id == letter_id, SignatureRow.state == SignatureState.CONFIRMED.value


_SIGNATURE = SignatureRow, SignatureRow.id == SubscriptionRow.signature_id
