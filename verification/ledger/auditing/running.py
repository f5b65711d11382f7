"""Audits as they run: looking again while a site is between two editions, remembering, watching."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from verification.errors import Refusal
from verification.ledger.auditing.fetching import Site, Unreachable
from verification.ledger.auditing.letter_address import LetterAddress
from verification.ledger.auditing.log_reading import LogReading
from verification.ledger.auditing.looking import Look, look_at
from verification.ledger.auditing.remembering import read_state, write_state
from verification.ledger.auditing.trusting import Trust
from verification.ledger.auditing.wording import look_said, printable
from verification.ledger.notes import VerifierKey
from verification.ledger.policies import LONGEST_POLICY, Policy, parse_policy

CLEAN, FOUND = 0, 1
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before a site that is between two editions is looked at again."""

WATCH_EVERY = 300
"""Seconds between two looks of a watch, unless said otherwise."""

Say = Callable[[str], None]


class BadRequest(Refusal):
    """What was asked for does not go together, or a file for it cannot be used."""


@dataclass(frozen=True)
class Asked:
    """What an audit is asked to do. `watch` is in seconds, None for one look."""

    address: LetterAddress
    key: VerifierKey | None = None
    policy: Policy | None = None
    state: Path | None = None
    watch: float | None = None

    def trust(self) -> Trust:
        """What is believed from the start. Raises `BadState`."""
        return Trust(self.key, self.policy, read_state(self.state, self.address) if self.state else None)


def audit(asked: Asked, say: Say, sleep: Callable[[float], None] = time.sleep) -> int:
    """Audit a letter, once or until there is a finding, and say what came of it. Returns `CLEAN` or `FOUND`.

    Raises `BadState`.
    """
    trust, reading, spoken = asked.trust(), None, False
    while True:
        try:
            look = settled_look(asked.address, trust, sleep, reading)
        except Unreachable as silence:
            say(printable(str(silence)))
            if asked.watch is None:
                return FOUND
        else:
            changed = look.reading is not reading or not spoken
            if look.findings or changed:
                _say_look(look, trust, say, briefly=spoken)
            if look.findings:
                return FOUND
            trust, reading, spoken = _remember(asked, trust, look, changed=changed), look.reading, True
            if asked.watch is None:
                return CLEAN
        sleep(asked.watch)


def settled_look(
    address: LetterAddress, trust: Trust, sleep: Callable[[float], None], known: LogReading | None = None
) -> Look:
    """Look at the letter, and again for some seconds while its site is between two editions. Each look has to continue
    the log of the one before. Raises `Unreachable`."""
    with _connected(address) as site:
        look = look_at(site, trust, known)
        for pause in PAUSES:
            if not look.unsettled:
                break
            sleep(pause)
            earlier = look.remembered(address.slug)
            besides = replace(trust, besides=(*trust.besides, earlier)) if earlier else trust
            look = look_at(site, besides, look.reading)
    return look


def read_policy_file(path: Path) -> Policy:
    """Raises `BadRequest`, whose text names the line that is wrong."""
    try:
        with path.open("rb") as file:
            return parse_policy(file.read(4 * LONGEST_POLICY).decode("utf-8", "surrogateescape"))
    except OSError as error:
        raise BadRequest(f"The policy {path} cannot be read: {error.strerror}.") from None
    except Refusal as wrong:
        raise BadRequest(f"The policy {path} cannot be used. {wrong}") from None


def _remember(asked: Asked, trust: Trust, look: Look, *, changed: bool) -> Trust:
    seen = look.remembered(asked.address.slug)
    if seen is None:
        return trust
    known = trust.seen
    if known and seen.size < known.size:  # an older copy tells nothing new of the log
        seen = replace(known, addresses=seen.addresses)
    if asked.state and (changed or known is None or seen.addresses != known.addresses):
        write_state(asked.state, seen)
    return replace(trust, seen=seen)


def _say_look(look: Look, trust: Trust, say: Say, *, briefly: bool) -> None:
    for line in look_said(look, trust, briefly=briefly):
        say(printable(line))


@contextmanager
def _connected(address: LetterAddress) -> Iterator[Site]:
    site = Site(address)
    try:
        yield site
    finally:
        site.close()
