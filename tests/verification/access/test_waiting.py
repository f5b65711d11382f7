"""Waiting tickets: good once their time has come, for an hour, for one letter; the clock may do what it likes."""

import secrets
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parts.clock import Clock
from verification.access.waiting import BadTicket, TooEarly, WaitingTickets
from verification.mailbox.tokens import Purpose, Tokens

LETTER = "a-letter"


@pytest.fixture
def tickets(clock: Clock) -> WaitingTickets:
    tokens = Tokens(b"s" * 32, clock)
    return WaitingTickets(lambda: tokens, clock, secrets.token_bytes)


def test_the_wait_grows_with_the_excess_up_to_ten_minutes(tickets: WaitingTickets) -> None:
    assert [tickets.seconds(excess) for excess in (1, 2, 11, 91, 10**9)] == [60, 66, 120, 600, 600]


def test_a_ticket_says_how_long_it_still_takes(tickets: WaitingTickets, clock: Clock) -> None:
    ticket = tickets.issue(LETTER, 60)
    clock.advance(seconds=59.5)
    with pytest.raises(TooEarly) as early:
        tickets.check(ticket, LETTER)
    assert early.value.seconds == 1


def test_a_ticket_is_good_from_its_time_on_for_an_hour(tickets: WaitingTickets, clock: Clock) -> None:
    ticket = tickets.issue(LETTER, 60)
    clock.advance(seconds=60)
    payment = tickets.check(ticket, LETTER)
    assert (len(payment.id), payment.expires_on) == (32, date(2026, 12, 2))
    clock.advance(hours=1)
    assert tickets.check(ticket, LETTER) == payment
    clock.advance(seconds=1)
    with pytest.raises(BadTicket):
        tickets.check(ticket, LETTER)


def test_tickets_pay_under_names_of_their_own(tickets: WaitingTickets) -> None:
    assert len({tickets.check(tickets.issue(LETTER, 0), LETTER).id for _ in range(3)}) == 3


def test_a_ticket_for_one_letter_is_good_for_no_other(tickets: WaitingTickets) -> None:
    with pytest.raises(BadTicket):
        tickets.check(tickets.issue(LETTER, 0), f"{LETTER}-2")


def test_a_token_of_another_purpose_is_no_ticket(tickets: WaitingTickets) -> None:
    content = b"i" * 16 + bytes(8) + LETTER.encode()
    for purpose in set(Purpose) - {Purpose.WAIT}:
        with pytest.raises(BadTicket):
            tickets.check(tickets.tokens().mint(purpose, content), LETTER)


@given(st.text())
def test_no_other_text_is_a_ticket(text: str) -> None:
    clock = Clock()
    tokens = Tokens(b"s" * 32, clock)
    with pytest.raises(BadTicket):
        WaitingTickets(lambda: tokens, clock, secrets.token_bytes).check(text, LETTER)


def test_a_clock_that_stepped_back_an_hour_keeps_nobody_waiting(tickets: WaitingTickets, clock: Clock) -> None:
    ticket = tickets.issue(LETTER, 60)
    clock.advance(hours=-1)
    assert tickets.check(ticket, LETTER)


def test_after_a_clock_stepped_forward_a_day_a_new_ticket_is_good(tickets: WaitingTickets, clock: Clock) -> None:
    old = tickets.issue(LETTER, 60)
    clock.advance(days=1)
    with pytest.raises(BadTicket):
        tickets.check(old, LETTER)
    new = tickets.issue(LETTER, 60)
    clock.advance(seconds=60)
    assert tickets.check(new, LETTER)
