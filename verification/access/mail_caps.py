"""How much mail one address and one domain get, against mail bombing. Nothing kept says whose they are."""

from __future__ import annotations

from datetime import timedelta

from limits import RateLimitItemPerDay, RateLimitItemPerMinute

from verification.access.windows import Counts, Window
from verification.errors import Refusal
from verification.identity.addresses import Address

PER_ADDRESS = RateLimitItemPerDay(5, namespace="mail to an address")
PER_DOMAIN = RateLimitItemPerMinute(300, 10, namespace="mail to a domain")


class HasEnough(Refusal):
    """The address or its domain has had its mails for now; `after` is how long it is until it may have more."""

    def __init__(self, after: timedelta) -> None:
        super().__init__("There was enough mail for now.")
        self.after = after


class MailCaps:
    """Counts mails per address and per domain, where the counts that it is handed are kept."""

    def __init__(self, counts: Counts) -> None:
        self.counts = counts

    def check(self, address: Address) -> None:
        """Raises `HasEnough`."""
        wait = self.counts.full(*_windows(address))
        if wait is not None:
            raise HasEnough(wait)

    def count(self, address: Address) -> None:
        """One mail to this address was sent."""
        self.counts.add(*_windows(address))


def _windows(address: Address) -> tuple[Window, Window]:
    return Window(PER_ADDRESS, address.canonical.encode()), Window(PER_DOMAIN, address.domain.encode())
