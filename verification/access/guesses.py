"""How often somebody may guess at a secret: per account and network, per account, and per network.

Whose account it is and which network is kept under a key of the day. An account that is not there is counted like any
other.
"""

from __future__ import annotations

from datetime import timedelta

from limits import RateLimitItemPerHour, RateLimitItemPerMinute

from verification.access.throttling import NOWHERE, network_of
from verification.access.windows import Counts, Window
from verification.errors import Refusal

PER_PAIR = RateLimitItemPerMinute(10, 15, namespace="guesses of a network at an account")
"""What one network may try at one account. A stranger elsewhere does not use this up for its owner."""
PER_ACCOUNT = RateLimitItemPerHour(50, namespace="guesses at an account")
"""What all networks together may try at one account."""
PER_NETWORK = RateLimitItemPerMinute(60, 10, namespace="guesses of a network")
"""What one network may try at all accounts. All who have no address of their own would share one, and are spared."""


class TooManyGuesses(Refusal):
    """There were as many attempts as there may be for now; `after` is how long it is until the next one counts."""

    def __init__(self, after: timedelta) -> None:
        super().__init__(f"There were too many attempts. Wait {int(after.total_seconds())} seconds and try again.")
        self.after = after


class Guesses:
    """Counts attempts, where the counts that it is handed are kept."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def count(self, whose: bytes, address: str | None, *, sparing: bool = True) -> None:
        """One more attempt at `whose` secret from this address's network. Raises `TooManyGuesses`.

        Unless it is `sparing`, all who have no address of their own are counted as the one network that they share.
        What is refused is not counted: whoever waits as long as told comes through.
        """
        wait = self._counts.take(*_windows(whose, network_of(address), sparing=sparing))
        if wait is not None:
            raise TooManyGuesses(max(wait, timedelta(seconds=1)))

    def forgive(self, whose: bytes, address: str | None) -> None:
        """The attempt was right: this network begins anew with this account."""
        self._counts.clear(_pair(whose, network_of(address)))


def _windows(whose: bytes, network: bytes, *, sparing: bool) -> tuple[Window, ...]:
    both = _pair(whose, network), Window(PER_ACCOUNT, whose)
    return both if sparing and network == NOWHERE else (*both, Window(PER_NETWORK, network))


def _pair(whose: bytes, network: bytes) -> Window:
    return Window(PER_PAIR, network + b"\0" + whose)
