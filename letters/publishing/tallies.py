"""The exact running counts, and what an edition prints of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from letters.models.editions import CellRow, TallyRow
from letters.models.finding import policy_of
from letters.models.letters import LetterRow
from letters.models.signatures import SignatureRow, Standing
from letters.publishing.changes import DIMENSIONS, Change, Counted
from letters.publishing.figures import Cell, read_cells, safe_cells, safe_pairs

Key = tuple[str, str]
"""A dimension, and a code in it."""

PAIRS = "profession_region"
"""Under which name the last edition's figures hold professions by region."""

UNREAD = "unread"
"""Under which name an edition's figures hold how many events a cell can have that were not read."""


@dataclass(frozen=True)
class Scheme:
    """In which cells a letter counts: `profession_of` maps a chosen profession to its cell; `codes` lists them all."""

    profession_of: Callable[[str], str]
    professions: Collection[str]
    regions: Collection[str]

    def codes(self, dimension: str) -> Collection[str]:
        return {"profession": self.professions, "region": self.regions, "standing": tuple(Standing)}[dimension]

    def cell(self, tally: Key) -> Key:
        """The cell that a tally is part of."""
        dimension, code = tally
        return (dimension, self.profession_of(code)) if dimension == "profession" else tally


def count_changes(session: Session, letter: LetterRow, scheme: Scheme, changes: Sequence[Change]) -> int:
    """Move the tallies by these changes and read the cells that have seen enough.

    Returns how many people moved. While a letter is open its editions are small only if somebody asked for one by hand;
    such a one counts as large enough for cells to be read.
    """
    _move_tallies(session, letter.id, changes)
    touched = [_touched(change, scheme) for change in changes]
    policy, is_open = policy_of(letter), letter.closed_on is None
    people = max(sum(map(bool, touched)), policy.moves_after if is_open else 0)
    events = Counter(cell for cells in touched for cell in cells)
    counts = count_cells(session, letter.id, scheme)
    rows = {(row.dimension, row.code): row for row in session.scalars(_cells_of(letter.id))}
    for key in events.keys() - rows.keys():
        rows[key] = CellRow(letter_id=letter.id, dimension=key[0], code=key[1], events=0, printed=None)
        session.add(rows[key])
    cells = {key: Cell(*counts.get(key, (0, 0)), row.events + events[key], row.printed) for key, row in rows.items()}
    for key, cell in read_cells(cells, people, policy).items():
        rows[key].events, rows[key].printed = cell.events, cell.printed
    session.flush()
    return people


def count_cells(session: Session, letter_id: int, scheme: Scheme) -> Mapping[Key, tuple[int, int]]:
    """The exact count of each cell, and how many of those have no public name."""
    tallies = session.scalars(_tallies_of(letter_id))
    return _summed((scheme.cell((row.dimension, row.code)), row.count, row.unnamed) for row in tallies)


def print_figures(session: Session, letter: LetterRow, scheme: Scheme, total: int, unread: int) -> dict[str, Any]:
    """What an edition prints: for each dimension the cells that the letter's policy shows, and how many events each
    can have that were not read."""
    printed: dict[str, dict[str, int]] = {dimension: {} for dimension in DIMENSIONS}
    for row in session.scalars(_cells_of(letter.id)):
        if row.printed is not None:
            printed[row.dimension][row.code] = row.printed
    policy = policy_of(letter)
    figures: dict[str, Any] = {
        dimension: safe_cells(cells, total, scheme.codes(dimension), policy, unread).as_json()
        for dimension, cells in printed.items()
    }
    return {**figures, UNREAD: unread}


def print_pairs(
    session: Session, letter: LetterRow, scheme: Scheme, figures: Mapping[str, Any]
) -> list[tuple[str, str, int]]:
    """What the last edition of all prints besides: professions by region, counted from the rows once."""
    columns = SignatureRow.printed_profession, SignatureRow.printed_region, SignatureRow.printed_named
    counted = SignatureRow.letter_id == letter.id, SignatureRow.printed_profession.is_not(None)
    groups = session.execute(select(*columns, func.count()).where(*counted).group_by(*columns))
    counts = _summed(
        ((scheme.profession_of(str(profession)), str(region)), count, 0 if named else count)
        for profession, region, named, count in groups
    )
    shown = figures["profession"]["shown"], figures["region"]["shown"]
    return [(*pair, count) for pair, count in safe_pairs(counts, shown, policy_of(letter)).items()]


def _summed(counted: Iterable[tuple[Key, int, int]]) -> dict[Key, tuple[int, int]]:
    """By key, all signers and those without a public name."""
    sums: dict[Key, tuple[int, int]] = {}
    for key, count, unnamed in counted:
        before = sums.get(key, (0, 0))
        sums[key] = before[0] + count, before[1] + unnamed
    return sums


def _touched(change: Change, scheme: Scheme) -> set[Key]:
    """The cells for which a change is an event."""
    return _seen(change.was, scheme) ^ _seen(change.now, scheme)


def _seen(counted: Counted | None, scheme: Scheme) -> set[Key]:
    return {scheme.cell(tally) for tally in counted.cells()} if counted else set()


def _move_tallies(session: Session, letter_id: int, changes: Sequence[Change]) -> None:
    rows = {(row.dimension, row.code): row for row in session.scalars(_tallies_of(letter_id))}
    counts: Counter[Key] = Counter()
    unnamed: Counter[Key] = Counter()
    for change in changes:
        for counted, move in ((change.was, -1), (change.now, 1)):
            for tally in counted.cells() if counted else ():
                counts[tally] += move
                unnamed[tally] += 0 if counted and counted.named else move
    for tally in counts:
        if tally not in rows:
            dimension, code = tally
            rows[tally] = TallyRow(letter_id=letter_id, dimension=dimension, code=code, count=0, unnamed=0)
            session.add(rows[tally])
        rows[tally].count += counts[tally]
        rows[tally].unnamed += unnamed[tally]
    session.flush()


def _cells_of(letter_id: int) -> Select[CellRow]:
    return select(CellRow).where(CellRow.letter_id == letter_id)


def _tallies_of(letter_id: int) -> Select[TallyRow]:
    return select(TallyRow).where(TallyRow.letter_id == letter_id)
