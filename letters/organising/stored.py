"""A letter of the database as its folder would describe it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from letters.models.finding import read_letter
from letters.models.letters import LetterRow
from letters.organising.draft import Draft


def stored_draft(session: Session, row: LetterRow) -> Draft:
    """The draft that `loading.load` stored last: loading it again changes nothing."""
    letter = read_letter(session, row)
    return Draft(
        slug=letter.slug,
        languages=letter.languages,
        texts={language: letter.texts[language] for language in letter.languages},
        addressee=letter.addressee,
        responsible=letter.responsible,
        countries=letter.countries,
        professions=letter.professions,
        opens_at=letter.opens_at,
        closes_at=letter.closes_at,
        goal=letter.goal,
        custody=letter.custody,
        public_key=letter.public_key,
        organisers=tuple(row.organisers),
        identities_until=row.identities_until,  # the letter's own is reckoned where none was announced
        displays=letter.displays,
        rule=letter.rule,
        policy=letter.policy,
        first_signatories=letter.first_signatories,
        corrections=letter.corrections,
        delivered_on=letter.delivered_on,
        answer=letter.answer,
        pact=letter.pact.needed if letter.pact else None,
    )
