"""How often one network may do something, without keeping which network it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter

from verification.access.counting import Counters, DailyKey

FREE = RateLimitItemPerMinute(20, 10)
"""What a network may do without being asked for more: 20 times in 10 minutes."""

NOWHERE = b"nowhere"
"""The one network of everybody whose address says nothing: an onion service's visitors, a proxy on this machine."""

_SAY_NOTHING = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
)
_PRIVATE = [(int(block.netmask), int(block.network_address)) for block in map(ip_network, _SAY_NOTHING)]
_GLOBAL_UNICAST = 0b001
"""The first three bits of every IPv6 address that is routed (RFC 4291, section 2.4)."""


def network_of(address: str | None) -> bytes:
    """The /24 (IPv4, also as mapped into IPv6) or /48 (IPv6) of an address; `NOWHERE` where it is none or private.

    The `ipaddress` module's own `is_private` would keep the last addresses that it was asked about.
    """
    try:
        found: IPv4Address | IPv6Address = ip_address((address or "").partition("%")[0])
    except ValueError:
        return NOWHERE
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is None:
            return found.packed[:6] if found.packed[0] >> 5 == _GLOBAL_UNICAST else NOWHERE
        found = found.ipv4_mapped
    private = any(int(found) & mask == block for mask, block in _PRIVATE)
    return NOWHERE if private else found.packed[:3]


class Throttle:
    """Counts per network under a key of the day; nothing that it keeps, logs or raises names a network."""

    def __init__(
        self, clock: Callable[[], datetime], random_bytes: Callable[[int], bytes], free: RateLimitItem = FREE
    ) -> None:
        self._key, self._free = DailyKey(clock, random_bytes), free
        self._limiter = FixedWindowRateLimiter(Counters(clock))

    def excess(self, address: str | None) -> int:
        """Count one more from this address's network; by how many its window is over what is free, 0 if not."""
        name = self._key.name(network_of(address))
        if self._limiter.hit(self._free, name):
            return 0
        return max(1, self._limiter.storage.get(self._free.key_for(name)) - self._free.amount)
