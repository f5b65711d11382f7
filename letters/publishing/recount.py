"""Proving every stored figure from the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from letters.models.editions import EditionRow, EntryRow, TallyRow
from letters.models.letters import LetterRow
from letters.models.signatures import Display, SignatureRow, SignatureState
from letters.publishing.editions import DIMENSIONS, print_figures, read_tallies


def recount(session: Session, letter: LetterRow, profession_of: Callable[[str], str]) -> list[str]:
    """One sentence for each stored figure that differs from the rows; none when all agree.

    `profession_of` maps a profession's key to the cell that figures count it in. The session must see one snapshot.
    Figures printed before the last edition are held against their own total: the rows have moved on since.
    """
    query = select(EditionRow).where(EditionRow.letter_id == letter.id).order_by(EditionRow.number)
    editions = session.scalars(query).all()
    return [
        *_check_rows(session, letter),
        *_check_editions(session, letter, editions),
        *_check_tallies(session, letter),
        *_check_figures(session, letter, editions, profession_of),
        *_check_entries(session, letter),
    ]


def _check_rows(session: Session, letter: LetterRow) -> list[str]:
    """Every row without news is counted as what it is."""
    settled = SignatureRow.letter_id == letter.id, SignatureRow.news.is_(False)
    counted = and_(
        SignatureRow.edition.is_not(None),
        SignatureRow.removed_in.is_(None),
        SignatureRow.name_box.is_(None),
        *(_printed(dimension) == getattr(SignatureRow, dimension) for dimension in DIMENSIONS),
    )
    taken_out = and_(
        SignatureRow.edition.is_(None) == SignatureRow.removed_in.is_(None),
        *(_printed(dimension).is_(None) for dimension in DIMENSIONS),
    )
    gone = SignatureRow.state.in_((SignatureState.WITHDRAWN.value, SignatureState.VOIDED.value))
    wrong = or_(
        and_(SignatureRow.state == SignatureState.CONFIRMED.value, counted.is_not(True)),
        and_(gone, taken_out.is_not(True)),
    )
    found = session.scalar(select(func.count()).select_from(SignatureRow).where(*settled, wrong)) or 0
    return [f"{letter.slug}: {found} signatures are not counted as what they are."] if found else []


def _check_editions(session: Session, letter: LetterRow, editions: Sequence[EditionRow]) -> list[str]:
    arrived = _by_edition(session, letter.id, SignatureRow.edition, None)
    withdrawn = _by_edition(session, letter.id, SignatureRow.removed_in, SignatureState.WITHDRAWN)
    voided = _by_edition(session, letter.id, SignatureRow.removed_in, SignatureState.VOIDED)
    findings, sums = [], [0, 0, 0]
    for edition in editions:
        for place, rows in enumerate((arrived, withdrawn, voided)):
            sums[place] += rows.get(edition.number, 0)
        stored = [edition.signatures, edition.withdrawn, edition.voided]
        findings += [
            f"{letter.slug}, edition {edition.number}: {name} is stored as {value}, the rows say {counted}."
            for name, value, counted in zip(("signatures", "withdrawn", "voided"), stored, sums, strict=True)
            if value != counted
        ]
    if [edition.number for edition in editions] != list(range(1, letter.edition + 1)):
        findings.append(f"{letter.slug}: the editions are not numbered 1 to {letter.edition}.")
    return findings


def _by_edition(
    session: Session, letter_id: int, column: InstrumentedAttribute[int | None], state: SignatureState | None
) -> dict[int | None, int]:
    query = select(column, func.count()).where(SignatureRow.letter_id == letter_id, column.is_not(None))
    if state is not None:
        query = query.where(SignatureRow.state == state.value)
    return dict(session.execute(query.group_by(column)).all())


def _check_tallies(session: Session, letter: LetterRow) -> list[str]:
    findings = []
    for dimension in DIMENSIONS:
        column = _printed(dimension)
        query = select(column, func.count()).where(SignatureRow.letter_id == letter.id, column.is_not(None))
        rows = dict(session.execute(query.group_by(column)).all())
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


def _check_figures(
    session: Session, letter: LetterRow, editions: Sequence[EditionRow], profession_of: Callable[[str], str]
) -> list[str]:
    findings = [
        f"{letter.slug}, edition {edition.number}: the cells by {dimension} do not add up to {edition.total}."
        for edition in editions
        for dimension in DIMENSIONS
        if _sum_of(edition, dimension) != edition.total
    ]
    tallies = read_tallies(session, letter.id)
    if editions and editions[-1].figures != print_figures(letter, tallies, profession_of):
        findings.append(f"{letter.slug}, edition {editions[-1].number}: its cells are not what the rows give.")
    return findings


def _sum_of(edition: EditionRow, dimension: str) -> int | None:
    """What the printed cells add up to, None where they cannot be read."""
    try:
        printed = edition.figures[dimension]
        return int(sum(printed["shown"].values()) + (printed["rest"][1] if printed["rest"] else 0))
    except (KeyError, TypeError, AttributeError, IndexError):
        return None


def _check_entries(session: Session, letter: LetterRow) -> list[str]:
    """Every entry that stays belongs to a released signature that wants to be seen so, and the other way round."""
    seen = SignatureRow.state == SignatureState.CONFIRMED.value, SignatureRow.display != Display.COUNTED.value
    released = SignatureRow.letter_id == letter.id, SignatureRow.edition.is_not(None), SignatureRow.news.is_(False)
    fits = or_(
        and_(SignatureRow.display == Display.NAMED.value, EntryRow.name.is_not(None)),
        and_(SignatureRow.display == Display.PSEUDONYM.value, EntryRow.pseudonym == SignatureRow.pseudonym),
    )
    stays = EntryRow.letter_id == letter.id, EntryRow.leaving.is_(False)
    wanted = session.scalar(select(func.count()).select_from(SignatureRow).where(*released, *seen)) or 0
    printed = session.scalar(select(func.count()).select_from(EntryRow).where(*stays)) or 0
    joined = select(func.count()).select_from(EntryRow).join(SignatureRow, SignatureRow.id == EntryRow.signature_id)
    fitting = session.scalar(joined.where(*stays, *released, *seen, fits)) or 0
    if fitting == wanted == printed:
        return []
    return [
        f"{letter.slug}: {wanted} signatures chose to be seen, {printed} entries are printed, {fitting} of them fit."
    ]


def _printed(dimension: str) -> InstrumentedAttribute[str]:
    column: InstrumentedAttribute[str] = getattr(SignatureRow, f"printed_{dimension}")
    return column
