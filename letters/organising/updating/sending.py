"""Sending an update, stopping it and going on, and trying it out on oneself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from letters.models.letters import LetterRow
from letters.models.signatures import SignatureRow
from letters.models.updates import UpdateRow, UpdateState
from letters.models.values import Letter
from letters.organising.updating.feeding import KEPT_FOR
from letters.organising.updating.subscribers import Subscribers, count_subscribers, subscribers_after
from letters.organising.updating.writing import NotADraft, find_update, lock_update
from letters.signing.update_mail import UpdateText, test_subject
from verification.errors import Refusal
from verification.identity.addresses import Address
from verification.identity.boxes import NONCE, lock
from verification.identity.keyring import Keyring
from verification.mailbox.outbox import UPDATES, About, NewMail, OutboxRow, State, enqueue


class NobodySubscribed(Refusal):
    """No signer with a confirmed signature asked for updates."""


class TextMissing(Refusal):
    """Some subscribers would get the update in a language in which it says nothing."""


class NothingWritten(Refusal):
    """The update says nothing in the language that is to be tried out."""


class OneAtATime(Refusal):
    """Another update of the letter is being sent."""


class LetterHidden(Refusal):
    """The letter is under lockdown or taken down."""


class NotSending(Refusal):
    """The update is not being sent, so it cannot be stopped."""


@dataclass(frozen=True)
class Progress:
    """How far sending is: mails that wait for the mail server, and subscribers whose turn is still to come."""

    waiting: int
    to_come: int


def missing_texts(texts: Mapping[str, UpdateText], subscribers: Subscribers) -> list[str]:
    """The languages that have subscribers and no text."""
    written = {language for language, text in texts.items() if text.body.strip()}
    return [language for language, count in subscribers.by_language.items() if count and language not in written]


def send_update(session: Session, letter: Letter, number: int, version: int, now: datetime) -> int:
    """Begin to send the text of this version, or go on after it was stopped; returns how many have subscribed.

    Raises `NoSuchUpdate`, `ChangedMeanwhile`, `NotADraft`, `LetterHidden`, `NobodySubscribed`, `TextMissing` or
    `OneAtATime`. May meet `uq_updates_one_sends`: run again, it says so.
    """
    row = lock_update(session, letter.id, number, version)
    if row.state not in (UpdateState.DRAFT.value, UpdateState.STOPPED.value):
        raise NotADraft("The update was sent already.")
    _check_letter(session, letter.id)
    subscribers = count_subscribers(session, letter)
    if not subscribers.total:
        raise NobodySubscribed("Nobody asked for updates.")
    if missing_texts(find_update(session, letter.id, number).texts, subscribers):
        raise TextMissing("A language with subscribers has no text.")
    row.state, row.sent_on, row.version = UpdateState.SENDING.value, now.date(), row.version + 1
    session.flush()
    return subscribers.total


def stop_update(session: Session, letter_id: int, number: int) -> int:
    """Stop sending; returns how many mails were queued. Those that wait are kept back. Raises `NotSending`."""
    row = session.get(UpdateRow, (letter_id, number), with_for_update=True)
    if row is None or row.state != UpdateState.SENDING.value:
        raise NotSending("The update is not being sent.")
    row.state, row.version = UpdateState.STOPPED.value, row.version + 1
    session.flush()
    return row.queued


def progress_of(session: Session, letter_id: int, number: int) -> Progress:
    """How far sending is."""
    cursor = session.get_one(UpdateRow, (letter_id, number)).cursor
    waiting = (
        select(func.count())
        .select_from(OutboxRow)
        .join(SignatureRow, SignatureRow.id == OutboxRow.subject)
        .where(text(UPDATES), OutboxRow.number == number, OutboxRow.state == State.WAITING.value)
        .where(SignatureRow.letter_id == letter_id)
    )
    to_come = select(func.count()).select_from(subscribers_after(letter_id, cursor).order_by(None).subquery())
    return Progress(session.scalar(waiting) or 0, session.scalar(to_come) or 0)


def send_test(
    session: Session, keyring: Keyring, letter_id: int, number: int, language: str, to: Address, now: datetime
) -> None:
    """Queue the update in one language for an organiser alone. Raises `NoSuchUpdate` or `NothingWritten`."""
    texts = find_update(session, letter_id, number).texts
    if language not in texts or not texts[language].body.strip():
        raise NothingWritten("The update says nothing in this language.")
    subject = test_subject(letter_id)
    box = lock(keyring.server("outbox"), to.padded(), subject, keyring.random_bytes(NONCE))
    expires_on = (now + KEPT_FOR).date()
    enqueue(session, NewMail(keyring.random_bytes(16), subject, language, box, expires_on, About.UPDATE, number))


def _check_letter(session: Session, letter_id: int) -> None:
    """Raises `LetterHidden` or `OneAtATime`."""
    letter = session.get_one(LetterRow, letter_id)
    if letter.locked_on or letter.taken_down_on:
        raise LetterHidden("The letter is hidden.")
    sending = UpdateRow.letter_id == letter_id, UpdateRow.state == UpdateState.SENDING.value
    if session.scalar(select(UpdateRow.number).where(*sending)) is not None:
        raise OneAtATime("Another update of this letter is being sent.")
