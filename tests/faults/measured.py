"""The table of `docs/reliability.md`: nothing stands in it that a run has not measured."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"
COLUMNS = ("what was done", "how often", "database", "lost", "counted twice", "sent twice", "besides", "measured on")


@dataclass(frozen=True)
class Row:
    """What one fault did to one database; `fault` and `database` tell which older row it replaces.

    A figure is None where the fault cannot bring it about.
    """

    fault: str
    often: str
    database: str
    lost: int | None
    counted_twice: int | None
    sent_twice: int | None
    remark: str


class Measure(Protocol):
    """Notes down a row about the database under test."""

    def __call__(
        self,
        fault: str,
        often: str,
        lost: int | None = None,
        counted_twice: int | None = None,
        sent_twice: int | None = None,
        remark: str = "",
    ) -> None: ...


def renew(document: str, rows: list[Row], today: date) -> str:
    """Return the document with these rows in its table; what this run did not measure keeps its row and date."""
    before, rest = document.split(BEGIN)
    table, after = rest.split(END)
    lines = {_key(line): line for line in table.splitlines()[2:]}
    lines |= {(row.fault, row.database): _line(row, today) for row in rows}
    faults = [fault for fault, _ in lines]
    ordered = sorted(lines, key=lambda key: faults.index(key[0]))
    head = [_cells(COLUMNS), _cells(["---"] * len(COLUMNS))]
    return before + BEGIN + "".join(f"{line}\n" for line in (*head, *map(lines.__getitem__, ordered))) + END + after


def _key(line: str) -> tuple[str, str]:
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    return cells[0], cells[2]


def _line(row: Row, today: date) -> str:
    figures = ("–" if figure is None else str(figure) for figure in (row.lost, row.counted_twice, row.sent_twice))
    return _cells((row.fault, row.often, row.database, *figures, row.remark, today.isoformat()))


def _cells(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
