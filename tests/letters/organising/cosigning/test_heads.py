"""The heads that are to be cosigned, and the cosignatures that are kept."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import insert

from letters.models.log import LogHeadRow
from letters.organising.cosigning.heads import SignedHead, keep, last_cosigned, newest_heads, submission_of
from letters.organising.cosigning.replies import Cosigned
from letters.organising.releasing import tend_letters
from tests.letters.organising.cosigning.conftest import Site
from tests.parts.campaign import open_campaign
from verification.database import table_of
from verification.ledger.proofs import verify_consistency
from verification.ledger.witness import Submission

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def heads(site: Site) -> list[SignedHead]:
    with site.runtime.reading() as session:
        return newest_heads(session)


def given(site: Site, head: SignedHead, witness: str) -> None:
    cosigned = Cosigned(witness, NOW, f"\u2014 {witness} AAAAAAA=\n")
    site.runtime.settle(lambda session: keep(session, head, cosigned))


def last(site: Site, witness: str) -> int:
    with site.runtime.reading() as session:
        return last_cosigned(session, heads(site)[0], witness)


def test_each_log_has_one_newest_head(site: Site, app: Flask) -> None:
    site.grow(1)
    open_campaign(site.runtime, app, site.campaign.mail_server, slug="safe-staffing")
    tend_letters(site.runtime)
    assert [(head.slug, head.size) for head in heads(site)] == [("safe-staffing", 1), (site.campaign.slug, 3)]
    assert heads(site)[1].note == site.head.note


def test_a_head_that_is_not_signed_yet_is_not_the_newest(site: Site) -> None:
    unsigned = insert(table_of(LogHeadRow)).values(letter_id=1, size=2, root=bytes(32), note=None)
    site.runtime.settle(lambda session: session.execute(unsigned))
    assert [head.size for head in heads(site)] == [1]


def test_only_cosigners_of_the_newest_head_count(site: Site) -> None:
    given(site, heads(site)[0], "a.example.org")
    given(site, heads(site)[0], "b.example.org")
    assert heads(site)[0].cosigners == {"a.example.org", "b.example.org"}
    site.grow(1)
    given(site, heads(site)[0], "b.example.org")
    assert heads(site)[0].cosigners == {"b.example.org"}
    assert [last(site, name) for name in ("a.example.org", "b.example.org", "c.example.org")] == [1, 3, 0]


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_submission_proves_growth_from_any_size(site: Site) -> None:
    roots = {1: site.head.root}
    for number in (1, 2, 3):
        grown = site.grow(number)
        roots[grown.size] = grown.root
    head = heads(site)[0]
    for old, root in roots.items():
        with site.runtime.reading() as session:
            sent = Submission.parse(submission_of(session, head, old))
        assert (sent.old_size, sent.checkpoint.size) == (old, head.size)
        verify_consistency(old, head.size, root, sent.checkpoint.root, sent.proof)
