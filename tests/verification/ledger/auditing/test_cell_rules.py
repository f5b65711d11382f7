"""The auditor's rules for cells are the site's: whatever that prints is clean, and what it never would is found."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from letters.models.values import FigurePolicy
from letters.publishing.figures import Cell, bounds_of, read_cells, rest_of, safe_cells, safe_pairs, unread_after
from verification.ledger.auditing.cell_rules import CellPolicy, cell_findings, pair_findings
from verification.ledger.auditing.findings import Code
from verification.ledger.auditing.printed import PrintedPairs, read_tally

POLICIES = st.builds(FigurePolicy.usual, st.integers(1, 30), st.integers(1, 12))
Pairs = Mapping[tuple[str, str], int]
CODES = [f"cell{number}" for number in range(6)]


def same(policy: FigurePolicy) -> CellPolicy:
    return CellPolicy(policy.threshold, policy.step, policy.moves_after, policy.hides_below)


@st.composite
def histories(draw: st.DrawFn) -> tuple[FigurePolicy, int, dict[str, Any]]:
    """A policy, and the total and cells that a letter has under it after some editions."""
    policy, cells, unread = draw(POLICIES), {code: Cell(0, 0, 0, None) for code in CODES}, 0
    for _ in range(draw(st.integers(1, 4))):
        moved = {code: draw(st.integers(0, 40)) for code in CODES}
        left = {code: draw(st.integers(0, cells[code].count)) for code in CODES}
        people = sum(moved.values()) + sum(left.values())
        for code, cell in cells.items():
            number = cell.count + moved[code] - left[code]
            cells[code] = Cell(number, number, cell.events + moved[code] + left[code], cell.printed)
        cells, unread = read_cells(cells, people, policy), unread_after(unread, people, policy)
    total = sum(cell.count for cell in cells.values())
    printed = {code: cell.printed for code, cell in cells.items() if cell.printed is not None}
    return (
        policy,
        total,
        {"of": len(CODES), "unread": unread, **safe_cells(printed, total, CODES, policy, unread).as_json()},
    )


def found(policy: FigurePolicy, total: int, cells: Mapping[str, Any], pairs: Pairs | None = None) -> set[Code]:
    """What is wrong with a tally that has these cells in every dimension, and with the pairs that the JSON lists."""
    dimension = {name: cells[name] for name in ("of", "shown", "rest")}
    figures: dict[str, Any] = dict.fromkeys(("profession", "region", "standing"), dimension)
    figures |= {"unread": cells["unread"]}
    content = {"edition": 1, "released_at": "2026-12-01T00:00:00Z", "signatures": total, "withdrawn": 0, "voided": 0}
    tally = read_tally({**content, "total": total, "figures": figures})
    listed = replace(tally.printed, pairs=PrintedPairs(len(pairs or {}), "", pairs or {}))
    return {finding.code for finding in (*cell_findings(tally, same(policy)), *pair_findings(listed, same(policy)))}


@given(histories())
def test_whatever_the_site_prints_is_clean(history: tuple[FigurePolicy, int, dict[str, Any]]) -> None:
    assert found(*history) == set()


@given(POLICIES, st.integers(0, 200), st.integers(0, 60), st.dictionaries(st.sampled_from(CODES), st.integers(1, 99)))
def test_both_leave_the_same_rest(policy: FigurePolicy, total: int, unread: int, shown: dict[str, int]) -> None:
    assert same(policy).rest(total, shown, unread) == rest_of(total, shown, policy, unread)
    assert same(policy).least_shown == policy.least_shown
    assert same(policy).hides == policy.hides
    for count in shown.values():
        assert same(policy).bounds(count, unread) == bounds_of(count, policy, unread)


@given(histories(), st.integers(1, 40), st.sampled_from(CODES))
def test_a_cell_below_the_threshold_or_between_steps_is_found(
    history: tuple[FigurePolicy, int, dict[str, Any]], count: int, code: str
) -> None:
    policy, total, cells = history
    lie = {**cells, "shown": {**cells["shown"], code: count}}
    wrong = found(policy, total, lie)
    assert (Code.CELL_TOO_SMALL in wrong) == (count < policy.least_shown)
    assert (Code.CELL_NOT_ROUNDED in wrong) == (count >= policy.least_shown and count % policy.step != 0)


@given(histories())
def test_one_hidden_cell_alone_is_found(history: tuple[FigurePolicy, int, dict[str, Any]]) -> None:
    policy, total, cells = history
    lie = {**cells, "of": len(cells["shown"]) + 1}
    assert (Code.CELL_ALONE in found(policy, total, lie)) == (policy.hides and bool(cells["shown"]))


@given(
    POLICIES,
    st.dictionaries(st.tuples(st.sampled_from(CODES), st.sampled_from(CODES)), st.integers(0, 60), max_size=12),
)
def test_the_pairs_that_the_site_prints_are_clean(policy: FigurePolicy, counts: dict[tuple[str, str], int]) -> None:
    total = sum(counts.values())
    sides = [{code: sum(n for pair, n in counts.items() if pair[side] == code) for code in CODES} for side in (0, 1)]
    shown = [
        {code: count - count % policy.step for code, count in side.items() if count >= policy.least_shown}
        for side in sides
    ]
    margins = [{code: count for code, count in side.items() if count >= policy.least_shown} for side in shown]
    least = {code: min(margins[0].get(code, 0), margins[1].get(code, 0)) for code in CODES}
    least = {code: count for code, count in least.items() if count}
    unnamed = {pair: (count, count) for pair, count in counts.items()}
    pairs = safe_pairs(unnamed, (least, least), policy)
    rest = rest_of(total, least, policy, 0)
    cells = {"of": len(CODES) + 2, "shown": least, "rest": list(rest) if rest else None, "unread": 0}
    assert found(policy, total, cells, pairs) == set()
    beyond = {(CODES[0], CODES[1]): 10**6 * policy.step}
    assert Code.CELLS_TOO_LARGE in found(policy, total, cells, beyond)
