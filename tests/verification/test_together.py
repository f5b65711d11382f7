"""Doing things together comes out as doing each alone: once, and nobody suffers for another's."""

import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from verification.together import AT_MOST, Together

KILLS = 99
"""An item that ends the thread at whose hands it is."""


class Bad(Exception):
    """One item cannot be done."""


class Away(Exception):
    """Nothing can be done at the moment."""


class Store:
    """Keeps numbers, all of a group or none; negative ones are bad."""

    def __init__(self, *, away: bool = False) -> None:
        self.kept: list[int] = []
        self.groups: list[int] = []
        self.hold = threading.Event()
        self.away = away

    def write(self, items: Sequence[int]) -> None:
        self.hold.wait()
        self.groups.append(len(items))
        if self.away:
            raise Away("away") from KeyError("deep down")
        if KILLS in items:
            raise SystemExit
        if bad := [item for item in items if item < 0]:
            raise Bad(bad[0])
        self.kept += items


def outcomes(store: Store, items: Sequence[int]) -> list[str]:
    """Let each come on a thread of its own while the first is held up; return how each ended."""
    together = Together(store.write, Away)

    def come(item: int) -> str:
        try:
            together.do(item)
        except (Bad, Away) as error:
            return repr(error)
        return "done"

    with ThreadPoolExecutor(max(1, len(items))) as pool:
        coming = [pool.submit(come, item) for item in items]
        store.hold.set()
        return [one.result(10) for one in coming]


@given(st.lists(st.integers(-3, 20), max_size=12))
def test_any_mix_ends_as_if_each_had_come_alone(items: list[int]) -> None:
    store = Store()
    assert outcomes(store, items) == ["done" if item >= 0 else repr(Bad(item)) for item in items]
    assert Counter(store.kept) == Counter(item for item in items if item >= 0)


def test_what_comes_meanwhile_is_done_together_and_in_bounded_groups() -> None:
    store, many = Store(), 2 * AT_MOST + 8
    together = Together(store.write, Away)
    threads = [threading.Thread(target=together.do, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    store.hold.set()
    for thread in threads:
        thread.join(10)
    assert sorted(store.kept) == list(range(many))
    assert max(store.groups) <= AT_MOST
    assert len(store.groups) < many


def test_a_failure_that_goes_for_all_is_tried_once_for_all() -> None:
    store = Store(away=True)
    assert outcomes(store, range(8)) == [repr(Away("away"))] * 8
    assert store.kept == []
    assert 1 <= sum(store.groups) <= 8


def test_whoever_comes_after_a_failure_is_served() -> None:
    store = Store(away=True)
    store.hold.set()
    together = Together(store.write, Away)
    for away in (True, False):
        store.away = away
        try:
            together.do(1)
        except Away:
            assert away
    assert store.kept == [1]


def test_each_is_told_what_lay_behind_a_failure_of_all() -> None:
    store = Store(away=True)
    together, causes = Together(store.write, Away), list[str]()

    def come(item: int) -> None:
        try:
            together.do(item)
        except Away as error:
            causes.append(repr(error.__cause__))

    with ThreadPoolExecutor(8) as pool:
        for item in range(8):
            pool.submit(come, item)
        store.hold.set()
    assert causes == [repr(KeyError("deep down"))] * 8


def test_a_thread_that_ends_in_the_middle_leaves_nobody_waiting() -> None:
    store = Store()
    together = Together(store.write, Away)

    def come(item: int) -> None:
        with suppress(SystemExit):
            together.do(item)

    threads = [threading.Thread(target=come, args=(item,)) for item in (KILLS, *range(5))]
    for thread in threads:
        thread.start()
    store.hold.set()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    together.do(5)
    assert 5 in store.kept
