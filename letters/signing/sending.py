"""Sending what waits in the outbox: a few mails are taken up and decided on together, then sent one by one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog
from flask import Flask
from sqlalchemy.orm import Session

from letters.runtime import Runtime
from letters.signing.mail import compose
from letters.signing.turns import Done, Held, Link, Outbox, give_up, put_off, stumble, try_again, without_key
from letters.signing.unsubscribing import end_bounced
from letters.signing.update_mail import Addressed, compose_update
from letters.web.counting import Counting
from verification.access.mail_caps import HasEnough, MailCaps
from verification.errors import Refusal
from verification.identity.keyring import KeyMissing, KeyUnusable
from verification.mailbox.delivery import (
    FolderTransport,
    MailPostponed,
    MailRefused,
    SmtpTransport,
    Transport,
)
from verification.mailbox.outbox import settle

log = structlog.get_logger()

FEW, MANY = 2, 40
"""Mails taken up at once, first and at most: twice as many after all were sent in time, else as many as were."""
FRESH = 0.25
"""Seconds for which what was decided about a mail is good; then its lease is renewed, and it is decided on anew."""
IN_DOUBT = 0.01
"""Seconds for which what became of a mail is not yet written down."""
AT_ONCE = 1.0
"""Seconds after which the worker's other work gets its turn."""
LEASE = 60.0
"""Seconds of a lease; longer than a mail server may take to answer."""


def make_transport(runtime: Runtime) -> Transport:
    """The mail server of the settings, or the demo's folder."""
    settings = runtime.settings
    if settings.smtp_url:
        return SmtpTransport(settings.smtp_url, settings.mail_from)
    return FolderTransport(settings.mail_folder, settings.mail_from, lambda: runtime.chance.token(8).hex())


def make_caps(runtime: Runtime) -> MailCaps | None:
    """Counts for one worker process, or for all; None when precautions are switched off."""
    return MailCaps(Counting.of(runtime).counts) if runtime.settings.throttle else None


class TakenBack(Refusal):
    """While the mail server made it wait, a mail was taken back, or by another worker; `done` is what becomes of it."""

    def __init__(self, done: Done) -> None:
        super().__init__("The mail is not to be sent any more.")
        self.done = done


@dataclass(frozen=True)
class Sender:
    """Sends over one transport. What a killed one held comes back when its lease ends.

    What became of mails is written down before the next one once `IN_DOUBT` seconds have passed. Those that the mail
    server took since then are sent twice when the worker is killed: with a server that takes longer over each, one, and
    never more than `MANY`. What cannot be written down because the database is away is written down when it is back.

    Over its cap an address or a domain gets its mail later: a stranger who fills in forms for somebody delays their
    mail, and does not prevent it. Updates are neither capped nor counted: strangers cannot cause them, they are queued
    slowly, and whoever signs meanwhile is not to wait for them.
    """

    runtime: Runtime
    app: Flask
    transport: Transport
    lease_seconds: float = LEASE
    caps: MailCaps | None = None
    at_once: float = AT_ONCE
    _done: list[Done] = field(default_factory=list, init=False)

    def send_some(self) -> int:
        """Send what is due, for `at_once` seconds and one mail at most; returns how many were taken up."""
        outbox = Outbox(self.runtime, self.lease_seconds, self.caps)
        begun, taken, room = time.monotonic(), 0, FEW
        held: Sequence[Held] = ()
        while time.monotonic() - begun < self.at_once:
            turn = outbox.turn(tuple(self._done), held, room)
            taken += 0 if held else len(turn.held) + len(turn.done)
            self._done[:] = turn.done
            if not turn.held and not turn.done:
                return taken
            held = self._send_fresh(outbox, turn.held)
            room = max(FEW, len(turn.held) - len(held)) if held else min(2 * room, MANY)
        self._write_down(outbox, held)
        return taken

    def _send_fresh(self, outbox: Outbox, held: Sequence[Held]) -> Sequence[Held]:
        """Send while what was decided is good; returns what is left over."""
        decided = written = time.monotonic()
        for number, one in enumerate(held):
            if IN_DOUBT <= time.monotonic() - written < FRESH:
                self._write_down(outbox)
                written = time.monotonic()
            if time.monotonic() - decided >= FRESH:
                return held[number:]
            self._done.append(self._send(one))
        return ()

    def _write_down(self, outbox: Outbox, left: Sequence[Held] = ()) -> None:
        """Write down what became of mails, and give back those that are left over."""
        outbox.end(tuple(self._done), left)
        self._done.clear()

    def _send(self, held: Held) -> Done:
        """Send one, and say what became of it: whatever it trips over, the others go on."""
        try:
            return self._hand_over(held)
        except (KeyMissing, KeyUnusable) as error:
            return without_key(held.mail, held.lease, error, self.runtime.clock())
        except Exception as error:  # noqa: BLE001 - see above
            return stumble(held.mail, held.lease, error, self.runtime.clock())

    def _hand_over(self, held: Held) -> Done:
        mail, lease, now, what = held.mail, held.lease, self.runtime.clock(), held.what
        try:
            return self._send_update(held, what) if isinstance(what, Addressed) else self._send_link(held, what)
        except TakenBack as taken:
            return taken.done
        except HasEnough as enough:
            return put_off(mail, lease, now + enough.after)
        except MailPostponed as error:
            log.warning("mail postponed", reason=str(error))
            return try_again(mail, lease, str(error), now)
        except MailRefused as error:
            return give_up(mail, lease, str(error))

    def _send_link(self, held: Held, link: Link) -> Done:
        runtime = self.runtime
        if self.caps and link.counted:
            self.caps.check(link.counted)
        mail = compose(self.app, runtime.settings, runtime.tokens, link.head, held.mail, link.to, runtime.clock())
        self.transport.send(mail, partial(self._check, held))
        if self.caps and link.counted:
            self.caps.count(link.counted)
        return Done(held.mail, held.lease)

    def _check(self, held: Held) -> None:
        """Renew the lease and decide anew: a slow server may have used it up. Raises `TakenBack`."""
        turn = Outbox(self.runtime, self.lease_seconds, self.caps).turn(tuple(self._done), (held,), 1)
        self._done.clear()
        if not turn.held:
            raise TakenBack(*turn.done or (Done(held.mail, held.lease),))

    def _send_update(self, held: Held, addressed: Addressed) -> Done:
        """A mailbox that is not there ends the subscription; what a server refuses by its own rules does not."""
        runtime = self.runtime
        mail = compose_update(self.app, runtime.settings, runtime.tokens, addressed, runtime.clock())
        try:
            self.transport.send(mail, partial(self._check, held))
        except MailRefused as refused:
            if refused.policy or addressed.is_test:
                raise
            log.info("a subscription ended: its mailbox takes no mail")
            return Done(held.mail, held.lease, partial(_end_bounced, held=held, addressed=addressed))
        return Done(held.mail, held.lease)


def _end_bounced(session: Session, held: Held, addressed: Addressed) -> None:
    settle(session, [held.mail.id], [held.lease])
    end_bounced(session, addressed.handle, addressed.number)
