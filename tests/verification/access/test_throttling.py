"""What counts as one network, how often it may come for free, and that nobody can tell which it was."""

import gc
import logging
import secrets
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parts.clock import Clock
from verification.access.throttling import NOWHERE, Throttle, network_of
from verification.access.windows import OwnCounts

FREE = 60


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("198.51.100.1", "198.51.100.254"),
        ("2001:db8:1:2::1", "2001:db8:1:ffff::9"),
        ("::ffff:198.51.100.1", "198.51.100.7"),
        ("2001:db8:1::1%eth0", "2001:db8:1::2"),
    ],
)
def test_neighbours_share_a_network(one: str, other: str) -> None:
    assert network_of(one) == network_of(other) != NOWHERE


@pytest.mark.parametrize(
    ("one", "other"), [("198.51.100.1", "198.51.101.1"), ("2001:db8:1::1", "2001:db8:2::1"), ("198.51.100.1", "::1")]
)
def test_others_do_not(one: str, other: str) -> None:
    assert network_of(one) != network_of(other)


@pytest.mark.parametrize(
    "address",
    [None, "", "unix:", "198.51.100", "127.0.0.1", "::1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.1.1",
     "100.64.0.1", "0.0.0.0", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "198.51.100.1, 198.51.100.2", "x" * 10_000],
)  # fmt: skip
def test_everybody_whose_address_says_nothing_is_one_network(address: str | None) -> None:
    assert network_of(address) == NOWHERE


@given(st.ip_addresses())
def test_a_network_is_never_more_than_24_or_48_bits(address: IPv4Address | IPv6Address) -> None:
    assert network_of(str(address)) in (NOWHERE, address.packed[:3], address.packed[:6]) or (
        isinstance(address, IPv6Address) and address.ipv4_mapped is not None
    )


def test_sixty_in_ten_minutes_are_free_and_then_the_excess_grows(clock: Clock) -> None:
    throttle = Throttle(OwnCounts(clock, secrets.token_bytes))
    assert [throttle.excess("198.51.100.1") for _ in range(FREE + 3)] == [0] * FREE + [1, 2, 3]
    assert throttle.excess("198.51.101.1") == 0
    clock.advance(minutes=10)
    assert throttle.excess("198.51.100.1") == 0


def test_a_new_day_begins_with_nothing(clock: Clock) -> None:
    clock.advance(hours=14, minutes=59)
    throttle = Throttle(OwnCounts(clock, secrets.token_bytes))
    for _ in range(FREE):
        throttle.excess("198.51.100.1")
    clock.advance(minutes=2)
    assert throttle.excess("198.51.100.1") == 0


@pytest.mark.parametrize("step", [{"hours": -1}, {"days": 1}])
def test_a_clock_that_steps_counts_anew(clock: Clock, step: dict[str, float]) -> None:
    throttle = Throttle(OwnCounts(clock, secrets.token_bytes))
    for _ in range(FREE + 5):
        throttle.excess("198.51.100.1")
    clock.advance(**step)
    assert [throttle.excess("198.51.100.1") for _ in range(FREE + 1)] == [0] * FREE + [1]


def test_no_address_and_no_network_is_kept_in_memory(clock: Clock) -> None:
    gc.freeze()  # what was there before cannot have been told
    throttle = Throttle(OwnCounts(clock, secrets.token_bytes))
    throttle.excess("198.51.100.77")
    throttle.excess("2001:db8:aaaa:bbbb::77")
    gc.collect()
    kept = {str(thing) for thing in gc.get_objects() if isinstance(thing, IPv4Address | IPv6Address)}
    assert not kept & {"198.51.100.77", "2001:db8:aaaa:bbbb::77"}


def test_nothing_is_said_about_a_network_that_is_over_its_limit(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    throttle = Throttle(OwnCounts(clock, secrets.token_bytes))
    for _ in range(FREE + 1):
        throttle.excess("198.51.100.77")
    assert caplog.text == ""
