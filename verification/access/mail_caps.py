"""How much mail one address and one domain get, against mail bombing. Nothing kept says whose they are.

Every worker process counts for itself: with several, each sends up to as much.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from limits import RateLimitItemPerDay, RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter

from verification.access.counting import Counters, DailyKey
from verification.errors import Refusal
from verification.identity.addresses import Address

PER_ADDRESS = RateLimitItemPerDay(5)
PER_DOMAIN = RateLimitItemPerMinute(300, 10)


class HasEnough(Refusal):
    """The address or its domain has had its mails for now; `after` is how long it is until it may have more."""

    def __init__(self, after: timedelta) -> None:
        super().__init__("There was enough mail for now.")
        self.after = after


class MailCaps:
    """Counts mails per address and per domain under a key of the day, in memory."""

    def __init__(self, clock: Callable[[], datetime], random_bytes: Callable[[int], bytes]) -> None:
        self._clock, self._key = clock, DailyKey(clock, random_bytes)
        self._addresses = FixedWindowRateLimiter(Counters(clock))
        self._domains = FixedWindowRateLimiter(Counters(clock))

    def check(self, address: Address) -> None:
        """Raises `HasEnough`."""
        for limiter, limit, whose in (
            (self._addresses, PER_ADDRESS, address.canonical),
            (self._domains, PER_DOMAIN, address.domain),
        ):
            name = self._key.name(whose.encode())
            if not limiter.test(limit, name):
                reset = limiter.storage.get_expiry(limit.key_for(name))
                raise HasEnough(timedelta(seconds=reset - self._clock().timestamp()))

    def count(self, address: Address) -> None:
        """One mail to this address was sent."""
        self._addresses.hit(PER_ADDRESS, self._key.name(address.canonical.encode()))
        self._domains.hit(PER_DOMAIN, self._key.name(address.domain.encode()))
