"""When a letter is signed suddenly faster than all day; letters that are new, small or steadily growing are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parts.clock import Clock
from verification.access.pace import Pace

LETTER = 1
SLOT = {"minutes": 10}


def arrive(pace: Pace, number: int, letter: int = LETTER) -> None:
    for _ in range(number):
        pace.count(letter)


def after(clock: Clock, *slots: int) -> Pace:
    """A pace that has seen so many in each slot, at the beginning of the next one."""
    pace = Pace(clock)
    for number in slots:
        arrive(pace, number)
        clock.advance(**SLOT)
    return pace


def test_more_than_ten_times_the_median_is_a_burst(clock: Clock) -> None:
    pace = after(clock, 6, 6, 6, 6, 6, 6)
    arrive(pace, 60)
    assert pace.bursting() == []
    arrive(pace, 1)
    assert pace.bursting() == [LETTER]


def test_a_burst_ends_with_its_slot(clock: Clock) -> None:
    pace = after(clock, 6, 6, 6, 6, 6, 6)
    arrive(pace, 100)
    clock.advance(**SLOT)
    assert pace.bursting() == []


def test_fewer_than_fifty_are_no_burst(clock: Clock) -> None:
    pace = after(clock, 1, 1, 1, 1, 1, 1)
    arrive(pace, 49)
    assert pace.bursting() == []
    arrive(pace, 1)
    assert pace.bursting() == [LETTER]


def test_the_first_hour_of_a_letter_is_no_burst(clock: Clock) -> None:
    pace = after(clock, 1, 1, 1, 1, 1)
    arrive(pace, 5_000)
    assert pace.bursting() == []


def test_slots_in_which_nobody_came_do_not_count(clock: Clock) -> None:
    pace = after(clock, *[20, 0, 0, 0] * 6)
    arrive(pace, 200)
    assert pace.bursting() == []


def test_one_letters_burst_is_no_others(clock: Clock) -> None:
    pace = after(clock, 6, 6, 6, 6, 6, 6)
    arrive(pace, 100, letter=2)
    assert pace.bursting() == []


def test_what_was_more_than_a_day_ago_is_forgotten(clock: Clock) -> None:
    pace = after(clock, 1, 1, 1, 1, 1, 1)
    clock.advance(days=1)
    arrive(pace, 1_000)
    assert pace.bursting() == []
    assert len(pace._letters[LETTER]) == 1


@pytest.mark.parametrize("step", [{"hours": -1}, {"days": 1}, {"days": -1}, {"days": -400}])
def test_a_clock_that_steps_holds_nobody_who_comes_at_the_usual_pace(clock: Clock, step: dict[str, float]) -> None:
    pace = after(clock, *[20] * 12)
    clock.advance(**step)
    for _ in range(12):
        arrive(pace, 20)
        assert pace.bursting() == []
        clock.advance(**SLOT)


@given(st.lists(st.integers(0, 60), max_size=40), st.integers(1, 20))
def test_a_steady_letter_never_bursts(noise: list[int], base: int) -> None:
    clock = Clock()
    pace = Pace(clock)
    for extra in noise:
        arrive(pace, base + extra % (base * 9))
        assert pace.bursting() == []
        clock.advance(**SLOT)
