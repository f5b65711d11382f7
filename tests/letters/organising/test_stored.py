"""A stored letter is the draft that was loaded."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Select, select

from letters.models.letters import CorrectionRow, FirstSignatoryRow, LetterRow, LetterTextRow
from letters.models.signatures import Display
from letters.models.values import Correction, EditionRule, FigurePolicy
from letters.organising.folder import Draft, draft_of, files_of, folder_text, parse
from letters.organising.loading import load, open_letter
from letters.organising.stored import stored_draft
from letters.publishing.editions import lock_letter
from letters.runtime import Runtime
from tests.parts.campaign import demo_draft
from verification.identity.sealing import new_key_pair

SAID = {"ru": "Двенадцать\u2028часов.", "be": 'Дванаццаць "гадзін".', "en": "Twelve\r\nhours\x1f."}

EVERYTHING: dict[str, Any] = {
    "opens_at": datetime(2026, 12, 1, 8, 0, 0, 123456, tzinfo=UTC),
    "closes_at": datetime(2027, 1, 1, tzinfo=UTC),
    "identities_until": date(2027, 2, 1),
    "goal": None,
    "organisers": tuple(new_key_pair().public for _ in range(2)),
    "displays": (Display.NAMED, Display.COUNTED),
    "rule": EditionRule(timedelta(seconds=90), 7),
    "policy": FigurePolicy(9, 4, 3, 2),
    "corrections": [Correction(date(2026, 12, day), SAID) for day in (5, 2)],
    "delivered_on": date(2026, 12, 10),
    "answer": SAID,
}
"""Fields that the demo letter does not have, or has otherwise."""

LETTERS: dict[str, dict[str, Any]] = {"with everything": EVERYTHING, "with little": {"first_signatories": []}}


@pytest.fixture(params=LETTERS.values(), ids=list(LETTERS))
def draft(request: pytest.FixtureRequest) -> Draft:
    draft, _pair = demo_draft(**request.param)
    return draft


def test_a_loaded_letter_is_the_draft_again(runtime: Runtime, draft: Draft) -> None:
    load_it(runtime, draft)
    assert stored(runtime, draft.slug) == draft


def test_and_as_files_too(runtime: Runtime, draft: Draft) -> None:
    load_it(runtime, draft)
    assert draft_of(parse(files_of(folder_text(stored(runtime, draft.slug))).get)) == draft


def test_loading_it_again_changes_nothing_but_the_revision(runtime: Runtime, draft: Draft) -> None:
    load_it(runtime, draft)
    runtime.settle(lambda session: open_letter(lock_letter(session, draft.slug), runtime.keyring, runtime.clock()))
    before = rows(runtime)
    load_it(runtime, stored(runtime, draft.slug))
    after = rows(runtime)
    assert after["letters"][0].pop("revision") == before["letters"][0].pop("revision") + 1
    assert after == before


def test_what_may_change_after_opening_is_added_to_it(runtime: Runtime, draft: Draft) -> None:
    load_it(runtime, draft)
    runtime.settle(lambda session: open_letter(lock_letter(session, draft.slug), runtime.keyring, runtime.clock()))
    old = stored(runtime, draft.slug)
    new = replace(old, corrections=[*old.corrections, Correction(date(2026, 12, 20), SAID)], goal=9)
    load_it(runtime, new)
    assert stored(runtime, draft.slug) == new


def load_it(runtime: Runtime, draft: Draft) -> None:
    runtime.settle(lambda session: load(session, draft, (), runtime.clock()))


def stored(runtime: Runtime, slug: str) -> Draft:
    with runtime.reading() as session:
        return stored_draft(session, session.scalars(select(LetterRow).where(LetterRow.slug == slug)).one())


def in_order(table: Any) -> Select[Any]:
    return select(table).order_by(*table.primary_key)


def rows(runtime: Runtime) -> dict[str, list[dict[str, Any]]]:
    """All that the database holds of letters, by table."""
    with runtime.reading() as session:
        return {
            table.__tablename__: [dict(row) for row in session.execute(in_order(table.__table__)).mappings()]
            for table in (LetterRow, LetterTextRow, FirstSignatoryRow, CorrectionRow)
        }
