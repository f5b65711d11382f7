"""A letter with subscribers, an update for them, a worker, and the bounces that come back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.letters import LetterRow
from letters.models.signatures import Display, SignatureRow, SignatureState, Standing, SubscriptionRow
from letters.models.updates import UpdateRow
from letters.organising.loading import load, open_letter
from letters.organising.updating.feeding import feed_outbox
from letters.organising.updating.sending import send_update
from letters.organising.updating.writing import find_update, save_update, start_update
from letters.runtime import Runtime
from letters.signing.sending import Sender, make_caps
from letters.signing.update_mail import UpdateText
from tests.parts.campaign import Campaign, demo_draft
from verification.identity.addresses import parse_address
from verification.identity.boxes import NONCE, lock
from verification.mailbox.delivery import SmtpTransport
from verification.mailbox.outbox import OutboxRow

TEXTS = {"ru": UpdateText("Новости", "Спасибо!"), "en": UpdateText("", "Thank you.\n\nThe minister has answered.")}


def subscribe(
    campaign: Campaign, *numbers: int, language: str = "en", state: SignatureState = SignatureState.CONFIRMED
) -> list[bytes]:
    """Let `signer<number>@example.org` have signed and asked for updates; returns their signatures."""
    runtime, letter_id = campaign.runtime, campaign.letter.id

    def verb(session: Session) -> list[bytes]:
        return [_subscribe(session, runtime, letter_id, number, language, state) for number in numbers]

    return runtime.settle(verb)


def _subscribe(
    session: Session, runtime: Runtime, letter_id: int, number: int, language: str, state: SignatureState
) -> bytes:
    id, handle = runtime.chance.token(16), runtime.chance.token(16)
    held_for = "burst" if state is SignatureState.HELD else None
    session.add(
        SignatureRow(
            id=id,
            letter_id=letter_id,
            state=state.value,
            display=Display.COUNTED.value,
            standing=Standing.MAILBOX.value,
            profession="nurse",
            region="BY-MI",
            held_for=held_for,
        )
    )
    address = parse_address(f"signer{number}@example.org").padded()
    box = lock(runtime.keyring.server("subscriptions"), address, id, runtime.chance.token(NONCE))
    session.flush()
    session.add(SubscriptionRow(signature_id=id, language=language, address_box=box, handle=handle))
    return id


def another_letter(campaign: Campaign, slug: str = "another-letter") -> Campaign:
    """One more open letter on the same installation."""
    runtime, (draft, pair) = campaign.runtime, demo_draft()

    def verb(session: Session) -> None:
        row = load(session, replace(draft, slug=slug), runtime.settings.vocabularies, runtime.clock())
        open_letter(row, runtime.keyring, runtime.clock())

    runtime.settle(verb)
    return Campaign(runtime, campaign.app, campaign.mail_server, slug, pair)


def handle_of(runtime: Runtime, signature_id: bytes) -> bytes | None:
    """What a subscription's mails carry; None when it is gone."""
    with runtime.reading() as session:
        return session.scalar(select(SubscriptionRow.handle).where(SubscriptionRow.signature_id == signature_id))


def write(campaign: Campaign, texts: Mapping[str, UpdateText] | None = None) -> int:
    """Write an update; returns its number."""

    def verb(session: Session) -> int:
        number = start_update(session, campaign.letter.id)
        save_update(session, campaign.letter.id, number, 1, TEXTS if texts is None else texts)
        return number

    return campaign.runtime.settle(verb)


def send(campaign: Campaign, number: int) -> int:
    """Begin to send it, or go on."""
    runtime = campaign.runtime

    def verb(session: Session) -> int:
        version = find_update(session, campaign.letter.id, number).version
        return send_update(session, campaign.letter, number, version, runtime.clock())

    return runtime.settle(verb)


def begin(campaign: Campaign) -> int:
    """Write an update and begin to send it; returns its number."""
    number = write(campaign)
    send(campaign, number)
    return number


def update_row(campaign: Campaign, number: int) -> UpdateRow:
    """The update as it is stored."""
    with campaign.runtime.reading() as session:
        row = session.get_one(UpdateRow, (campaign.letter.id, number))
        session.expunge(row)
    return row


def outbox(runtime: Runtime) -> list[OutboxRow]:
    """Everything that waits."""
    with runtime.reading() as session:
        rows = list(session.scalars(select(OutboxRow)))
        session.expunge_all()
    return rows


def change(campaign: Campaign, **values: object) -> None:
    """Change the letter's row."""

    def verb(session: Session) -> None:
        row = session.get_one(LetterRow, campaign.letter.id)
        for name, value in values.items():
            setattr(row, name, value)

    campaign.runtime.settle(verb)


@dataclass
class Post:
    """A worker's part in updates, one step at a time."""

    runtime: Runtime
    app: Flask
    sender: Sender

    @classmethod
    def of(cls, campaign: Campaign) -> "Post":
        settings = campaign.runtime.settings
        transport = SmtpTransport(settings.smtp_url or "", settings.mail_from, patience=5)
        sender = Sender(campaign.runtime, campaign.app, transport, caps=make_caps(campaign.runtime))
        return cls(campaign.runtime, campaign.app, sender)

    def deliver(self) -> None:
        """Feed and send until nothing is due."""
        while feed_outbox(self.runtime) + self.sender.send_some():
            pass
        self.sender.transport.close()


def returned(message_id: str, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    """A report (RFC 3464) about the mail of this Message-ID."""
    return f"""From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: letters@undersigned.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B1"

--B1
Content-Type: text/plain; charset=us-ascii

<marker@example.org>: the mailbox answered {status}

--B1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; marker@example.org
Action: {action}
Status: {status}

--B1
Content-Type: text/rfc822-headers

Message-ID: {message_id}

--B1--
""".encode()
