"""Whatever is simulated: nobody is lost, nobody is served twice, and Little's law holds."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.country.clockwork import Clockwork, Job, Station
from benchmarks.country.site import Cost, Machines, Window, simulate

COSTS = {
    "sign": Cost(web=0.002, database=0.001, disk=0.001),
    "confirm": Cost(proxy=0.0001, web=0.001, database=0.001, disk=0.001),
    "mail": Cost(worker=0.001, database=0.0005),
}
RATES = st.fixed_dictionaries({kind: st.floats(0, 300) for kind in COSTS})
MACHINES = st.builds(Machines, st.integers(1, 4), st.integers(1, 4), st.booleans(), st.integers(0, 50))


@given(RATES, MACHINES, st.integers(0, 1000))
def test_who_comes_is_answered_or_refused(rates: dict[str, float], machines: Machines, seed: int) -> None:
    if not any(rates.values()):
        return
    window = simulate(COSTS, rates, machines, 0.5, seed)
    assert window.ended + window.refused == window.begun
    assert 0 <= window.web_busy <= 1
    assert 0 <= window.database_busy <= 1 + 1e-9


@given(RATES, st.integers(0, 1000))
def test_as_many_are_inside_as_come_times_how_long_they_stay(rates: dict[str, float], seed: int) -> None:
    if not any(rates.values()):
        return
    window = simulate(COSTS, rates, Machines(2, 2, queue=10_000), 0.5, seed)
    stayed = sum(sum(latencies) for latencies in window.latencies.values())
    assert window.inside * window.seconds == pytest.approx(stayed)


def test_the_same_seed_gives_the_same_figures() -> None:
    rates = {"sign": 200.0, "confirm": 150.0, "mail": 100.0}
    one, again, other = (simulate(COSTS, rates, Machines(2, 2), 1.0, seed) for seed in (1, 1, 2))
    assert one.latencies == again.latencies
    assert one.latencies != other.latencies


def test_one_server_waits_as_theory_says() -> None:
    """M/M/1: with 0.5 of its time used, the mean stay is twice the mean service."""
    window = simulate({"a": Cost(web=0.01)}, {"a": 50.0}, Machines(1, 1, queue=10_000), 400.0, 7)
    stays = window.latencies["a"]
    assert sum(stays) / len(stays) == pytest.approx(0.02, rel=0.1)


def test_more_load_waits_longer_until_it_is_refused() -> None:
    windows = [simulate(COSTS, {"sign": rate}, Machines(1, 2, queue=20), 5.0, 3) for rate in (50.0, 400.0, 1500.0)]
    assert all(_late(one) < _late(other) for one, other in pairwise(windows))
    assert [window.refused > 0 for window in windows] == [False, False, True]


def test_a_station_serves_in_the_order_of_arrival() -> None:
    clock, served = Clockwork(), list[int]()
    station = Station(clock, 1)

    def job(number: int) -> Job:
        yield station
        yield 1.0
        served.append(number)
        station.give()

    for number in range(5):
        clock.start(job(number), number / 10)
    clock.run()
    assert served == list(range(5))
    assert clock.now == pytest.approx(5.0)
    assert station.busy == pytest.approx(1.0)


def _late(window: Window) -> float:
    return window.at(0.99, "sign")
