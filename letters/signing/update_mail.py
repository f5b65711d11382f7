"""The mail of an update: who gets it is looked at again when it is written, and it brings the way to end it.

A mail for a subscriber carries no address: that is read from the subscription, so that it is in one place and goes with
it. A test for an organiser carries the organiser's own, and is about the letter instead of a signature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Flask
from flask_babel import force_locale
from flask_babel import gettext as _
from jinja2 import Environment
from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.letters import LetterRow
from letters.models.signatures import SignatureRow, SignatureState, SubscriptionRow
from letters.models.updates import UpdateRow, UpdateState
from letters.settings import Settings
from letters.web.locale import locale_of
from verification.errors import Refusal
from verification.identity.addresses import unpad
from verification.identity.boxes import unlock
from verification.identity.keyring import Keyring
from verification.mailbox.messages import Mail
from verification.mailbox.outbox import Waiting
from verification.mailbox.tokens import Purpose, TokenDamaged, Tokens

HANDLE_BYTES, NUMBER_BYTES = 16, 4
NOBODY = bytes(HANDLE_BYTES)
"""The handle in a test's link: it is no subscription's, so pressing the button there ends none."""


class UpdateWaits(Refusal):
    """Sending was stopped, or the letter is under lockdown or taken down: the mail goes out if that ends in time."""


@dataclass(frozen=True)
class UpdateText:
    """An update in one language; an empty `subject` stands for a neutral one."""

    subject: str
    body: str


@dataclass(frozen=True)
class Addressed:
    """An update for one recipient. `handle` is their subscription's, or `NOBODY`'s for a test."""

    handle: bytes
    number: int
    language: str
    text: UpdateText
    to: str

    @property
    def is_test(self) -> bool:
        return self.handle == NOBODY


def test_subject(letter_id: int) -> bytes:
    """What a test mail is about, in place of a signature: signatures have random ids."""
    return letter_id.to_bytes(HANDLE_BYTES, "big")


def text_for(texts: Mapping[str, UpdateText], wanted: str, languages: Sequence[str]) -> tuple[str, UpdateText]:
    """The text for a subscriber, and its language: the form's, else the letter's first one that the update has."""
    chosen = next(language for language in (wanted, *languages, *texts) if language in texts)
    return chosen, texts[chosen]


def texts_of(row: UpdateRow) -> dict[str, UpdateText]:
    """An update's texts, those that say something."""
    texts = {language: UpdateText(**text) for language, text in row.texts.items()}
    return {language: text for language, text in texts.items() if text.body.strip()}


def address_update(session: Session, mail: Waiting, keyring: Keyring) -> Addressed | None:
    """Who gets a leased mail of an update, and what. None: nobody, because the subscription or the update is gone.

    Raises `UpdateWaits`, or `BoxDamaged`.
    """
    if mail.address_box:
        return _address_test(session, mail, keyring)
    found = session.execute(_SUBSCRIBER.where(SubscriptionRow.signature_id == mail.subject)).first()
    row = session.get(UpdateRow, (found.letter_id, mail.number)) if found else None
    if found is None or row is None or not texts_of(row):
        return None
    if row.state == UpdateState.STOPPED.value or found.locked_on or found.taken_down_on:
        raise UpdateWaits("Sending is stopped.")
    to = unpad(unlock(keyring.server("subscriptions"), found.address_box, mail.subject))
    return Addressed(found.handle, row.number, *text_for(texts_of(row), found.language, found.languages), to)


def _address_test(session: Session, mail: Waiting, keyring: Keyring) -> Addressed | None:
    row = session.get(UpdateRow, (int.from_bytes(mail.subject, "big"), mail.number))
    text = texts_of(row).get(mail.language) if row else None
    if row is None or text is None:
        return None
    to = unpad(unlock(keyring.server("outbox"), mail.address_box, mail.subject))
    return Addressed(NOBODY, row.number, mail.language, text, to)


def compose_update(app: Flask, settings: Settings, tokens: Tokens, addressed: Addressed, now: datetime) -> Mail:
    """The mail, with the private link that ends the subscription in its body and headers (RFC 2369, RFC 8058)."""
    link = f"{settings.base_url}/unsubscribe/{tokens.mint(Purpose.UNSUBSCRIBE, addressed.handle)}"
    with app.app_context(), force_locale(locale_of(addressed.language)):
        subject, body = write_update(app.jinja_env, addressed.language, addressed.text, link)
        subject = _("Test: %(subject)s", subject=subject) if addressed.is_test else subject
    content = addressed.handle + addressed.number.to_bytes(NUMBER_BYTES, "big")
    message_id = f"<update.{tokens.mint(Purpose.UPDATE, content)}@{settings.host}>"
    return Mail(addressed.to, subject, body, message_id, now, _headers(link))


def write_update(templates: Environment, language: str, text: UpdateText, link: str) -> tuple[str, str]:
    """Subject and body as subscribers read them; wants an application's context."""
    with force_locale(locale_of(language)):
        subject = templates.get_template("email/update/subject.txt").render(subject=text.subject)
        return subject.strip(), templates.get_template("email/update/body.txt").render(body=text.body, link=link)


def read_update_token(tokens: Tokens, token: str) -> tuple[bytes, int]:
    """Handle and number in the Message-ID of an update's mail. Raises `TokenDamaged` or `TokenForeign`."""
    content = tokens.read(Purpose.UPDATE, token)
    if len(content) != HANDLE_BYTES + NUMBER_BYTES:
        raise TokenDamaged("The Message-ID is not one of ours.")
    return content[:HANDLE_BYTES], int.from_bytes(content[HANDLE_BYTES:], "big")


def _headers(link: str) -> tuple[tuple[str, str], ...]:
    """One click is for https alone (RFC 8058, section 3.1)."""
    one_click = (("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),) if link.startswith("https://") else ()
    return (("List-Unsubscribe", f"<{link}>"), *one_click, ("Precedence", "bulk"))


_SUBSCRIBER = (
    select(
        SubscriptionRow.handle,
        SubscriptionRow.language,
        SubscriptionRow.address_box,
        SignatureRow.letter_id,
        LetterRow.languages,
        LetterRow.locked_on,
        LetterRow.taken_down_on,
    )
    .join(SignatureRow, SignatureRow.id == SubscriptionRow.signature_id)
    .join(LetterRow, LetterRow.id == SignatureRow.letter_id)
    .where(SignatureRow.state == SignatureState.CONFIRMED.value)
)
