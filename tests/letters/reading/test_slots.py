"""Sums of slots, rounded by lot: for any sequence of visits, one more tells next to nothing, and never when it was."""

import json
import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.reading.slots import GRAIN, SLOT, Slots, in_halves, round_by_lot
from letters.web.meter import KEPT, KEYS, Counts, Key, Meter

BEGIN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
SECONDS = 2 * SLOT
LOOK_EVERY = 100
PAGES = (("letter", "GET", "200 OK"), ("sign", "POST", "303 See Other"), ("workspace_home", "GET", "503 Busy"))

Visit = tuple[int, int]
"""At which second, and which of `PAGES`."""
visits = st.tuples(st.integers(0, SECONDS - 1), st.integers(0, len(PAGES) - 1))
crowds = st.lists(st.tuples(visits, st.integers(1, 70)), max_size=6).map(
    lambda some: [v for v, n in some for _ in range(n)]
)


def answer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response(environ["status"], [])
    return [b""]


def watched(visitors: Iterable[Visit], seed: int) -> list[dict[Key, int]]:
    """What somebody sees who looks often for as long as visits come, and a slot more."""
    meter = Meter(answer, timer=lambda: 0.0)
    slots = Slots(lambda: meter.take(0), random.Random(seed).randrange, "one", room=8)
    coming, told = sorted(visitors), []
    for second in range(0, SECONDS + SLOT, LOOK_EVERY):
        while coming and coming[0][0] < second:
            endpoint, method, status = PAGES[coming.pop(0)[1]]
            page = SimpleNamespace(endpoint=endpoint)
            meter({"REQUEST_METHOD": method, "status": status, "werkzeug.request": page}, lambda *_: None)
        slots.turn(BEGIN + timedelta(seconds=second))
        told.append(dict(slots.told().totals))
    return told


@given(crowds, visits, st.integers(0, 2**32))
def test_one_visit_more_shows_only_as_the_rounding_allows(crowd: list[Visit], one: Visit, seed: int) -> None:
    without, with_one = watched(crowd, seed), watched([*crowd, one], seed)
    shown = (one[0] // SLOT + 1) * SLOT // LOOK_EVERY
    assert with_one[:shown] == without[:shown], "nothing before its slot is over"
    more = [Counter(new) - Counter(old) for new, old in zip(with_one[shown:], without[shown:], strict=True)]
    assert len({frozenset(some.items()) for some in more}) == 1, "and the same from then on"
    assert set(more[0].values()) <= {GRAIN}
    assert len(more[0]) <= 2, "one answer and its bucket"


@given(crowds, visits, st.integers(0, SLOT - 1), st.integers(0, 2**32))
def test_when_in_its_slot_a_visit_came_makes_no_difference(crowd: list[Visit], one: Visit, at: int, seed: int) -> None:
    moved = one[0] // SLOT * SLOT + at, one[1]
    assert watched([*crowd, one], seed) == watched([*crowd, moved], seed)


@given(st.integers(0, 10**7))
def test_one_of_fifty_draws_shows_one_more_and_on_average_all_is_right(count: int) -> None:
    told = [round_by_lot(count, draw) for draw in range(GRAIN)]
    more = [round_by_lot(count + 1, draw) for draw in range(GRAIN)]
    assert sum(told) == count * GRAIN
    assert sorted(new - old for new, old in zip(more, told, strict=True)) == [0] * (GRAIN - 1) + [GRAIN]


@given(st.floats(0, 100))
def test_a_share_is_told_in_halves(part: float) -> None:
    assert in_halves(part) in (0.0, 0.5, 1.0)
    assert in_halves(part) <= part


def counting(*amounts: int) -> Any:
    left = list(amounts)
    return lambda: Counts(Counter({KEPT: left.pop(0)}), 3)


def test_each_process_tells_the_sums_of_all_and_of_those_that_ended(tmp_path: Path) -> None:
    one = Slots(counting(100, 50), lambda _n: 0, "one", 8, tmp_path)
    two = Slots(counting(250), lambda _n: 0, "two", 4, tmp_path)
    for slots in (one, two):
        slots.turn(BEGIN)
        slots.turn(BEGIN + timedelta(seconds=SLOT))
    assert one.told() == two.told()
    assert (one.told().totals[KEPT], one.told().processes, one.told().busy) == (350, 2, 0.5)
    one.turn(BEGIN + timedelta(seconds=2 * SLOT))
    assert (one.told().totals[KEPT], one.told().processes, one.told().busy) == (400, 1, 0.0)


def test_what_leaves_a_process_is_rounded(tmp_path: Path) -> None:
    slots = Slots(counting(77), random.Random(1).randrange, "one", 8, tmp_path)
    slots.turn(BEGIN)
    slots.turn(BEGIN + timedelta(seconds=SLOT))
    (file,) = tmp_path.iterdir()
    totals = json.loads(file.read_text())["totals"]
    assert len(totals) == len(KEYS)
    assert {value % GRAIN for value in totals.values()} == {0}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"slot": 1}'])
def test_a_broken_file_or_a_lost_folder_stops_nothing(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "counts"
    slots = Slots(counting(50), lambda _n: 0, "one", 8, folder)
    slots.turn(BEGIN)
    slots.turn(BEGIN + timedelta(seconds=SLOT))
    assert slots.told().totals[KEPT] == 50
    folder.mkdir()
    (folder / "other.json").write_text(text)
    assert slots.told().totals[KEPT] == 50
