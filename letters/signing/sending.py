"""Sending what waits in the outbox: lease, decide, send, settle, one mail after the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from flask import Flask
from sqlalchemy.orm import Session

from letters.runtime import Runtime
from letters.signing.mail import compose
from letters.signing.mailing import Letterhead, address_mail
from verification.identity.addresses import unpad
from verification.identity.boxes import BoxDamaged, unlock
from verification.mailbox.delivery import (
    FolderTransport,
    MailPostponed,
    MailRefused,
    SmtpTransport,
    Transport,
)
from verification.mailbox.outbox import Waiting, bury, lease_due, postpone, renew, settle

log = structlog.get_logger()

BATCH = 10
"""Mails leased at once."""
LEASE = 60.0
"""Seconds of a lease; longer than a mail server may take to answer."""


def make_transport(runtime: Runtime) -> Transport:
    """The mail server of the settings, or the demo's folder."""
    settings = runtime.settings
    if settings.smtp_url:
        return SmtpTransport(settings.smtp_url, settings.mail_from)
    return FolderTransport(settings.mail_folder, settings.mail_from, lambda: runtime.chance.token(8).hex())


@dataclass(frozen=True)
class Sender:
    """Sends over one transport. What a killed one held comes back when its lease ends."""

    runtime: Runtime
    app: Flask
    transport: Transport
    lease_seconds: float = LEASE

    def send_some(self) -> int:
        """Lease a few mails and send them; returns how many were leased."""
        runtime, lease, now = self.runtime, self.runtime.chance.token(16), self.runtime.clock()
        waiting = runtime.settle(lambda session: lease_due(session, lease, now, self.lease_seconds, BATCH))
        for mail in waiting:
            self._send(mail, lease)
        return len(waiting)

    def _send(self, mail: Waiting, lease: bytes) -> None:
        runtime, now = self.runtime, self.runtime.clock()
        head = runtime.settle(lambda session: self._address(session, mail, lease, now))
        try:
            if head is not None:
                self._deliver(head, mail)
        except MailPostponed as error:
            reason = str(error)
            runtime.settle(lambda session: postpone(session, mail, lease, reason, now))
            log.warning("mail postponed", reason=reason)
        except (MailRefused, BoxDamaged) as error:
            reason = str(error)
            runtime.settle(lambda session: bury(session, mail, lease, reason, now))
            log.warning("mail is a dead letter", reason=reason)
        else:
            runtime.settle(lambda session: settle(session, mail.id, lease))

    def _address(self, session: Session, mail: Waiting, lease: bytes, now: datetime) -> Letterhead | None:
        """Decide under the lease, which a slow server may have outlasted: another worker decides otherwise."""
        held = renew(session, mail.id, lease, now, self.lease_seconds)
        return address_mail(session, held, now, self.runtime.chance.token) if held else None

    def _deliver(self, head: Letterhead, mail: Waiting) -> None:
        runtime = self.runtime
        to = unpad(unlock(runtime.keyring.server("outbox"), mail.address_box, mail.subject))
        self.transport.send(compose(self.app, runtime.settings, runtime.tokens, head, mail, to, runtime.clock()))
