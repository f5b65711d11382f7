"""A store of bounded size."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from letters.web.kept import Kept


@dataclass(frozen=True)
class Value:
    body: bytes


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60)), max_size=60))
def test_never_more_is_kept_than_there_is_room_for_and_the_newest_stays(puts: list[tuple[int, int]]) -> None:
    kept: Kept[Value] = Kept(budget=100, besides=0)
    for key, size in puts:
        kept.put(key, Value(bytes(size)))
        assert kept.get(key) == Value(bytes(size))
        assert sum(len(value.body) for key in range(10) if (value := kept.get(key))) <= 100


def test_what_was_asked_for_lately_stays_longest() -> None:
    kept: Kept[Value] = Kept(budget=20, besides=0)
    kept.put("asked for", Value(bytes(10)))
    kept.put("forgotten", Value(bytes(10)))
    kept.get("asked for")
    kept.put("new", Value(bytes(10)))
    assert kept.get("forgotten") is None
    assert kept.get("asked for") is not None


def test_what_is_too_large_is_not_kept() -> None:
    kept: Kept[Value] = Kept(budget=20, besides=0)
    kept.put("large", Value(bytes(21)))
    assert kept.get("large") is None


def test_values_without_a_body_take_room_too() -> None:
    kept: Kept[Value] = Kept(budget=30, besides=10)
    for key in range(1000):
        kept.put(key, Value(b""))
    assert [key for key in range(1000) if kept.get(key)] == [997, 998, 999]
