"""Printed cells: they never contradict the total, give no small cell away, and change only for many people at once."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from letters.models.values import FigurePolicy
from letters.publishing.figures import Cell, bounds_of, read_cells, safe_cells, safe_pairs, unread_after

ORDINARY, PROTECTED = FigurePolicy.usual(1, 1), FigurePolicy.usual(10, 10)
CODES = tuple("abcdefgh")

policies = st.builds(FigurePolicy.usual, st.integers(1, 12), st.integers(1, 12)) | st.sampled_from(
    [ORDINARY, PROTECTED]
)
steps = st.tuples(st.sampled_from(["come", "come", "come", "go", "show", "hide"]), st.booleans())
editions = st.lists(st.lists(steps, max_size=15), max_size=12)
histories = st.dictionaries(st.sampled_from(CODES), editions, max_size=5)
printed_cells = st.dictionaries(st.sampled_from(CODES), st.integers(1, 6).map(lambda tens: 10 * tens), max_size=8)


def read_cell(cell: Cell, policy: FigurePolicy, people: int = 100) -> Cell:
    """The cell after an edition that so many people moved."""
    return read_cells({"a": cell}, people, policy)["a"]


def live(cell: Cell, steps: list[tuple[str, bool]]) -> Cell:
    """What happens to a cell between two editions; one event for each person who comes or goes."""
    for what, named in steps:
        if what == "come":
            cell = replace(cell, count=cell.count + 1, unnamed=cell.unnamed + (not named), events=cell.events + 1)
        elif what == "go" and cell.unnamed:
            cell = replace(cell, count=cell.count - 1, unnamed=cell.unnamed - 1, events=cell.events + 1)
        elif what == "show" and cell.unnamed:
            cell = replace(cell, unnamed=cell.unnamed - 1)
        elif what == "hide" and cell.unnamed < cell.count:
            cell = replace(cell, unnamed=cell.unnamed + 1)
    return cell


def lives(history: list[list[tuple[str, bool]]], policy: FigurePolicy) -> list[tuple[Cell, int]]:
    """A cell after each of its editions, which nobody else moved, and how many events of it can be unread."""
    cell, unread, seen = Cell(0, 0, 0, None), 0, []
    for steps in history:
        before, cell = cell.events, live(cell, steps)
        people = cell.events - before
        cell, unread = read_cell(cell, policy, people), unread_after(unread, people, policy)
        seen.append((cell, unread))
    return seen


@given(editions, policies)
def test_the_truth_lies_within_the_bounds_of_what_is_printed(
    history: list[list[tuple[str, bool]]], policy: FigurePolicy
) -> None:
    for cell, unread in lives(history, policy):
        assert cell.events <= unread
        if cell.printed is not None:
            low, high = bounds_of(cell.printed, policy, unread)
            assert low <= cell.count <= high
        elif not policy.hides:
            assert cell.count == 0


@given(editions, policies)
def test_a_printed_figure_reaches_the_threshold_in_whole_steps(
    history: list[list[tuple[str, bool]]], policy: FigurePolicy
) -> None:
    for cell, _unread in lives(history, policy):
        assert cell.printed is None or (cell.printed >= policy.threshold and cell.printed % policy.step == 0)


@given(editions, policies)
def test_what_is_printed_moves_only_after_enough_events(
    history: list[list[tuple[str, bool]]], policy: FigurePolicy
) -> None:
    cell, since = Cell(0, 0, 0, None), 0
    for steps in history:
        before, cell = cell, live(cell, steps)
        since += cell.events - before.events
        cell = read_cell(cell, policy, cell.events - before.events)
        if cell.printed != before.printed:
            assert since >= policy.moves_after
            assert live(before, steps).events - before.events >= policy.moves_after
        if cell.events == 0:
            since = 0


def test_a_cell_is_shown_from_ten_on_and_hides_below_five() -> None:
    shown = read_cell(Cell(10, 10, 10, None), PROTECTED)
    assert (shown.printed, shown.events) == (10, 0)
    assert read_cell(Cell(9, 9, 10, None), PROTECTED).printed is None
    assert read_cell(replace(shown, count=5, unnamed=5, events=10), PROTECTED).printed == 10
    assert read_cell(replace(shown, count=4, unnamed=4, events=10), PROTECTED).printed is None


def test_a_cell_does_not_move_for_nine_people() -> None:
    cell = Cell(20, 20, 0, 20)
    assert read_cell(replace(cell, count=30, unnamed=30, events=9), PROTECTED).printed == 20
    assert read_cell(replace(cell, count=30, unnamed=30, events=10), PROTECTED).printed == 30


def test_public_names_do_not_count_towards_showing_a_cell() -> None:
    """Forty names on the list and nine others: whoever counts the names would know the nine."""
    assert read_cell(Cell(49, 9, 49, None), PROTECTED).printed is None
    assert read_cell(Cell(50, 10, 50, None), PROTECTED).printed == 50
    assert read_cell(Cell(50, 4, 10, 50), PROTECTED).printed is None


def test_a_count_that_rounds_to_less_than_the_threshold_stays_hidden() -> None:
    """Printed as 4 under a threshold of 5, it could only be 5."""
    assert read_cell(Cell(5, 5, 5, None), FigurePolicy.usual(5, 2)).printed is None
    assert read_cell(Cell(8, 8, 8, None), FigurePolicy.usual(5, 2)).printed == 8


@given(histories, policies)
def test_the_rest_holds_everybody_who_is_not_shown(
    history: dict[str, list[list[tuple[str, bool]]]], policy: FigurePolicy
) -> None:
    last = {code: (lives(editions, policy) or [(Cell(0, 0, 0, None), 0)])[-1] for code, editions in history.items()}
    cells, unread = {code: cell for code, (cell, _) in last.items()}, max([0, *(some for _, some in last.values())])
    total = sum(cell.count for cell in cells.values())
    shown = {code: cell.printed for code, cell in cells.items() if cell.printed is not None}
    printed = safe_cells(shown, total, CODES, policy, unread)
    least, most = printed.rest or (0, 0)
    assert least <= total - sum(cells[code].count for code in printed.shown) <= most


@given(printed_cells, st.integers(500, 600))
def test_a_hidden_cell_is_never_alone(shown: dict[str, int], total: int) -> None:
    printed = safe_cells(shown, total, CODES, PROTECTED, 9)
    assert not printed.shown or len(set(CODES) - printed.shown.keys()) != 1


def test_the_smallest_shown_cell_goes_with_a_lonely_hidden_one() -> None:
    printed = safe_cells({"doctor": 40, "nurse": 20}, 68, ("doctor", "nurse", "midwife"), PROTECTED, 9)
    assert printed.shown == {"doctor": 40}


def test_whether_a_hidden_cell_is_empty_makes_no_difference() -> None:
    """Otherwise its first signer would be seen to come."""
    nobody = safe_cells({"doctor": 40, "nurse": 20}, 60, ("doctor", "nurse", "midwife"), PROTECTED, 9)
    somebody = safe_cells({"doctor": 40, "nurse": 20}, 61, ("doctor", "nurse", "midwife"), PROTECTED, 9)
    assert nobody.shown == somebody.shown == {"doctor": 40}


@given(st.dictionaries(st.sampled_from(CODES), st.integers(1, 60)))
def test_an_ordinary_letter_shows_every_cell_as_it_is(exact: dict[str, int]) -> None:
    cells = {code: read_cell(Cell(count, 0, count, None), ORDINARY).printed for code, count in exact.items()}
    printed = safe_cells(cells, sum(exact.values()), CODES, ORDINARY, 0)
    assert (printed.shown, printed.rest) == (exact, None)


def test_cells_stand_with_the_largest_first() -> None:
    assert list(safe_cells({"a": 1, "c": 3, "b": 3}, 7, CODES, ORDINARY, 0).shown) == ["b", "c", "a"]


def test_nothing_is_printed_of_nothing() -> None:
    assert safe_cells({}, 0, CODES, PROTECTED, 0).as_json() == {"shown": {}, "rest": None}


def test_an_edition_of_a_few_people_reads_no_cell() -> None:
    """Nine came unread; whoever leaves alone afterwards would be seen to complete the tenth event."""
    cell = Cell(37, 37, 10, 20)
    assert read_cell(cell, PROTECTED, people=9) == cell
    assert read_cell(cell, PROTECTED, people=10).printed == 30


def test_two_dimensions_show_pairs_from_the_threshold_on() -> None:
    counts = {("nurse", "BY-MI"): (25, 12), ("nurse", "BY-HO"): (25, 9), ("doctor", "BY-MI"): (90, 90)}
    margins = {"nurse": 50, "doctor": 90}, {"BY-MI": 110, "BY-HO": 20}
    assert safe_pairs(counts, margins, PROTECTED) == {("doctor", "BY-MI"): 90, ("nurse", "BY-MI"): 20}


def test_pairs_say_nothing_newer_than_the_cells() -> None:
    """The cell was read at 29; the thirtieth came in an edition of one, and nobody shall know what they are."""
    margins = {"nurse": 20}, {"BY-MI": 20}
    assert safe_pairs({("nurse", "BY-MI"): (30, 30)}, margins, PROTECTED) == {("nurse", "BY-MI"): 20}


def test_pairs_of_hidden_cells_stay_hidden() -> None:
    assert safe_pairs({("nurse", "BY-MI"): (30, 30)}, ({"nurse": 30}, {}), PROTECTED) == {}


pair_counts = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")),
    st.integers(0, 60).flatmap(lambda count: st.tuples(st.just(count), st.integers(0, count))),
)


@given(pair_counts, st.fixed_dictionaries(dict.fromkeys("abcxyz", st.integers(0, 90))), policies)
def test_no_row_or_column_of_pairs_exceeds_its_cell(
    counts: dict[tuple[str, str], tuple[int, int]], cells: dict[str, int], policy: FigurePolicy
) -> None:
    margins = {code: cells[code] for code in "abc"}, {code: cells[code] for code in "xyz"}
    printed = safe_pairs(counts, margins, policy)
    for place, margin in enumerate(margins):
        for code, count in margin.items():
            assert sum(some for pair, some in printed.items() if pair[place] == code) <= count
    for pair, some in printed.items():
        assert policy.threshold <= some <= counts[pair][0]
        assert some % policy.step == 0
