"""How much mail one address and one domain get."""

import secrets
from datetime import timedelta

import pytest

from tests.parts.clock import Clock
from verification.access.mail_caps import HasEnough, MailCaps
from verification.access.windows import OwnCounts
from verification.identity.addresses import Address, parse_address


@pytest.fixture
def counts(clock: Clock) -> OwnCounts:
    return OwnCounts(clock, secrets.token_bytes)


@pytest.fixture
def caps(counts: OwnCounts) -> MailCaps:
    return MailCaps(counts)


def send(caps: MailCaps, address: str) -> None:
    parsed = parse_address(address)
    caps.check(parsed)
    caps.count(parsed)


def test_an_address_gets_five_mails_a_day(caps: MailCaps, clock: Clock) -> None:
    for _ in range(5):
        send(caps, "vera@example.org")
    with pytest.raises(HasEnough):
        send(caps, "vera@example.org")
    clock.advance(days=1)
    send(caps, "vera@example.org")


def test_one_mailbox_is_one_address_however_it_is_written(caps: MailCaps) -> None:
    for tag in range(5):
        send(caps, f"Vera+{tag}@Example.ORG")
    with pytest.raises(HasEnough):
        send(caps, "vera@example.org")


def test_only_what_was_sent_counts(caps: MailCaps) -> None:
    for _ in range(20):
        caps.check(parse_address("vera@example.org"))
    send(caps, "vera@example.org")


def test_a_domain_gets_three_hundred_in_ten_minutes(caps: MailCaps, clock: Clock) -> None:
    for number in range(300):
        send(caps, f"signer{number}@example.org")
    clock.advance(minutes=4)
    with pytest.raises(HasEnough) as enough:
        send(caps, "one-more@example.org")
    assert enough.value.after == timedelta(minutes=6)
    send(caps, "somebody@example.com")
    clock.advance(minutes=6)
    send(caps, "one-more@example.org")


@pytest.mark.parametrize("step", [{"hours": -1}, {"days": 1}])
def test_a_clock_that_steps_stops_no_mail(caps: MailCaps, clock: Clock, step: dict[str, float]) -> None:
    for _ in range(4):
        send(caps, "vera@example.org")
    clock.advance(**step)
    send(caps, "vera@example.org")


def test_refusals_name_nobody(caps: MailCaps, counts: OwnCounts) -> None:
    address = Address("vera@example.org", "vera@example.org")
    for _ in range(5):
        caps.count(address)
    with pytest.raises(HasEnough) as enough:
        caps.check(address)
    assert "vera" not in repr(enough.value)
    assert "example" not in repr(enough.value)
    told = repr([vars(limiter.storage) for limiter in counts._limiters.values()])
    assert "OrderedDict" in told
    assert "vera" not in told
