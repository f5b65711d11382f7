"""Letters as they are read from the database, whole."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.batches import DomainRuleRow
from letters.models.editions import EditionRow
from letters.models.heads import newest_head
from letters.models.letters import CorrectionRow, FirstSignatoryRow, LetterRow, LetterState, LetterTextRow
from letters.models.pacts import PactRow
from letters.models.signatures import Display
from letters.models.standing import Gathered, InstitutionRow, UnverifiedRow
from letters.models.values import (
    Correction,
    Edition,
    EditionRule,
    FigurePolicy,
    Letter,
    LetterText,
    Pact,
    Person,
    Unverified,
    identities_until,
)
from verification.errors import Refusal


class NoSuchLetter(Refusal):
    """No letter of this name is public."""


def read_letter(session: Session, row: LetterRow) -> Letter:
    """The value of a letter's row, with its texts and latest edition."""
    texts = session.scalars(select(LetterTextRow).where(LetterTextRow.letter_id == row.id))
    people = select(FirstSignatoryRow).where(FirstSignatoryRow.letter_id == row.id)
    corrections = select(CorrectionRow).where(CorrectionRow.letter_id == row.id)
    institutions = select(InstitutionRow.domain).where(InstitutionRow.letter_id == row.id)
    unverified = select(UnverifiedRow).where(UnverifiedRow.letter_id == row.id)
    edition = session.get(EditionRow, (row.id, row.edition)) if row.edition else None
    return Letter(
        id=row.id,
        slug=row.slug,
        stored_state=LetterState(row.state),
        languages=tuple(row.languages),
        addressee=row.addressee,
        responsible=row.responsible,
        countries=tuple(row.countries),
        professions=row.professions,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        closed_on=row.closed_on,
        goal=row.goal,
        custody=row.custody,
        public_key=row.public_key,
        displays=tuple(Display(display) for display in row.displays),
        rule=EditionRule(timedelta(seconds=row.edition_every), row.edition_at_least),
        policy=policy_of(row),
        delivered_on=row.delivered_on,
        answer=row.answer,
        identities_until=identities_until(row.identities_until, row.closed_on, row.closes_at),
        forgotten=row.forgotten,
        erased=row.erased,
        locked=row.locked_on is not None,
        taken_down_for=row.taken_down_for,
        burned=row.burned_on is not None,
        removals=row.removals,
        revision=row.revision,
        texts={text.language: LetterText(text.title, text.body, text.privacy) for text in texts},
        first_signatories=[
            Person(person.name, person.title) for person in session.scalars(people.order_by(FirstSignatoryRow.position))
        ],
        corrections=[
            Correction(correction.dated, correction.text)
            for correction in session.scalars(corrections.order_by(CorrectionRow.position))
        ],
        institutions=frozenset(session.scalars(institutions)),
        unverified=[
            Unverified(Gathered(report.gathered), report.count, report.reported_on)
            for report in session.scalars(unverified.order_by(UnverifiedRow.position))
        ],
        edition=Edition.of(edition) if edition else None,
        head=newest_head(session, row.id),
        held_domains=frozenset(session.scalars(select(DomainRuleRow.domain).where(DomainRuleRow.letter_id == row.id))),
        pact=read_pact(session, row.id),
    )


def read_pact(session: Session, letter_id: int) -> Pact | None:
    """A letter's pact, None where it has none."""
    row = session.get(PactRow, letter_id)
    return Pact(row.needed, row.kept_in, row.lapsed) if row else None


def policy_of(row: LetterRow) -> FigurePolicy:
    """The rules for a letter's figures."""
    return FigurePolicy(row.figures_threshold, row.figures_step, row.figures_moves_after, row.figures_hides_below)


def find_letter(session: Session, slug: str) -> Letter:
    """Raises `NoSuchLetter`."""
    row = session.scalar(select(LetterRow).where(LetterRow.slug == slug))
    if row is None:
        raise no_such_letter(slug)
    return read_letter(session, row)


def no_such_letter(slug: str) -> NoSuchLetter:
    return NoSuchLetter(f"There is no letter {slug!r}. `undersigned letter load FOLDER` makes one.")
