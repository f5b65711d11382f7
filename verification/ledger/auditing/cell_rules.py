"""Whether printed cells obey the rules that the letter bound itself to in leaf 0.

The rules are those of the site that prints them, said once more here, so that the auditor needs nothing of the site.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from verification.ledger.auditing.answers import as_figure, as_object
from verification.ledger.auditing.findings import Code, Finding, in_short
from verification.ledger.auditing.printed import LoggedTally, PrintedCells, PrintedEdition, Span


@dataclass(frozen=True)
class CellPolicy:
    """A cell is shown from `threshold` on, rounded down to `step`; it is read again after `moves_after` events, and a
    shown one is hidden only below `hides_below`."""

    threshold: int
    step: int
    moves_after: int
    hides_below: int

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> CellPolicy:
        """From leaf 0. Raises `BadAnswer`."""
        figures = as_object(content.get("figures"), "the rules of figures")
        threshold, step, moves_after = (
            as_figure(figures.get(name), name, 1) for name in ("threshold", "step", "moves_after")
        )
        return cls(threshold, step, moves_after, as_figure(figures.get("hides_below"), "hides_below"))

    @property
    def least_shown(self) -> int:
        """The smallest figure that a shown cell has."""
        return -(-self.threshold // self.step) * self.step

    @property
    def hides(self) -> bool:
        """Whether it hides anything at all."""
        return max(self.threshold, self.step, self.moves_after) > 1

    def bounds(self, printed: int, unread: int) -> Span:
        """Between which counts the truth lies behind a printed cell of which so many events were not read."""
        lowest = self.hides_below if printed == self.least_shown else printed
        return max(0, lowest - unread), printed + self.step - 1 + unread

    def rest(self, total: int, shown: Mapping[str, int], unread: int) -> Span | None:
        """How many everybody else can be, as it follows from the total and the shown cells; None when nobody."""
        bounds = [self.bounds(count, unread) for count in shown.values()]
        most = total - sum(low for low, _high in bounds)
        return (max(0, total - sum(high for _low, high in bounds)), most) if most > 0 else None


def cell_findings(tally: LoggedTally, policy: CellPolicy) -> Iterator[Finding]:
    """What the cells of an edition give away or make up, against the letter's own rules."""
    for name, cells in tally.printed.cells.items():
        where = f"Edition {tally.printed.edition} by {name}"
        yield from _too_small(where, cells.shown, policy)
        yield from _of_all(where, cells, tally.of[name], policy)
        yield from _of_the_rest(where, cells, tally, policy)


def pair_findings(printed: PrintedEdition, policy: CellPolicy) -> Iterator[Finding]:
    """What professions by region, as the JSON lists them, give away or make up."""
    where = f"Edition {printed.edition} by profession and region"
    pairs = printed.pairs.counts if printed.pairs else {}
    yield from _too_small(where, {"/".join(pair): count for pair, count in pairs.items()}, policy)
    for side, name in enumerate(("profession", "region")):
        sums: Counter[str] = Counter()
        for pair, count in pairs.items():
            sums[pair[side]] += count
        for code, found in sums.items():
            most = printed.cells[name].shown.get(code, 0)
            if found > most:
                said = f"prints {found} for the {name} {in_short(code)}: expected at most {most}, which its cell prints"
                yield Finding(Code.CELLS_TOO_LARGE, f"{where} {said}.")


def _too_small(where: str, shown: Mapping[str, int], policy: CellPolicy) -> Iterator[Finding]:
    for code, count in shown.items():
        if count < policy.least_shown:
            said = f"expected at least {policy.least_shown}, the letter's threshold"
            yield Finding(Code.CELL_TOO_SMALL, f"{where} prints the cell {in_short(code)} as {count}: {said}.")
        elif count % policy.step:
            said = f"expected a multiple of {policy.step}, the letter's step"
            yield Finding(Code.CELL_NOT_ROUNDED, f"{where} prints the cell {in_short(code)} as {count}: {said}.")


def _of_all(where: str, cells: PrintedCells, of: int, policy: CellPolicy) -> Iterator[Finding]:
    hidden = of - len(cells.shown)
    if hidden < 0:
        yield Finding(Code.CELLS_TOO_MANY, f"{where} prints {len(cells.shown)} cells: expected at most {of}.")
    if hidden == 1 and cells.shown and policy.hides:
        said = f"prints {of - 1} of {of} cells: expected never exactly one to be hidden, as it can be worked out"
        yield Finding(Code.CELL_ALONE, f"{where} {said}.")


def _of_the_rest(where: str, cells: PrintedCells, tally: LoggedTally, policy: CellPolicy) -> Iterator[Finding]:
    total, unread = tally.printed.total, tally.unread
    for code, count in cells.shown.items():
        if count > tally.printed.signatures:
            most = f"expected at most {tally.printed.signatures}, as many as ever signed"
            yield Finding(Code.CELLS_TOO_LARGE, f"{where} prints the cell {in_short(code)} as {count}: {most}.")
    least = sum(policy.bounds(count, unread)[0] for count in cells.shown.values())
    if least > total:
        said = f"prints cells of at least {least} together: expected no more than its total, {total}"
        yield Finding(Code.CELLS_TOO_LARGE, f"{where} {said}.")
    expected = policy.rest(total, cells.shown, unread)
    if cells.rest != expected:
        said = f"prints {_said(cells.rest)} as the rest: expected {_said(expected)}, as total and shown cells leave it"
        yield Finding(Code.WRONG_REST, f"{where} {said}.")


def _said(rest: Span | None) -> str:
    return "nobody" if rest is None else f"{rest[0]} to {rest[1]}"
