"""The attack finds what can be found, and claims nothing that is not so; otherwise its figures would prove nothing."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.reidentify.bounds import Moves, Track
from benchmarks.reidentify.crowd import DAY, FRIGHTENED, MOSTLY_NAMED, USUAL, Habits, Signer, belarus, draw_signers
from benchmarks.reidentify.hold import passing
from benchmarks.reidentify.letter import POLICIES, PROTECTED, Figures, Life, Printed, Rules, live
from benchmarks.reidentify.masks import unmask
from benchmarks.reidentify.siege import Siege
from benchmarks.reidentify.states import Size, least_moved
from benchmarks.reidentify.traffic import find_in_traffic
from benchmarks.reidentify.watcher import Watcher, cells_told, either, watch
from letters.models.signatures import Display
from letters.models.values import FigurePolicy
from letters.publishing.figures import Cell

WITHOUT_MEMORY, EDITIONS_ONLY, LIVE = POLICIES[1:]
CODES = ("doctor", "nurse", "paramedic", "midwife", "orderly", "dentist")


def signer(minute: int = 0, profession: str = "nurse", region: str = "BY-MI", **other: Any) -> Signer:
    return replace(Signer(minute, profession, region, Display.COUNTED), **other)


def lived(rules: Rules, *signers: Signer) -> Life:
    return live(belarus(len(signers)), rules, signers)


def printed(arrived: int, withdrawn: int, total: int, **professions: int) -> Printed:
    return Printed(0, arrived, withdrawn, total, 9, {"profession": professions, "region": {}})


def test_live_exact_counts_pin_everybody_who_comes_in_a_minute_of_their_own() -> None:
    people = [signer(minute, profession) for minute, profession in enumerate(("nurse", "doctor", "midwife") * 9)]
    pins = watch(lived(LIVE, *people))
    assert pins.certain["profession"] == pins.certain["region"] == set(range(27))


def test_two_in_the_same_minute_are_pinned_only_if_they_are_alike() -> None:
    different = watch(lived(LIVE, signer(5, "nurse"), signer(5, "doctor")))
    alike = watch(lived(LIVE, signer(5, "nurse"), signer(5, "nurse")))
    assert (different.likely["profession"], alike.certain["profession"]) == (set(), {0, 1})


def test_whoever_is_known_is_subtracted_and_never_counts_as_found() -> None:
    pins = watch(lived(LIVE, signer(5, "nurse"), signer(5, "doctor", known=True)))
    assert pins.certain["profession"] == {0}
    pins = watch(lived(LIVE, signer(5, "nurse"), signer(5, "doctor", display=Display.NAMED)))
    assert pins.certain["profession"] == {0}


def test_an_edition_of_exact_counts_pins_only_a_crowd_of_one_kind() -> None:
    mixed = [signer(0, profession) for profession in ("nurse", "doctor") * 25]
    alike = [signer(0) for _ in range(50)]
    nearly = [*alike[1:], signer(0, "doctor")]
    assert watch(lived(EDITIONS_ONLY, *mixed)).likely["profession"] == set()
    assert watch(lived(EDITIONS_ONLY, *alike)).certain["profession"] == set(range(50))
    pins = watch(lived(EDITIONS_ONLY, *nearly))
    assert (pins.certain["profession"], pins.likely["profession"]) == (set(), set(range(49)))


def test_a_withdrawal_from_exact_counts_is_seen() -> None:
    crowd = [signer(0, profession) for profession in ("nurse", "doctor") * 25]
    crowd[0] = replace(crowd[0], returns=70 * DAY)
    assert watch(lived(EDITIONS_ONLY, *crowd)).certain["profession"] == {0}


def test_rounded_cells_that_nearly_fill_the_total_pin_by_what_is_left_over() -> None:
    life = Life(belarus(99), WITHOUT_MEMORY, [signer()] * 99)
    life.editions, life.arrived_in = [printed(99, 0, 99, nurse=90)], dict.fromkeys(range(99), 0)
    assert watch(life).likely["profession"] == set()
    life.editions = [printed(99, 0, 94, nurse=90)]
    life.arrived_in = dict.fromkeys(range(94), 0)
    assert watch(life).likely["profession"] == set(range(94))


def small_edition(*, known: int, total_known: int, before: int, after: int) -> set[int]:
    """Who is found: a first edition reads 20 to 29 nurses; a second has known nurses, known doctors and somebody."""
    first = [signer() for _ in range(25)] + [signer(0, "doctor") for _ in range(60)]
    second = [signer(1, known=True) for _ in range(known)] + [
        signer(1, "doctor", known=True) for _ in range(total_known)
    ]
    crowd = [*first, *second, signer(1)]
    life = Life(belarus(len(crowd)), PROTECTED, crowd)
    came = len(second) + 1
    figures = ({"nurse": before, "doctor": 60}, {"nurse": after, "doctor": 60})
    life.editions = [printed(85, 0, 85, **figures[0]), printed(came, 0, 85 + came, **figures[1])]
    life.arrived_in = {number: int(number >= 85) for number in range(len(crowd))}
    return watch(life).certain["profession"]


def test_the_tenth_event_of_a_cell_that_was_just_read_is_found_among_nine_known_ones() -> None:
    assert small_edition(known=9, total_known=0, before=20, after=30) == {94}


def test_ten_known_events_explain_a_cell_that_moves() -> None:
    assert small_edition(known=10, total_known=0, before=20, after=30) == set()


def test_a_cell_that_does_not_move_tells_nothing() -> None:
    assert small_edition(known=5, total_known=4, before=20, after=20) == set()


def test_a_lost_entry_pins_the_only_one_who_came_back_and_had_come_in_its_edition() -> None:
    crowd = [signer(0, "nurse", display=Display.PSEUDONYM) for _ in range(60)]
    crowd += [signer(0, "doctor") for _ in range(40)]
    crowd[0] = replace(crowd[0], returns=2000)
    assert watch(lived(PROTECTED, *crowd)).leaks["lost entries"] == {0}
    crowd[60] = replace(crowd[60], returns=2001)
    assert not watch(lived(PROTECTED, *crowd)).leaks["lost entries"]


def test_an_entry_tells_cells_only_as_finely_as_it_is_printed() -> None:
    life = lived(PROTECTED)
    assert cells_told(life, ("neurologist", "BY-MI")) == {"profession": "doctor", "region": "BY-MI"}
    assert cells_told(life, ("health-worker", "BY")) == cells_told(life, (None, None)) == {}


@pytest.mark.parametrize("rules", POLICIES[:3], ids=[rules.name for rules in POLICIES[:3]])
@given(seed=st.integers(0, 10**6), habits=st.sampled_from([USUAL, FRIGHTENED, MOSTLY_NAMED]))
@settings(max_examples=5, deadline=None)
def test_the_truth_never_contradicts_the_observer(rules: Rules, seed: int, habits: Habits) -> None:
    country = belarus(400)
    life = live(country, rules, draw_signers(country, Random(seed), habits))
    assert not watch(life).wrong
    for dimension in ("profession", "region"):
        for code, track in Watcher(life)._tracks(dimension).items():
            counts = [cells[dimension][code].count for cells in life.cells]
            assert all(low <= count <= high for count, (low, high) in zip(counts, track.counts, strict=False))


def test_what_may_have_moved_a_cell_follows_from_every_possible_past() -> None:
    """A cell printed 20 that may have seen up to nine events: a known one and a step may be all there was, or not."""
    shown = [{"nurse": 20, "doctor": 60}, {"nurse": 30, "doctor": 60}]
    fresh = Moves(came=0, went=0, named=0, may_come=80, may_go=0)
    tenth = Moves(came=9, went=0, named=0, may_come=1, may_go=0)
    track = Track([(20, 29), (30, 39)], [fresh, tenth])
    assert least_moved(shown, "nurse", 24, track, 1, PROTECTED.policy, [Size(80, 9)] * 2) == (1, 0)
    track = Track([(20, 29), (30, 39)], [fresh, replace(tenth, came=10)])
    assert least_moved(shown, "nurse", 24, track, 1, PROTECTED.policy, [Size(80, 9)] * 2) == (0, 0)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), min_size=6, max_size=6), st.sampled_from(CODES))
def test_a_flooder_finds_whoever_comes_alone(cells: list[tuple[int, int]], target: str) -> None:
    figures = Figures(FigurePolicy.usual(10, 10), CODES)
    for code, (count, events) in zip(CODES, cells, strict=True):
        stands = count - count % 10 if count >= 10 else None
        figures.cells[code] = Cell(count, count, events, stands)
    siege = Siege(figures, sum(count for count, _ in cells), 50)
    assert siege.find(target) == target
    assert siege.mailboxes >= 49


def test_in_traffic_a_flooder_finds_only_whoever_comes_without_company() -> None:
    crowd = [signer(minute, profession) for minute, profession in ((5, "nurse"), (9, "doctor"), (400, "nurse"))]
    life = Life(belarus(3), PROTECTED, crowd)
    assert find_in_traffic(life, 0, "profession") == (False, False)
    assert find_in_traffic(life, 2, "profession") == (True, True)
    assert find_in_traffic(life, 0, "region") == (True, True)


def test_a_hasty_flooder_is_held_after_a_quiet_day_and_a_patient_one_is_not() -> None:
    life = Life(belarus(25), PROTECTED, [signer(60 * hour) for hour in range(25)])
    assert passing(life, 24, 216, Random(1), hasty=True)[0] == 49
    assert passing(life, 24, 216, Random(1), hasty=False) == (216, True)


def test_made_up_company_unmasks_a_pseudonym() -> None:
    life = Life(belarus(1), PROTECTED, [signer(0, "neurologist", "BY-BR", display=Display.PSEUDONYM)])
    assert unmask(life, 0, "profession")[0]
    assert unmask(life, 0, "region")[0]


def test_fewer_are_found_the_more_is_hidden() -> None:
    country = belarus(1_500)
    crowd = draw_signers(country, Random(3))
    found = [len(either(watch(live(country, rules, crowd)).likely)) for rules in (PROTECTED, EDITIONS_ONLY, LIVE)]
    assert found == sorted(found)
    assert found[-1] > 1_000


def test_a_crowd_is_drawn_again_from_its_seed() -> None:
    country = belarus(200)
    assert draw_signers(country, Random(7)) == draw_signers(country, Random(7))
    shares = Counter(country.professions.profession_of(one.profession) for one in draw_signers(country, Random(7)))
    assert shares.most_common(1)[0][0] == "doctor"


def test_the_command_prints_a_line_for_each_policy() -> None:
    command = [sys.executable, "-m", "benchmarks.reidentify", "--signers", "300", "--rounds", "1"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert all(f"| {rules.name} | 300 × 1 |" in output for rules in POLICIES)
