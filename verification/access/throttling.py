"""How often one network may do something, without keeping which network it is."""

from __future__ import annotations

from ipaddress import ip_network
from socket import AF_INET, AF_INET6, inet_pton

from limits import RateLimitItem, RateLimitItemPerMinute

from verification.access.windows import Counts, Window

FREE = RateLimitItemPerMinute(60, 10, namespace="network")
"""What a network may do without being asked for more: 60 times in 10 minutes. A hospital shares one."""

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
_MAPPED = bytes(10) + b"\xff\xff"
"""How an IPv6 address begins that holds an IPv4 one (RFC 4291, section 2.5.5.2)."""
_GLOBAL_UNICAST = 0b001
"""The first three bits of every IPv6 address that is routed (RFC 4291, section 2.4)."""


def network_of(address: str | None) -> bytes:
    """The /24 (IPv4, also as mapped into IPv6) or /48 (IPv6) of an address; `NOWHERE` where it is none or private.

    The `ipaddress` module is slower by far, and its `is_private` keeps the last addresses that it was asked about.
    """
    packed = _pack(address or "")
    if len(packed) == 16 and not packed.startswith(_MAPPED):
        return packed[:6] if packed[0] >> 5 == _GLOBAL_UNICAST else NOWHERE
    number = int.from_bytes(packed[-4:])
    return NOWHERE if any(number & mask == block for mask, block in _PRIVATE) else packed[-4:-1]


def _pack(address: str) -> bytes:
    """The bytes of an address; those of 0.0.0.0 where it is none."""
    try:
        return inet_pton(AF_INET6 if ":" in address else AF_INET, address.partition("%")[0])
    except (OSError, ValueError):
        return bytes(4)


class Throttle:
    """Counts per network; nothing that it keeps, logs or raises names one."""

    def __init__(self, counts: Counts, free: RateLimitItem = FREE) -> None:
        self._counts, self._free = counts, free

    def excess(self, address: str | None) -> int:
        """Count one more from this address's network; by how many its window is over what is free, 0 if not."""
        (count,) = self._counts.add(Window(self._free, network_of(address)))
        return max(0, count - self._free.amount)
