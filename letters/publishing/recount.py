"""Proving every stored figure from the rows."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from letters.models.editions import EditionRow, EntryRow, TallyRow
from letters.models.letters import LetterRow
from letters.models.signatures import SignatureRow, SignatureState
from letters.publishing.editions import DIMENSIONS


def recount(session: Session, letter: LetterRow) -> list[str]:
    """One sentence for each stored figure that differs from the rows; none when all agree."""
    return [*_check_editions(session, letter), *_check_tallies(session, letter), *_check_entries(session, letter)]


def _check_editions(session: Session, letter: LetterRow) -> list[str]:
    arrived = _by_edition(session, letter.id, SignatureRow.edition, None)
    withdrawn = _by_edition(session, letter.id, SignatureRow.removed_in, SignatureState.WITHDRAWN)
    voided = _by_edition(session, letter.id, SignatureRow.removed_in, SignatureState.VOIDED)
    editions = select(EditionRow).where(EditionRow.letter_id == letter.id).order_by(EditionRow.number)
    findings, sums, numbers = [], [0, 0, 0], []
    for edition in session.scalars(editions):
        numbers.append(edition.number)
        for place, rows in enumerate((arrived, withdrawn, voided)):
            sums[place] += rows.get(edition.number, 0)
        stored = [edition.signatures, edition.withdrawn, edition.voided]
        findings += [
            f"{letter.slug}, edition {edition.number}: {name} is stored as {value}, the rows say {counted}."
            for name, value, counted in zip(("signatures", "withdrawn", "voided"), stored, sums, strict=True)
            if value != counted
        ]
    if numbers != list(range(1, letter.edition + 1)):
        findings.append(f"{letter.slug}: the editions are not numbered 1 to {letter.edition}.")
    return findings


def _by_edition(
    session: Session, letter_id: int, column: InstrumentedAttribute[int | None], state: SignatureState | None
) -> dict[int | None, int]:
    query = select(column, func.count()).where(SignatureRow.letter_id == letter_id, column.is_not(None))
    if state is not None:
        query = query.where(SignatureRow.state == state.value)
    return dict(session.execute(query.group_by(column)).tuples().all())


def _check_tallies(session: Session, letter: LetterRow) -> list[str]:
    findings = []
    for dimension in DIMENSIONS:
        column: InstrumentedAttribute[str] = getattr(SignatureRow, f"printed_{dimension}")
        query = select(column, func.count()).where(SignatureRow.letter_id == letter.id, column.is_not(None))
        rows = dict(session.execute(query.group_by(column)).tuples().all())
        tallies = select(TallyRow.code, TallyRow.count).where(
            TallyRow.letter_id == letter.id, TallyRow.dimension == dimension
        )
        stored = {code: count for code, count in session.execute(tallies) if count}
        findings += [
            f"{letter.slug}, {dimension} {code}: stored as {stored.get(code, 0)}, the rows say {rows.get(code, 0)}."
            for code in sorted(rows.keys() | stored.keys())
            if rows.get(code, 0) != stored.get(code, 0)
        ]
    return findings


def _check_entries(session: Session, letter: LetterRow) -> list[str]:
    """Every entry that stays belongs to a released signature that wants to be seen, and the other way round."""
    seen = SignatureRow.state == SignatureState.CONFIRMED.value, SignatureRow.display != "counted"
    released = SignatureRow.letter_id == letter.id, SignatureRow.edition.is_not(None), SignatureRow.news.is_(False)
    entry_stays = EntryRow.letter_id == letter.id, EntryRow.leaving.is_(False)
    wanted = session.scalar(select(func.count()).select_from(SignatureRow).where(*released, *seen)) or 0
    joined = select(func.count()).select_from(EntryRow).join(SignatureRow, SignatureRow.id == EntryRow.signature_id)
    printed = session.scalar(joined.where(*entry_stays, *released, *seen)) or 0
    stray = session.scalar(select(func.count()).select_from(EntryRow).where(*entry_stays)) or 0
    if printed != wanted or stray < printed:
        return [f"{letter.slug}: {printed} entries are printed for {wanted} signatures that chose to be seen."]
    return []
