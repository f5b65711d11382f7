"""Proving every stored figure from the rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from letters.models.editions import CellRow, EditionRow, EntryRow, TallyRow
from letters.models.finding import policy_of
from letters.models.letters import LetterRow
from letters.models.pacts import PactRow
from letters.models.signatures import SEEN_AS, Display, SignatureRow, SignatureState
from letters.models.values import FigurePolicy
from letters.publishing.changes import DIMENSIONS
from letters.publishing.figures import bounds_of, rest_of
from letters.publishing.tallies import PAIRS, UNREAD, Scheme, count_cells, print_figures


def recount(session: Session, letter: LetterRow, scheme: Scheme) -> list[str]:
    """One sentence for each stored figure that differs from the rows; none when all agree.

    The session must see one snapshot. Totals and tallies are exact. A cell is printed as it was when it was last read,
    so it is held against the bounds that the letter's policy gives; figures of earlier editions against their total.
    """
    query = select(EditionRow).where(EditionRow.letter_id == letter.id).order_by(EditionRow.number)
    editions = session.scalars(query).all()
    return [
        *_check_rows(session, letter),
        *_check_editions(session, letter, editions),
        *_check_tallies(session, letter),
        *_check_cells(session, letter, editions, scheme),
        *_check_figures(session, letter, editions, scheme),
        *_check_entries(session, letter),
        *_check_pact(session, letter),
    ]


def _check_rows(session: Session, letter: LetterRow) -> list[str]:
    """Every row without news is counted as what it is; one that a batch has thrown out, as what it was.

    A box is left in a row only while its name waits.
    """
    settled = SignatureRow.letter_id == letter.id, SignatureRow.news.is_(False), SignatureRow.batch.is_(None)
    counted = and_(
        SignatureRow.edition.is_not(None),
        SignatureRow.removed_in.is_(None),
        SignatureRow.name_box.is_not(None) == SignatureRow.pact.is_(True),
        SignatureRow.printed_named == SEEN_AS.in_([Display.NAMED.value]),
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
    unnamed = _unnamed(letter)
    for dimension in DIMENSIONS:
        column = _printed(dimension)
        query = select(column, func.count(), unnamed).where(SignatureRow.letter_id == letter.id, column.is_not(None))
        rows = {code: (count, some) for code, count, some in session.execute(query.group_by(column))}
        tallies = select(TallyRow).where(TallyRow.letter_id == letter.id, TallyRow.dimension == dimension)
        stored = {row.code: (row.count, _kept(letter, row)) for row in session.scalars(tallies) if row.count}
        findings += [
            f"{letter.slug}, {dimension} {code}: stored as {stored.get(code, _NOBODY)}, "
            f"the rows say {rows.get(code, _NOBODY)} (all, and those without a public name)."
            for code in sorted(rows.keys() | stored.keys())
            if rows.get(code, _NOBODY) != stored.get(code, _NOBODY)
        ]
    return findings


_NOBODY = (0, 0)


def _unnamed(letter: LetterRow) -> ColumnElement[int]:
    """How many of some rows have no public name; those of a burned letter no longer say."""
    if letter.burned_on is not None:
        return func.count()
    return func.sum(case((SignatureRow.printed_named.is_(False), 1), else_=0))


def _kept(letter: LetterRow, tally: TallyRow) -> int:
    return tally.count if letter.burned_on is not None else tally.unnamed


def _check_cells(session: Session, letter: LetterRow, editions: Sequence[EditionRow], scheme: Scheme) -> list[str]:
    """Every cell is what the policy can have made of its count."""
    counts, policy = count_cells(session, letter.id, scheme), policy_of(letter)
    unread = editions[-1].figures.get(UNREAD, policy.moves_after) if editions else 0
    stored = select(CellRow).where(CellRow.letter_id == letter.id)
    printed = {(row.dimension, row.code): row.printed for row in session.scalars(stored)}
    return [
        f"{letter.slug}, {cell[0]} {cell[1]}: printed as {printed.get(cell) or 'hidden'}, the rows say {count}."
        for cell, (count, _unnamed) in sorted(counts.items())
        if not _can_be(printed.get(cell), count, policy, unread)
    ]


def _can_be(printed: int | None, count: int, policy: FigurePolicy, unread: int) -> bool:
    if printed is None:
        return policy.hides or count == 0
    low, high = bounds_of(printed, policy, unread)
    return low <= count <= high


def _check_figures(session: Session, letter: LetterRow, editions: Sequence[EditionRow], scheme: Scheme) -> list[str]:
    policy = policy_of(letter)
    findings = [
        f"{letter.slug}, edition {edition.number}: the cells by {dimension} do not add up to {edition.total}."
        for edition in editions
        for dimension in DIMENSIONS
        if not _adds_up(edition, dimension, policy)
    ]
    if editions:
        newest = {name: cells for name, cells in editions[-1].figures.items() if name != PAIRS}
        unread = newest.get(UNREAD)
        if unread is not None and newest != print_figures(session, letter, scheme, editions[-1].total, unread):
            findings.append(f"{letter.slug}, edition {editions[-1].number}: its cells are not what the rows give.")
    return findings


def _adds_up(edition: EditionRow, dimension: str, policy: FigurePolicy) -> bool:
    """Whether what is left over beside the printed cells is what the total leaves.

    Editions without `unread` are older than the memory of cells: there the rest is all that is not printed.
    """
    try:
        printed = edition.figures[dimension]
        rest = tuple(printed["rest"]) if printed["rest"] else None
        if UNREAD not in edition.figures:
            return bool(sum(printed["shown"].values()) + (rest[1] if rest else 0) == edition.total)
        return rest == rest_of(edition.total, printed["shown"], policy, edition.figures[UNREAD])
    except (KeyError, TypeError, AttributeError):
        return False


_ON_THE_LIST = Display.PSEUDONYM.value, Display.NAMED.value


def _check_entries(session: Session, letter: LetterRow) -> list[str]:
    """Every entry that stays belongs to a released signature that wants to be seen so, and one without news has one.

    What a batch has thrown out stays in the list until an edition makes that final.
    """
    stands = or_(SignatureRow.state == SignatureState.CONFIRMED.value, SignatureRow.batch.is_not(None))
    seen = SignatureRow.letter_id == letter.id, stands, SEEN_AS.in_(_ON_THE_LIST)
    released, settled = SignatureRow.edition.is_not(None), SignatureRow.news.is_(False)
    fits = or_(
        and_(SignatureRow.display == Display.NAMED.value, EntryRow.name_box.is_not(None)),
        and_(SignatureRow.display == Display.PSEUDONYM.value, EntryRow.pseudonym == SignatureRow.pseudonym),
    )
    stays = EntryRow.letter_id == letter.id, EntryRow.leaving.is_(False)
    wanted = session.scalar(select(func.count()).select_from(SignatureRow).where(*seen, released, settled)) or 0
    printed = session.scalar(select(func.count()).select_from(EntryRow).where(*stays)) or 0
    joined = select(func.count()).select_from(EntryRow).join(SignatureRow, SignatureRow.id == EntryRow.signature_id)
    fitting = session.scalar(joined.where(*stays, *seen, released, fits)) or 0
    found = session.scalar(joined.where(*stays, *seen, released, settled, fits)) or 0
    if (fitting, found) == (printed, wanted):
        return []
    seen_of = f"{found} of {wanted} signatures that chose to be seen are seen so"
    return [f"{letter.slug}: {seen_of}, and {fitting} of {printed} entries fit."]


def _check_pact(session: Session, letter: LetterRow) -> list[str]:
    """A pact was kept in an edition that there is; once it has lapsed nobody waits."""
    pact = session.get(PactRow, letter.id)
    if pact is None:
        return []
    if pact.kept_in is not None and not 1 <= pact.kept_in <= letter.edition:
        return [f"{letter.slug}: the pact is said to be kept in edition {pact.kept_in}, which is not there."]
    waits = SignatureRow.letter_id == letter.id, SignatureRow.pact.is_(True)
    left = session.scalar(select(func.count()).select_from(SignatureRow).where(*waits)) if pact.lapsed else 0
    return [f"{letter.slug}: the pact has lapsed, and {left} names wait for it still."] if left else []


def _printed(dimension: str) -> InstrumentedAttribute[str]:
    column: InstrumentedAttribute[str] = getattr(SignatureRow, f"printed_{dimension}")
    return column
