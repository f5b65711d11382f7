"""A crowd is what so many signers would have left behind: the product finds nothing wrong with it, and builds on it."""

import pytest
from sqlalchemy import select

from benchmarks.crowds import crowd, newcomers, unconfirmed
from letters.models.letters import LetterRow
from letters.organising.releasing import scheme_of
from letters.publishing.recount import recount
from tests.parts.campaign import Campaign

MANY, NEW, EDITIONS = 300, 40, 3


@pytest.mark.parametrize("database", ["postgresql"])
def test_editions_build_on_a_crowd_and_a_recount_agrees(campaign: Campaign) -> None:
    runtime, slug = campaign.runtime, campaign.slug
    crowd(runtime, slug, MANY, EDITIONS)
    newcomers(runtime, slug, NEW)
    edition = campaign.release()
    assert (edition.number, edition.total, edition.log_size) == (
        EDITIONS + 1,
        MANY + NEW,
        1 + MANY + NEW + EDITIONS + 1,
    )
    links = unconfirmed(runtime, slug, 2)
    assert campaign.confirm(links[0]).status_code == 303
    assert campaign.release().total == MANY + NEW + 1
    with runtime.reading() as session:
        letter = session.scalars(select(LetterRow).where(LetterRow.slug == slug)).one()
        assert recount(session, letter, scheme_of(letter, runtime.settings.vocabularies)) == []
