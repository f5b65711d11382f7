"""Writing an update: its texts by language, and what a text may hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from letters.models.updates import UpdateRow, UpdateState
from letters.signing.update_mail import UpdateText
from verification.errors import Refusal

LONGEST_SUBJECT = 120
LONGEST_BODY = 10_000
"""Characters."""


class NoSuchUpdate(Refusal):
    """The letter has no update of this number."""


class ChangedMeanwhile(Refusal):
    """Somebody else saved or sent it since it was opened."""


class NotADraft(Refusal):
    """The update is being sent or was sent, so its text stays."""


class BadText(Refusal):
    """A text holds what a plain mail does not; `field` is the one, `reason` a code."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"The {field} cannot be mailed: {reason}.")
        self.field, self.reason = field, reason


@dataclass(frozen=True)
class Update:
    """One update as organisers see it. `queued` counts its mails so far, `bounced` subscriptions that it ended."""

    number: int
    state: UpdateState
    texts: Mapping[str, UpdateText]
    version: int
    queued: int
    bounced: int
    sent_on: date | None

    @classmethod
    def of(cls, row: UpdateRow) -> Update:
        texts = {language: UpdateText(**text) for language, text in row.texts.items()}
        return cls(row.number, UpdateState(row.state), texts, row.version, row.queued, row.bounced, row.sent_on)


def list_updates(session: Session, letter_id: int) -> Sequence[Update]:
    """A letter's updates, the newest first."""
    query = select(UpdateRow).where(UpdateRow.letter_id == letter_id).order_by(UpdateRow.number.desc())
    return [Update.of(row) for row in session.scalars(query)]


def find_update(session: Session, letter_id: int, number: int) -> Update:
    """Raises `NoSuchUpdate`."""
    row = session.get(UpdateRow, (letter_id, number))
    if row is None:
        raise NoSuchUpdate("The letter has no such update.")
    return Update.of(row)


def lock_update(session: Session, letter_id: int, number: int, version: int) -> UpdateRow:
    """The row, locked, as it was when it was opened. Raises `NoSuchUpdate` or `ChangedMeanwhile`."""
    row = session.get(UpdateRow, (letter_id, number), populate_existing=True, with_for_update=True)
    if row is None:
        raise NoSuchUpdate("The letter has no such update.")
    if row.version != version:
        raise ChangedMeanwhile("Somebody else changed this update meanwhile.")
    return row


def start_update(session: Session, letter_id: int) -> int:
    """Begin an empty update; returns its number."""
    number = (session.scalar(select(func.max(UpdateRow.number)).where(UpdateRow.letter_id == letter_id)) or 0) + 1
    session.add(UpdateRow(letter_id=letter_id, number=number, state=UpdateState.DRAFT.value, texts={}))
    session.flush()
    return number


def save_update(session: Session, letter_id: int, number: int, version: int, texts: Mapping[str, UpdateText]) -> None:
    """Keep these texts in place of version `version`.

    Raises `NoSuchUpdate`, `ChangedMeanwhile`, `NotADraft` or `BadText`.
    """
    row = _lock_draft(session, letter_id, number, version)
    row.texts = {language: asdict(_clean(language, text)) for language, text in texts.items()}
    row.version += 1
    session.flush()


def drop_update(session: Session, letter_id: int, number: int, version: int) -> None:
    """Delete a draft. Raises `NoSuchUpdate`, `ChangedMeanwhile` or `NotADraft`."""
    row = _lock_draft(session, letter_id, number, version)
    session.delete(row)
    session.flush()


def _lock_draft(session: Session, letter_id: int, number: int, version: int) -> UpdateRow:
    if find_update(session, letter_id, number).state is not UpdateState.DRAFT:
        raise NotADraft("The update was sent already.")
    return lock_update(session, letter_id, number, version)


def _clean(language: str, text: UpdateText) -> UpdateText:
    """One line of subject, and a body whose lines end in a single line break."""
    subject = " ".join(text.subject.split())
    body = "\n".join(line.rstrip() for line in text.body.replace("\t", "    ").splitlines()).strip()
    for field, value, longest in (("subject", subject, LONGEST_SUBJECT), ("body", body, LONGEST_BODY)):
        if any(_is_unprintable(letter) for letter in value):
            raise BadText(f"{field}-{language}", "characters")
        if len(value) > longest:
            raise BadText(f"{field}-{language}", f"long-{field}")
    return UpdateText(subject, body)


def _is_unprintable(letter: str) -> bool:
    """Characters that no mail program shows, but for the joiners of some scripts."""
    hidden = unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs", "Cn")
    return (hidden and letter not in "\n\u200c\u200d") or letter == "\N{REPLACEMENT CHARACTER}"
