"""One turn of a worker at the outbox: write down what became of the last mails, take up the next, decide on them.

All of it is one transaction: a mail costs a part of a commit, and what is decided about it holds for its lease.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from letters.runtime import Runtime
from letters.signing.mailing import Letterhead, address_mails
from letters.signing.update_mail import Addressed, UpdateWaits, address_update
from letters.web.logs import where
from verification.access.mail_caps import HasEnough, MailCaps
from verification.identity.addresses import Address, BadAddress, parse_address, unpad
from verification.identity.boxes import BoxDamaged, unlock
from verification.identity.keyring import KeyMissing, KeyUnusable
from verification.mailbox.outbox import About, Waiting, bury, defer, lease_due, postpone, release, renew, settle

log = structlog.get_logger()

LOOK_AGAIN = timedelta(minutes=5)
"""How long a mail waits before it is looked at again: whether an update goes on, whether a key is back."""


@dataclass(frozen=True)
class Link:
    """A mail that carries one link, ready to be written. `counted` is whose it is, where mails are counted."""

    head: Letterhead
    to: str
    counted: Address | None


@dataclass(frozen=True)
class Held:
    """A mail under a lease of ours, and what is to be sent for it now."""

    mail: Waiting
    lease: bytes
    what: Link | Addressed


@dataclass(frozen=True)
class Done:
    """A mail that needs no more of us. `write` puts down what became of it, unless the mail server has taken it."""

    mail: Waiting
    lease: bytes
    write: Callable[[Session], object] | None = None


@dataclass(frozen=True)
class Turn:
    """What a turn has taken up: mails to be sent, and such as there is nothing to send for."""

    held: tuple[Held, ...] = ()
    done: tuple[Done, ...] = ()


@dataclass(frozen=True)
class Outbox:
    """The outbox as one worker sees it."""

    runtime: Runtime
    lease_seconds: float
    caps: MailCaps | None

    def turn(self, done: Sequence[Done], held: Sequence[Held], at_most: int) -> Turn:
        """Write down what is done; renew the leases of what is held, or take up at most so many others.

        What is held is decided on anew: it may have been withdrawn, or somebody else may have taken it. Where deciding
        trips over one of them each is decided on alone, and that one put off.
        """
        lease, now = held[0].lease if held else self.runtime.chance.token(16), self.runtime.clock()

        def take(session: Session) -> list[Waiting]:
            write_down(session, done)
            if held:
                return renew(session, [one.mail.id for one in held], lease, now, self.lease_seconds)
            return lease_due(session, lease, now, self.lease_seconds, at_most)

        try:
            return self.runtime.settle(lambda session: self._decide(session, take(session), lease, now))
        except Exception as error:
            if _is_of_the_database(error):
                raise
        turns = [self._alone(mail, lease, now) for mail in self.runtime.settle(take)]
        return Turn(
            tuple(one for turn in turns for one in turn.held), tuple(one for turn in turns for one in turn.done)
        )

    def end(self, done: Sequence[Done], held: Sequence[Held]) -> None:
        """Write down what is done and give back what is held."""

        def verb(session: Session) -> None:
            write_down(session, done)
            if held:
                release(session, [one.mail.id for one in held], held[0].lease)

        self.runtime.settle(verb)

    def _alone(self, mail: Waiting, lease: bytes, now: datetime) -> Turn:
        def verb(session: Session) -> Turn:
            return self._decide(session, renew(session, [mail.id], lease, now, self.lease_seconds), lease, now)

        try:
            return self.runtime.settle(verb)
        except Exception as error:
            if _is_of_the_database(error):
                raise
            return Turn(done=(stumble(mail, lease, error, now),))

    def _decide(self, session: Session, mails: Sequence[Waiting], lease: bytes, now: datetime) -> Turn:
        opened = [self._open(session, mail, lease, now) for mail in mails]
        links = {one.mail.id: one for one in opened if isinstance(one, _Opened)}
        heads = address_mails(session, [one.mail for one in links.values()], now, self.runtime.chance.token)
        ready = [Held(links[id].mail, lease, Link(head, links[id].to, links[id].counted)) for id, head in heads.items()]
        ready += [one for one in opened if isinstance(one, Held)]
        idle = [Done(one.mail, lease) for one in links.values() if one.mail.id not in heads]
        return Turn(tuple(ready), (*idle, *(one for one in opened if isinstance(one, Done))))

    def _open(self, session: Session, mail: Waiting, lease: bytes, now: datetime) -> _Opened | Held | Done:
        """The address of a mail, if it may get one more now; a mail of an update is decided on at once."""
        try:
            if mail.about is About.UPDATE:
                addressed = address_update(session, mail, self.runtime.keyring)
                return Held(mail, lease, addressed) if addressed else Done(mail, lease)
            to = unpad(unlock(self.runtime.keyring.server("outbox"), mail.address_box, mail.subject))
            counted = parse_address(to) if self.caps else None
            if self.caps and counted and mail.challenge is None:
                self.caps.check(counted)
            return _Opened(mail, to, counted)
        except UpdateWaits:
            return put_off(mail, lease, now + LOOK_AGAIN)
        except (KeyMissing, KeyUnusable) as error:
            return without_key(mail, lease, error, now)
        except HasEnough as enough:
            return put_off(mail, lease, now + enough.after)
        except (BoxDamaged, BadAddress) as error:
            return give_up(mail, lease, str(error))


@dataclass(frozen=True)
class _Opened:
    mail: Waiting
    to: str
    counted: Address | None


def put_off(mail: Waiting, lease: bytes, due_at: datetime) -> Done:
    """Wait until then for no fault of the mail's own."""
    return Done(mail, lease, partial(defer, id=mail.id, lease=lease, due_at=due_at))


def without_key(mail: Waiting, lease: bytes, error: KeyMissing | KeyUnusable, now: datetime) -> Done:
    """Wait until the host has put a key back."""
    log.error("mail waits for a key", error=type(error).__name__)
    return put_off(mail, lease, now + LOOK_AGAIN)


def try_again(mail: Waiting, lease: bytes, reason: str, now: datetime) -> Done:
    """Put it back for its next attempt, of which there are only so many; `reason` names no person."""
    return Done(mail, lease, partial(postpone, mail=mail, lease=lease, reason=reason, now=now))


def stumble(mail: Waiting, lease: bytes, error: Exception, now: datetime) -> Done:
    """Put off a mail at which this program trips, so that it holds up no other."""
    log.error("mail put off by a failure", error=type(error).__name__, where=where(error))
    return try_again(mail, lease, type(error).__name__, now)


def give_up(mail: Waiting, lease: bytes, reason: str) -> Done:
    """Make it a dead letter; `reason` names no person."""
    log.warning("mail is a dead letter", reason=reason)
    return Done(mail, lease, partial(bury, mail=mail, lease=lease, reason=reason))


def write_down(session: Session, done: Sequence[Done]) -> None:
    """Put down what became of mails; of one whose lease was lost, nothing."""
    gone = [one for one in done if one.write is None]
    if gone:
        settle(session, [one.mail.id for one in gone], {one.lease for one in gone})
    for one in done:
        if one.write:
            one.write(session)


def _is_of_the_database(error: Exception) -> bool:
    """Whether it is no mail's fault: all that a single row can do is to fit into no table."""
    return isinstance(error, DBAPIError | PoolTimeout) and not isinstance(error, IntegrityError | DataError)
