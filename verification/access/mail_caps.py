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


class AddressHasEnough(Refusal):
    """The address has had its mails of the day; this one is dropped."""


class DomainHasEnough(Refusal):
    """The domain has had its mails of these minutes; `after` is how long it is until it may have more."""

    def __init__(self, after: timedelta) -> None:
        super().__init__("The domain has had enough mail for now.")
        self.after = after


class MailCaps:
    """Counts mails per address and per domain under a key of the day, in memory."""

    def __init__(self, clock: Callable[[], datetime], random_bytes: Callable[[int], bytes]) -> None:
        self._clock, self._key = clock, DailyKey(clock, random_bytes)
        self._addresses = FixedWindowRateLimiter(Counters(clock))
        self._domains = FixedWindowRateLimiter(Counters(clock))

    def check(self, address: Address) -> None:
        """Raises `AddressHasEnough` or `DomainHasEnough`."""
        if not self._addresses.test(PER_ADDRESS, self._key.name(address.canonical.encode())):
            raise AddressHasEnough("The address has had its mails of the day.")
        domain = self._key.name(address.domain.encode())
        if not self._domains.test(PER_DOMAIN, domain):
            reset = self._domains.storage.get_expiry(PER_DOMAIN.key_for(domain))
            raise DomainHasEnough(timedelta(seconds=reset - self._clock().timestamp()))

    def count(self, address: Address) -> None:
        """One mail to this address was sent."""
        self._addresses.hit(PER_ADDRESS, self._key.name(address.canonical.encode()))
        self._domains.hit(PER_DOMAIN, self._key.name(address.domain.encode()))
