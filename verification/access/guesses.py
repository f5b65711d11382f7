"""How often somebody may guess at a secret: per account and network, per account, and per network.

Whose account it is and which network is kept under a key of the day, in this process's memory alone. An account that
is not there is counted like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter

from verification.access.counting import Counters, DailyKey
from verification.access.throttling import NOWHERE, network_of
from verification.errors import Refusal

PER_PAIR = RateLimitItemPerMinute(10, 15)
"""What one network may try at one account. A stranger elsewhere does not use this up for its owner."""
PER_ACCOUNT = RateLimitItemPerHour(50)
"""What all networks together may try at one account."""
PER_NETWORK = RateLimitItemPerMinute(60, 10)
"""What one network may try at all accounts. All who have no address of their own would share one, and are spared."""


class TooManyGuesses(Refusal):
    """There were as many attempts as there may be for now; `after` is how long it is until the next one counts."""

    def __init__(self, after: timedelta) -> None:
        super().__init__(f"There were too many attempts. Wait {int(after.total_seconds())} seconds and try again.")
        self.after = after


class Guesses:
    """Counts attempts. Every process counts for itself: with several there are up to as many times more."""

    def __init__(self, clock: Callable[[], datetime], random_bytes: Callable[[int], bytes]) -> None:
        self._clock, self._key = clock, DailyKey(clock, random_bytes)
        self._limiters: dict[RateLimitItem, FixedWindowRateLimiter] = {
            limit: FixedWindowRateLimiter(Counters(clock)) for limit in (PER_PAIR, PER_ACCOUNT, PER_NETWORK)
        }

    def count(self, whose: bytes, address: str | None, *, sparing: bool = True) -> None:
        """One more attempt at `whose` secret from this address's network. Raises `TooManyGuesses`.

        Unless it is `sparing`, all who have no address of their own are counted as the one network that they share.
        What is refused is not counted: whoever waits as long as told comes through.
        """
        names = self._names(whose, address, sparing=sparing)
        for limit, name in names.items():
            if not self._limiters[limit].test(limit, name):
                raise TooManyGuesses(self._until(limit, name))
        for limit, name in names.items():
            self._limiters[limit].hit(limit, name)

    def forgive(self, whose: bytes, address: str | None) -> None:
        """The attempt was right: this network begins anew with this account."""
        self._limiters[PER_PAIR].clear(PER_PAIR, self._names(whose, address)[PER_PAIR])

    def _names(self, whose: bytes, address: str | None, *, sparing: bool = True) -> dict[RateLimitItem, str]:
        network, name = network_of(address), self._key.name
        names: dict[RateLimitItem, str] = {
            PER_PAIR: name(b"pair\0" + network + b"\0" + whose),
            PER_ACCOUNT: name(b"account\0" + whose),
        }
        return names if sparing and network == NOWHERE else {**names, PER_NETWORK: name(b"network\0" + network)}

    def _until(self, limit: RateLimitItem, name: str) -> timedelta:
        reset = self._limiters[limit].storage.get_expiry(limit.key_for(name))
        return timedelta(seconds=max(1.0, reset - self._clock().timestamp()))
