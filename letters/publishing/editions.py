"""Releasing an edition: everything that waits is counted and printed together.

The work follows what is new; what earlier editions counted is neither read nor written again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session, defer

from letters.models.editions import EditionRow, TallyRow
from letters.models.letters import LetterRow, LetterState
from letters.models.signatures import SignatureRow, SignatureState
from letters.models.values import Edition, FigurePolicy, no_such_letter
from letters.publishing.entries import Printer, remove_leaving
from letters.publishing.figures import safe_cells
from verification.errors import Refusal

DIMENSIONS = ("profession", "region", "standing")
CHUNK = 500
"""Rows named in one statement."""

_REMOVED = (SignatureState.WITHDRAWN.value, SignatureState.VOIDED.value)

Cells = tuple[str | None, str | None, str | None]
"""Profession, region, standing."""


class NotDue(Refusal):
    """An edition is not due: too early, or too little waits."""


@dataclass(frozen=True)
class Change:
    """A row taken for an edition: as what it is counted so far, what holds now, and what becomes of it."""

    id: bytes
    counted: Cells
    holds: Cells
    arrives: bool
    leaves_as: SignatureState | None


def lock_letter(session: Session, slug: str) -> LetterRow:
    """The letter's row, locked against other publishers; signing and confirming do not wait for it.

    Raises `NoSuchLetter`.
    """
    query = select(LetterRow).where(LetterRow.slug == slug).with_for_update(key_share=True)
    letter = session.scalar(query.execution_options(populate_existing=True))
    if letter is None:
        raise no_such_letter(slug)
    return letter


def check_due(session: Session, letter: LetterRow, now: datetime) -> None:
    """Raises `NotDue` unless the letter's interval has passed and enough waits; once it is closed any number will do.

    Closing starts the interval anew, so it releases at once what waits, and later withdrawals still go together.
    """
    if not count_waiting(session, letter.id):
        raise NotDue("Nothing waits for an edition.")
    if not interval_passed(letter, now):
        raise NotDue("The letter's interval has not passed since its public pages last changed.")
    closed = letter.state in (LetterState.CLOSED.value, LetterState.ARCHIVED.value)
    moving = count_moving(session, letter.id) if letter.edition_at_least > 1 and not closed else letter.edition_at_least
    if moving < letter.edition_at_least:
        raise NotDue(f"{moving} signatures come or go, the letter asks for {letter.edition_at_least}.")


def interval_passed(letter: LetterRow, now: datetime) -> bool:
    """Whether the letter's public pages may change again."""
    return letter.tended_at is None or now - letter.tended_at >= timedelta(seconds=letter.edition_every)


def count_waiting(session: Session, letter_id: int) -> int:
    """Signatures, changes and removals that the next edition takes."""
    return session.scalar(select(func.count()).select_from(SignatureRow).where(*_waits(letter_id))) or 0


def count_moving(session: Session, letter_id: int) -> int:
    """Those of them that move the total; a few signers who change to and fro bring no edition about."""
    arrives = SignatureRow.edition.is_(None), SignatureRow.state == SignatureState.CONFIRMED.value
    leaves = SignatureRow.edition.is_not(None), SignatureRow.state.in_(_REMOVED)
    moving = (
        select(func.count()).select_from(SignatureRow).where(*_waits(letter_id), or_(and_(*arrives), and_(*leaves)))
    )
    return session.scalar(moving) or 0


def release(
    session: Session,
    letter: LetterRow,
    now: datetime,
    profession_of: Callable[[str], str],
    printer: Printer,
) -> Edition:
    """Release everything that waits as the next edition of a locked letter, and return it.

    `profession_of` maps a profession's key to the cell that figures count it in. Raises `NotDue` when nothing waits.
    """
    taken = select(SignatureRow).where(*_waits(letter.id)).options(defer(SignatureRow.sealed))
    rows = session.scalars(taken.with_for_update()).all()
    if not rows:
        raise NotDue("Nothing waits for an edition.")
    number = letter.edition + 1
    changes = [_change(row) for row in rows]
    _move_tallies(session, letter.id, changes)
    edition = _add_edition(session, letter, number, now, changes)
    edition.figures = print_figures(letter, read_tallies(session, letter.id), profession_of)
    session.flush()
    remove_leaving(session, letter.id)
    printer.print(session, number, [row for row in rows if row.state == SignatureState.CONFIRMED.value])
    _settle_rows(session, number, changes)
    letter.edition, letter.tended_at = number, now
    session.flush()
    return Edition.of(edition)


def read_tallies(session: Session, letter_id: int) -> Mapping[str, Mapping[str, int]]:
    """The exact running counts, by dimension and code."""
    tallies: dict[str, dict[str, int]] = {dimension: {} for dimension in DIMENSIONS}
    for row in session.scalars(select(TallyRow).where(TallyRow.letter_id == letter_id)):
        tallies[row.dimension][row.code] = row.count
    return tallies


def print_figures(
    letter: LetterRow, tallies: Mapping[str, Mapping[str, int]], profession_of: Callable[[str], str]
) -> dict[str, Any]:
    """What an edition prints of the exact counts: for each dimension, the cells that the letter's policy shows."""
    policy = FigurePolicy(letter.figures_threshold, letter.figures_step)
    professions: Counter[str] = Counter()
    for key, count in tallies["profession"].items():
        professions[profession_of(key)] += count
    exact = {**tallies, "profession": professions}
    return {dimension: safe_cells(cells, policy).as_json() for dimension, cells in exact.items()}


def _waits(letter_id: int) -> tuple[ColumnElement[bool], ...]:
    held = SignatureRow.state == SignatureState.HELD.value
    return SignatureRow.letter_id == letter_id, SignatureRow.news.is_(True), ~held


def _change(row: SignatureRow) -> Change:
    state = SignatureState(row.state)
    stands = state is SignatureState.CONFIRMED
    return Change(
        id=row.id,
        counted=(row.printed_profession, row.printed_region, row.printed_standing),
        holds=(row.profession, row.region, row.standing) if stands else (None, None, None),
        arrives=stands and row.edition is None,
        leaves_as=state if not stands and row.edition is not None else None,
    )


def _move_tallies(session: Session, letter_id: int, changes: Sequence[Change]) -> None:
    tallies = {
        (row.dimension, row.code): row
        for row in session.scalars(select(TallyRow).where(TallyRow.letter_id == letter_id))
    }
    moves: Counter[tuple[str, str]] = Counter()
    for change in changes:
        for dimension, counted, holds in zip(DIMENSIONS, change.counted, change.holds, strict=True):
            if counted is not None:
                moves[dimension, counted] -= 1
            if holds is not None:
                moves[dimension, holds] += 1
    for cell, move in moves.items():
        if cell not in tallies:
            tallies[cell] = TallyRow(letter_id=letter_id, dimension=cell[0], code=cell[1], count=0)
            session.add(tallies[cell])
        tallies[cell].count += move
    session.flush()


def _add_edition(
    session: Session, letter: LetterRow, number: int, now: datetime, changes: Sequence[Change]
) -> EditionRow:
    last = session.get(EditionRow, (letter.id, letter.edition)) if letter.edition else None
    left = Counter(change.leaves_as for change in changes)
    row = EditionRow(
        letter_id=letter.id,
        number=number,
        released_at=now,
        signatures=(last.signatures if last else 0) + sum(change.arrives for change in changes),
        withdrawn=(last.withdrawn if last else 0) + left[SignatureState.WITHDRAWN],
        voided=(last.voided if last else 0) + left[SignatureState.VOIDED],
        figures={},
    )
    session.add(row)
    return row


def _settle_rows(session: Session, number: int, changes: Sequence[Change]) -> None:
    """Write down as what each row is counted from now on, in whole chunks rather than row by row."""
    session.expire_all()
    stands = [change.id for change in changes if change.holds[0] is not None]
    gone = [change.id for change in changes if change.holds[0] is None]
    _update(
        session,
        stands,
        news=False,
        edition=func.coalesce(SignatureRow.edition, number),
        name_box=None,
        printed_profession=SignatureRow.profession,
        printed_region=SignatureRow.region,
        printed_standing=SignatureRow.standing,
    )
    counted_out = {"printed_profession": None, "printed_region": None, "printed_standing": None}
    left = [change.id for change in changes if change.leaves_as is not None]
    _update(session, gone, news=False, **counted_out)
    _update(session, left, removed_in=number)


def _update(session: Session, ids: Sequence[bytes], **values: object) -> None:
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        statement = update(SignatureRow).where(SignatureRow.id.in_(chunk)).values(**values)
        session.execute(statement, execution_options={"synchronize_session": False})
