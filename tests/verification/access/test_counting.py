"""Names that last a day, and counters that stay few whatever the clock and a flood do."""

import secrets
import threading

from limits import RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter

from tests.parts.clock import Clock
from verification.access.counting import Counters, DailyKey


def test_a_name_is_the_same_all_day_and_another_the_day_after(clock: Clock) -> None:
    key = DailyKey(clock, secrets.token_bytes)
    first = key.name(b"198.51.100")
    clock.advance(hours=14, minutes=59)
    assert key.name(b"198.51.100") == first
    clock.advance(minutes=1)
    assert key.name(b"198.51.100") != first


def test_the_key_of_a_day_does_not_come_back_with_the_clock(clock: Clock) -> None:
    key = DailyKey(clock, secrets.token_bytes)
    first = key.name(b"x")
    clock.advance(days=1)
    key.name(b"x")
    clock.advance(days=-1)
    assert key.name(b"x") != first


def test_two_processes_name_one_network_differently(clock: Clock) -> None:
    here, there = DailyKey(clock, secrets.token_bytes), DailyKey(clock, secrets.token_bytes)
    assert here.name(b"x") != there.name(b"x")
    assert here.name(b"x") != here.name(b"y")


def test_a_counter_runs_from_its_first_addition_and_then_begins_anew(clock: Clock) -> None:
    counters = Counters(clock)
    assert counters.incr("a", 600) == 1
    clock.advance(seconds=599)
    assert counters.incr("a", 600) == 2
    clock.advance(seconds=1)
    assert counters.get("a") == 0
    assert counters.incr("a", 600) == 1


def test_a_counter_says_when_it_runs_out(clock: Clock) -> None:
    counters = Counters(clock)
    counters.incr("a", 600)
    clock.advance(seconds=100)
    assert counters.get_expiry("a") - clock().timestamp() == 500
    assert counters.get_expiry("none") == clock().timestamp()


def test_a_clock_that_stepped_forward_a_day_and_back_leaves_nobody_counted_for_a_day(clock: Clock) -> None:
    counters = Counters(clock)
    clock.advance(days=1)
    counters.incr("a", 600, amount=100)
    clock.advance(days=-1)
    assert counters.get("a") == 0
    assert counters.incr("a", 600) == 1


def test_a_flood_of_new_names_pushes_out_the_oldest(clock: Clock) -> None:
    counters = Counters(clock, most=100)
    for number in range(1000):
        counters.incr(f"name {number}", 600)
    kept = [number for number in range(1000) if counters.get(f"name {number}")]
    assert kept == list(range(900, 1000))


def test_what_ran_out_makes_room_first(clock: Clock) -> None:
    counters = Counters(clock, most=100)
    for number in range(60):
        counters.incr(f"old {number}", 600)
    clock.advance(seconds=600)
    for number in range(60):
        counters.incr(f"new {number}", 600)
    assert counters.reset() == 60


def test_counters_serve_the_strategies_of_the_library_without_threads_of_their_own(clock: Clock) -> None:
    before = threading.active_count()
    limiter, limit = FixedWindowRateLimiter(Counters(clock)), RateLimitItemPerMinute(2, 10)
    assert [limiter.hit(limit, "a") for _ in range(3)] == [True, True, False]
    assert limiter.test(limit, "b")
    limiter.clear(limit, "a")
    assert limiter.test(limit, "a")
    assert limiter.storage.check()
    assert threading.active_count() == before
