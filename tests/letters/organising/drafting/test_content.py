"""A draft is the same after the database."""

import json
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given

from letters.organising.draft import Draft, FolderText
from letters.organising.drafting.content import from_json, to_json
from letters.organising.folder import BadFolder, folder_text
from tests.letters.organising.drafts import drafts


@given(draft=drafts())
def test_any_letter_comes_back_as_it_was(draft: Draft) -> None:
    text = folder_text(draft)
    assert from_json(json.loads(json.dumps(to_json(text), allow_nan=False))) == text


def test_what_is_no_day_stays_as_it_was_typed() -> None:
    text = FolderText({"opens": "soon", "closes": "", "identities_until": "never", "delivered": {"on": "yesterday"}})
    assert from_json(to_json(text)) == text


def test_days_and_moments_are_read_where_a_letter_has_them() -> None:
    stored = {
        "toml": {"opens": "2026-12-01T06:00:00Z", "corrections": [{"on": "2026-12-02"}]},
        "texts": {},
        "privacy": {},
    }
    toml = from_json(stored).toml
    assert toml["opens"] == datetime(2026, 12, 1, 6, tzinfo=UTC)
    assert toml["corrections"] == [{"on": date(2026, 12, 2)}]


def test_values_that_only_toml_knows_do_not_break_the_database() -> None:
    kept = to_json(FolderText({"goal": float("nan"), "at": time(6), "deep": [{"on": date(2026, 1, 1)}]}))
    assert kept["toml"] == {"goal": "nan", "at": "06:00:00", "deep": [{"on": "2026-01-01"}]}


def test_tables_without_end_are_refused() -> None:
    value: object = 1
    for _ in range(500):
        value = [value]
    with pytest.raises(BadFolder):
        to_json(FolderText({"goal": value}))
