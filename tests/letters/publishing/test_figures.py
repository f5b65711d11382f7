"""Printed cells: what they say is true, they never contradict the total, and they give no small cell away."""

from hypothesis import given
from hypothesis import strategies as st

from letters.models.values import FigurePolicy
from letters.publishing.figures import safe_cells

ORDINARY, PROTECTED = FigurePolicy(1, 1), FigurePolicy(10, 10)

counts = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 60), max_size=8)
policies = st.builds(FigurePolicy, st.integers(1, 12), st.integers(1, 12)) | st.sampled_from([ORDINARY, PROTECTED])


@given(counts, policies)
def test_shown_cells_and_the_rest_add_up_to_the_total(exact: dict[str, int], policy: FigurePolicy) -> None:
    printed = safe_cells(exact, policy)
    assert sum(printed.shown.values()) + (printed.rest[1] if printed.rest else 0) == sum(exact.values())


@given(counts, policies)
def test_a_shown_cell_is_its_count_rounded_down_to_the_step(exact: dict[str, int], policy: FigurePolicy) -> None:
    for code, count in safe_cells(exact, policy).shown.items():
        assert count % policy.step == 0
        assert 0 <= exact[code] - count < policy.step


@given(counts, policies)
def test_no_number_below_the_threshold_is_printed(exact: dict[str, int], policy: FigurePolicy) -> None:
    assert all(count >= policy.threshold for count in safe_cells(exact, policy).shown.values())


@given(counts, policies)
def test_a_hidden_cell_is_never_alone(exact: dict[str, int], policy: FigurePolicy) -> None:
    printed = safe_cells(exact, policy)
    present = {code for code, count in exact.items() if count}
    assert not printed.shown or len(present - printed.shown.keys()) != 1


@given(counts, policies)
def test_the_rest_holds_what_the_hidden_cells_have(exact: dict[str, int], policy: FigurePolicy) -> None:
    printed = safe_cells(exact, policy)
    hidden = sum(count for code, count in exact.items() if code not in printed.shown)
    least, most = printed.rest or (0, 0)
    assert least <= hidden <= most


@given(counts, counts, policies)
def test_the_rest_says_no_more_than_the_total_and_the_shown_cells(
    one: dict[str, int], other: dict[str, int], policy: FigurePolicy
) -> None:
    """Two letters with the same total that show the same cells print the same rest, whatever they hide."""
    other = {f"{code}'": count for code, count in other.items()}
    shared = safe_cells(one, policy)
    hidden = sum(one.values()) - sum(one[code] for code in shared.shown)
    disguised = {code: one[code] for code in shared.shown} | _spread(hidden, sorted(other))
    again = safe_cells(disguised, policy)
    if again.shown == shared.shown:
        assert again.rest == shared.rest


@given(counts)
def test_an_ordinary_letter_shows_every_cell_as_it_is(exact: dict[str, int]) -> None:
    printed = safe_cells(exact, ORDINARY)
    assert printed.shown == {code: count for code, count in exact.items() if count}
    assert printed.rest is None


@given(counts, policies, st.randoms())
def test_the_order_of_cells_tells_nothing(exact: dict[str, int], policy: FigurePolicy, chance: st.DataObject) -> None:
    mixed = list(exact.items())
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert list(safe_cells(dict(mixed), policy).shown.items()) == list(safe_cells(exact, policy).shown.items())


def test_cells_stand_with_the_largest_first() -> None:
    assert list(safe_cells({"a": 1, "c": 3, "b": 3}, ORDINARY).shown) == ["b", "c", "a"]


def test_the_smallest_shown_cell_goes_with_a_lonely_hidden_one() -> None:
    printed = safe_cells({"doctor": 40, "nurse": 25, "midwife": 3}, PROTECTED)
    assert (printed.shown, printed.rest) == ({"doctor": 40}, (19, 28))


def test_a_single_small_cell_hides_everything() -> None:
    printed = safe_cells({"doctor": 12, "midwife": 3}, PROTECTED)
    assert (printed.shown, printed.rest) == ({}, (15, 15))


def test_a_count_that_rounds_to_less_than_the_threshold_stays_hidden() -> None:
    """Printed as 4 under a threshold of 5, it could only be 5."""
    assert safe_cells({"doctor": 5, "nurse": 8, "midwife": 1}, FigurePolicy(5, 2)).shown == {"nurse": 8}


def test_nothing_is_printed_of_nothing() -> None:
    assert safe_cells({"doctor": 0}, PROTECTED).as_json() == {"shown": {}, "rest": None}


def _spread(total: int, codes: list[str]) -> dict[str, int]:
    """The total over so many cells, uneven."""
    cells = {code: total // (place + 2) for place, code in enumerate(codes)}
    left = total - sum(cells.values())
    return cells | {"z": left} if left >= 0 else {"z": total}
