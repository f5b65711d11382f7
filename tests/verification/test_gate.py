"""A gate lets so many in, waits while others are done, and turns away at once when it is stuck."""

import threading
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from verification.gate import MOVING, Gate


class Hung(Exception):
    """What leaves a hanging database."""


class Seconds:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def refused(gate: Gate) -> bool:
    try:
        with gate.passed():
            return False
    except PoolTimeout:
        return True


def fail_inside(gate: Gate) -> None:
    with pytest.raises(Hung), gate.passed():
        raise Hung


def in_thread(do: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=do)
    thread.start()
    return thread


def test_who_finds_it_stuck_is_turned_away_at_once_until_somebody_leaves() -> None:
    clock = Seconds()
    gate = Gate(2, (Hung,), clock)
    with ExitStack() as inside:
        inside.enter_context(gate.passed())
        inside.enter_context(gate.passed())
        clock.now += MOVING
        assert refused(gate)
        assert refused(gate)
    assert not refused(gate)


def test_a_quiet_hour_before_makes_no_gate_stuck() -> None:
    clock = Seconds()
    gate, entered = Gate(1, (Hung,), clock), threading.Event()
    clock.now += 3600
    with gate.passed():

        def wait() -> None:
            with gate.passed():
                entered.set()

        thread = in_thread(wait)
        assert not entered.wait(0.05)
    thread.join()
    assert entered.is_set()


def test_a_place_that_is_left_by_a_failure_is_free_and_moves_nothing() -> None:
    clock = Seconds()
    gate = Gate(1, (Hung,), clock)
    fail_inside(gate)
    clock.now += MOVING
    with gate.passed():
        assert refused(gate)
    assert not refused(gate)


def test_a_refusal_by_whatever_was_asked_is_no_failure() -> None:
    clock = Seconds()
    gate = Gate(1, (Hung,), clock)
    clock.now += MOVING
    with pytest.raises(KeyError), gate.passed():
        raise KeyError
    assert not refused(gate)


def test_never_more_are_inside_than_there_are_places() -> None:
    gate, inside, most = Gate(3), [0], [0]
    lock = threading.Lock()

    def visit() -> None:
        for _ in range(50):
            with gate.passed():
                with lock:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                with lock:
                    inside[0] -= 1

    threads = [in_thread(visit) for _ in range(8)]
    for thread in threads:
        thread.join()
    assert 1 <= most[0] <= 3
    assert inside == [0]
