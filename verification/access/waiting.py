"""Waiting tickets: the way past the limit for browsers without JavaScript. Nothing is stored until one is used."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from verification.access.proof import Payment, last_day
from verification.errors import Refusal
from verification.mailbox.tokens import Purpose, TokenDamaged, TokenForeign, Tokens

SHORTEST, LONGEST = 60, 600
"""Seconds to wait, at the least and at the most."""
GROWS = 6
"""Seconds more for each request over the limit."""
LASTS = timedelta(hours=1)
"""How long a ticket is good once its time has come."""
ID_BYTES = 16


class BadTicket(Refusal):
    """No ticket for this letter, or one that is too old."""


class TooEarly(Refusal):
    """The ticket's time has not come."""

    def __init__(self, seconds: int) -> None:
        super().__init__("The ticket's time has not come.")
        self.seconds = seconds


@dataclass(frozen=True)
class WaitingTickets:
    """Makes and reads tickets. They hold a random id, the time from which on they are good, and the letter."""

    tokens: Callable[[], Tokens]
    clock: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]
    shortest: int = SHORTEST

    def seconds(self, excess: int) -> int:
        """How long to wait when a network is over its limit by so many."""
        return min(LONGEST, self.shortest + GROWS * (excess - 1))

    def issue(self, letter: str, seconds: int) -> str:
        """A ticket for one signature under `letter`, good from so many seconds on, for an hour."""
        good_from = int(self.clock().timestamp()) + seconds
        content = self.random_bytes(ID_BYTES) + good_from.to_bytes(8) + letter.encode()
        return self.tokens().mint(Purpose.WAIT, content)

    def check(self, ticket: str, letter: str) -> Payment:
        """What a ticket pays for. Raises `BadTicket` or `TooEarly`; whether it was used is not known here.

        One whose time is further off than any ticket's was made before the clock stepped back, and is good.
        """
        try:
            content = self.tokens().read(Purpose.WAIT, ticket)
        except (TokenDamaged, TokenForeign):
            raise BadTicket("The ticket is not one of ours.") from None
        id, good_from = content[:ID_BYTES], int.from_bytes(content[ID_BYTES : ID_BYTES + 8])
        left = good_from - self.clock().timestamp()
        if content[ID_BYTES + 8 :] != letter.encode() or -left > LASTS.total_seconds():
            raise BadTicket("The ticket is for another letter or too old.")
        if 0 < left <= LONGEST:
            raise TooEarly(ceil(left))
        expires = good_from + int(LASTS.total_seconds())
        return Payment(hashlib.sha256(b"undersigned spent ticket 1\0" + id).digest(), last_day(expires))
