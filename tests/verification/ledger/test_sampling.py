"""Drawing a sample, and what its result says."""

import hashlib
import random
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as some

from verification.ledger.sampling import CONFIDENCE, draw_sample, frame_hash, most_unreal

FRAMES = some.sets(some.binary(min_size=32, max_size=32), min_size=1, max_size=40)
BEACONS = some.text(max_size=40)


def drawn_again(frame: set[bytes], beacon: str, wanted: int) -> list[bytes]:
    """The draw as docs/sampling.md describes it, written anew."""
    seal = hashlib.sha256(b"".join(sorted(frame))).digest()
    ranks = {}
    for commitment in frame:
        ranks[hashlib.sha256(b"undersigned sample 1\0" + beacon.encode() + b"\0" + seal + commitment).hexdigest()] = (
            commitment
        )
    return [ranks[rank] for rank in sorted(ranks)][:wanted]


def test_a_published_draw() -> None:
    frame = [hashlib.sha256(bytes([number])).digest() for number in range(20)]
    assert frame_hash(frame).hex() == "b4da2d9aaddf61e73f732bdc0900c670d310e080d430c17df501f64d930a2abe"
    assert [frame.index(drawn) for drawn in draw_sample(frame, "drand round 123456: 5e1d", 5)] == [8, 5, 18, 10, 12]


@given(FRAMES, BEACONS, some.integers(1, 50))
def test_anybody_who_repeats_a_draw_gets_the_same(frame: set[bytes], beacon: str, wanted: int) -> None:
    assert draw_sample(frame, beacon, wanted) == drawn_again(frame, beacon, wanted)


@given(FRAMES, BEACONS, some.integers(1, 50))
def test_a_draw_takes_as_many_as_wanted_out_of_the_frame_and_nobody_twice(
    frame: set[bytes], beacon: str, wanted: int
) -> None:
    drawn = draw_sample(frame, beacon, wanted)
    assert len(drawn) == len(set(drawn)) == min(wanted, len(frame))
    assert set(drawn) <= frame


@given(FRAMES, BEACONS, some.integers(1, 50), some.randoms(use_true_random=False))
def test_the_order_of_a_frame_is_irrelevant(frame: set[bytes], beacon: str, wanted: int, chance: random.Random) -> None:
    shuffled = sorted(frame)
    chance.shuffle(shuffled)
    assert frame_hash(shuffled) == frame_hash(frame)
    assert draw_sample(shuffled, beacon, wanted) == draw_sample(sorted(frame), beacon, wanted)


@given(FRAMES, BEACONS, some.integers(1, 20))
def test_a_larger_sample_begins_with_the_smaller_one(frame: set[bytes], beacon: str, wanted: int) -> None:
    assert draw_sample(frame, beacon, wanted + 1)[:wanted] == draw_sample(frame, beacon, wanted)


def test_another_beacon_and_another_frame_draw_others() -> None:
    frame = [bytes([number]) * 32 for number in range(100)]
    first = draw_sample(frame, "one", 20)
    assert set(draw_sample(frame, "two", 20)) != set(first)
    assert set(draw_sample([*frame, bytes([200]) * 32], "one", 20)) != set(first)


def test_every_candidate_is_drawn_about_equally_often() -> None:
    frame = [bytes([number]) * 32 for number in range(10)]
    times = dict.fromkeys(frame, 0)
    for number in range(2000):
        for commitment in draw_sample(frame, f"round {number}", 3):
            times[commitment] += 1
    assert all(520 < count < 680 for count in times.values())  # 600, and nearly four standard deviations


@pytest.mark.parametrize(
    ("drawn", "unconfirmed", "percent"),
    [
        (59, 0, 4.95),
        (1, 0, 95.0),
        (10, 0, 25.89),
        (20, 0, 13.91),
        (20, 1, 21.61),
        (10, 1, 39.42),
        (10, 5, 77.76),
        (100, 5, 10.23),
        (100, 10, 16.37),
        (20, 20, 100.0),
    ],
)
def test_published_upper_bounds(drawn: int, unconfirmed: int, percent: float) -> None:
    """One-sided bounds of Clopper and Pearson at 95 %, as in tables and R's `binom.test(…, alternative = "less")`."""
    assert round(100 * most_unreal(drawn, drawn - unconfirmed), 2) == percent


@given(some.integers(30, 300))
def test_the_rule_of_three_is_close_and_never_too_low(drawn: int) -> None:
    assert 2.8 / drawn < most_unreal(drawn, drawn) < 3 / drawn


@given(some.integers(1, 300))
def test_if_all_are_confirmed_the_bound_has_a_closed_form(drawn: int) -> None:
    assert most_unreal(drawn, drawn) == pytest.approx(1 - (1 - CONFIDENCE) ** (1 / drawn), abs=1e-12)


@given(some.integers(2, 120).flatmap(lambda drawn: some.tuples(some.just(drawn), some.integers(1, drawn - 1))))
def test_at_the_bound_so_few_unconfirmed_are_as_rare_as_the_confidence_says(sample: tuple[int, int]) -> None:
    drawn, confirmed = sample
    share = most_unreal(drawn, confirmed)
    tail = sum(comb(drawn, x) * share**x * (1 - share) ** (drawn - x) for x in range(drawn - confirmed + 1))
    assert tail == pytest.approx(1 - CONFIDENCE, rel=1e-6)


@given(some.integers(1, 120).flatmap(lambda drawn: some.tuples(some.just(drawn), some.integers(1, drawn))))
def test_the_bound_falls_with_each_one_confirmed_and_is_above_what_was_seen(sample: tuple[int, int]) -> None:
    drawn, confirmed = sample
    assert most_unreal(drawn, confirmed) < most_unreal(drawn, confirmed - 1) <= 1
    assert most_unreal(drawn, confirmed) > (drawn - confirmed) / drawn
    assert most_unreal(drawn + 1, confirmed + 1) < most_unreal(drawn, confirmed)
