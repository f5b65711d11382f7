"""Everybody gets in: at once, after some work, or after some waiting."""

import secrets

import pytest

from tests.parts.clock import Clock
from tests.verification.access.solving import solve
from verification.access.door import Door, Knock, SlowDown
from verification.access.proof import Proofs
from verification.access.throttling import FREE, Throttle
from verification.access.waiting import WaitingTickets
from verification.access.windows import OwnCounts
from verification.mailbox.tokens import Tokens

ADDRESS, LETTER = "198.51.100.77", "a-letter"


@pytest.fixture
def door(clock: Clock) -> Door:
    tokens = Tokens(b"s" * 32, clock)
    return Door(
        Throttle(OwnCounts(clock, secrets.token_bytes)),
        Proofs(lambda: b"s" * 32, clock, lambda _most: 0),
        WaitingTickets(lambda: tokens, clock, secrets.token_bytes),
    )


def knock(solution: str = "", ticket: str = "", address: str = ADDRESS) -> Knock:
    return Knock(address, LETTER, solution, ticket)


def slowed(door: Door, solution: str = "", ticket: str = "") -> SlowDown:
    """Knock until the door asks for more."""
    for _ in range(FREE.amount + 1):
        try:
            assert door.admit(knock(solution, ticket)) is None
        except SlowDown as asked:
            return asked
    raise AssertionError("the door never asked for anything")


def test_within_the_limit_the_door_is_open(door: Door) -> None:
    assert [door.admit(knock()) for _ in range(FREE.amount)] == [None] * FREE.amount


def test_over_the_limit_work_opens_it(door: Door) -> None:
    assert door.admit(knock(solve(slowed(door).work))) is not None


def test_over_the_limit_waiting_opens_it(door: Door, clock: Clock) -> None:
    asked = slowed(door)
    assert asked.seconds == 60
    clock.advance(seconds=20)
    early = slowed(door, ticket=asked.ticket)
    assert (early.early, early.seconds, early.ticket) == (True, 40, asked.ticket)
    clock.advance(seconds=40)
    assert door.admit(knock(ticket=asked.ticket)) is not None


def test_coming_back_too_early_lengthens_nobodys_wait(door: Door) -> None:
    first = slowed(door)
    for _ in range(50):
        slowed(door, ticket=first.ticket)
    assert slowed(door).seconds == 66


def test_other_networks_notice_nothing(door: Door) -> None:
    slowed(door)
    assert door.admit(knock(address="198.51.101.1")) is None


@pytest.mark.parametrize("step", [{"hours": -1}, {"days": 1}])
def test_a_clock_that_steps_shuts_nobody_out(door: Door, clock: Clock, step: dict[str, float]) -> None:
    asked = slowed(door)
    clock.advance(**step)
    door.admit(knock(solve(asked.work), asked.ticket))


def test_what_the_door_asks_for_names_nobody(door: Door) -> None:
    asked = slowed(door)
    assert not {"198", "51", "100"} & set(str(asked).split("."))
    assert "198.51" not in f"{asked!r} {asked.work} {vars(asked)}"


def test_tickets_that_were_collected_beforehand_pass_together(door: Door, clock: Clock) -> None:
    """Waiting bounds no rate: held signatures and the caps of mail have to."""
    tickets = [slowed(door).ticket for _ in range(30)]
    clock.advance(minutes=10)
    assert len({door.admit(knock(ticket=ticket)).id for ticket in tickets}) == 30
