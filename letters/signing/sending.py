"""Sending what waits in the outbox: lease, decide, send, settle, one mail after the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from flask import Flask
from sqlalchemy.orm import Session

from letters.runtime import Runtime
from letters.signing.mail import compose
from letters.signing.mailing import Letterhead, address_mail
from letters.signing.unsubscribing import end_bounced
from letters.signing.update_mail import Addressed, UpdateWaits, address_update, compose_update
from verification.access.mail_caps import HasEnough, MailCaps
from verification.identity.addresses import Address, parse_address, unpad
from verification.identity.boxes import BoxDamaged, unlock
from verification.mailbox.delivery import (
    FolderTransport,
    MailPostponed,
    MailRefused,
    SmtpTransport,
    Transport,
)
from verification.mailbox.outbox import About, Waiting, bury, defer, lease_due, postpone, renew, settle

log = structlog.get_logger()

BATCH = 10
"""Mails leased at once."""
LEASE = 60.0
"""Seconds of a lease; longer than a mail server may take to answer."""
LOOK_AGAIN = timedelta(minutes=5)
"""How long a mail of an update waits before it is looked at again whether sending goes on."""


def make_transport(runtime: Runtime) -> Transport:
    """The mail server of the settings, or the demo's folder."""
    settings = runtime.settings
    if settings.smtp_url:
        return SmtpTransport(settings.smtp_url, settings.mail_from)
    return FolderTransport(settings.mail_folder, settings.mail_from, lambda: runtime.chance.token(8).hex())


def make_caps(runtime: Runtime) -> MailCaps | None:
    """Counts for one worker process; None when precautions are switched off."""
    return MailCaps(runtime.clock, runtime.chance.token) if runtime.settings.throttle else None


@dataclass(frozen=True)
class Sender:
    """Sends over one transport. What a killed one held comes back when its lease ends.

    Over its cap an address or a domain gets its mail later: a stranger who fills in forms for somebody delays their
    mail, and does not prevent it. Updates are neither capped nor counted: strangers cannot cause them, they are queued
    slowly, and whoever signs meanwhile is not to wait for them.
    """

    runtime: Runtime
    app: Flask
    transport: Transport
    lease_seconds: float = LEASE
    caps: MailCaps | None = None

    def send_some(self) -> int:
        """Lease a few mails and send them; returns how many were leased."""
        runtime, lease, now = self.runtime, self.runtime.chance.token(16), self.runtime.clock()
        waiting = runtime.settle(lambda session: lease_due(session, lease, now, self.lease_seconds, BATCH))
        for mail in waiting:
            self._send(mail, lease)
        return len(waiting)

    def _send(self, mail: Waiting, lease: bytes) -> None:
        runtime, now = self.runtime, self.runtime.clock()
        try:
            (self._send_update if mail.about is About.UPDATE else self._send_link)(mail, lease, now)
        except UpdateWaits:
            runtime.settle(lambda session: defer(session, mail.id, lease, now + LOOK_AGAIN))
        except HasEnough as enough:
            due_at = now + enough.after
            runtime.settle(lambda session: defer(session, mail.id, lease, due_at))
        except MailPostponed as error:
            reason = str(error)
            runtime.settle(lambda session: postpone(session, mail, lease, reason, now))
            log.warning("mail postponed", reason=reason)
        except (MailRefused, BoxDamaged) as error:
            reason = str(error)
            runtime.settle(lambda session: bury(session, mail, lease, reason))
            log.warning("mail is a dead letter", reason=reason)
        else:
            runtime.settle(lambda session: settle(session, mail.id, lease))

    def _send_link(self, mail: Waiting, lease: bytes, now: datetime) -> None:
        address = self._open(mail)
        head = self.runtime.settle(lambda session: self._address(session, mail, lease, now))
        if head is not None:
            self._deliver(head, mail, address)

    def _send_update(self, mail: Waiting, lease: bytes, now: datetime) -> None:
        """A mailbox that is not there ends the subscription; what a server refuses by its own rules does not."""
        runtime = self.runtime
        addressed = runtime.settle(lambda session: self._address_update(session, mail, lease, now))
        if addressed is None:
            return
        try:
            self.transport.send(compose_update(self.app, runtime.settings, runtime.tokens, addressed, now))
        except MailRefused as refused:
            if refused.policy or addressed.is_test:
                raise
            runtime.settle(lambda session: end_bounced(session, addressed.handle, addressed.number))
            log.info("a subscription ended: its mailbox takes no mail")

    def _address_update(self, session: Session, mail: Waiting, lease: bytes, now: datetime) -> Addressed | None:
        held = renew(session, mail.id, lease, now, self.lease_seconds)
        return address_update(session, held, self.runtime.keyring) if held else None

    def _address(self, session: Session, mail: Waiting, lease: bytes, now: datetime) -> Letterhead | None:
        """Decide under the lease, which a slow server may have outlasted: another worker decides otherwise."""
        held = renew(session, mail.id, lease, now, self.lease_seconds)
        return address_mail(session, held, now, self.runtime.chance.token) if held else None

    def _open(self, mail: Waiting) -> Address:
        """The address of a mail, if it may get one more."""
        key = self.runtime.keyring.server("outbox")
        address = parse_address(unpad(unlock(key, mail.address_box, mail.subject)))
        if self.caps:
            self.caps.check(address)
        return address

    def _deliver(self, head: Letterhead, mail: Waiting, address: Address) -> None:
        runtime, to = self.runtime, address.deliverable
        self.transport.send(compose(self.app, runtime.settings, runtime.tokens, head, mail, to, runtime.clock()))
        if self.caps:
            self.caps.count(address)
