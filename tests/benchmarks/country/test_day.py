"""The day loses nobody: who signs is mailed or waits, who is mailed presses, thinks or never does."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.country.day import MINUTES, NEVER, Plan, arrivals, follow

PLAN = Plan(signers=1_000_000, readers=10_000, mails=50.0, printed=500.0)


@given(st.integers(1, 20_000_000))
def test_everybody_comes_in_some_minute(signers: int) -> None:
    coming = arrivals(signers)
    assert len(coming) == MINUTES
    assert sum(coming) == pytest.approx(signers)
    assert min(coming) > 0


@given(st.floats(1, 1000))
def test_nobody_confirms_who_was_not_mailed(mails: float) -> None:
    day = list(follow(replace(PLAN, mails=mails)))
    mailed = PLAN.signers - day[-1].mails_waiting
    assert 0 <= sum(minute.confirms for minute in day) * 60 <= mailed * (1 - NEVER) + 1e-6
    assert all(minute.mails_waiting >= 0 for minute in day)


def test_mail_waits_only_where_it_is_slower_than_the_forms() -> None:
    slow, quick = (list(follow(replace(PLAN, mails=mails))) for mails in (0.5, 1000.0))
    assert max(minute.mails_waiting for minute in quick) == 0
    assert slow[-1].mails_waiting == pytest.approx(PLAN.signers - 0.5 * 86_400)
    assert max(minute.mail_delay for minute in slow) > 3600


def test_an_edition_prints_within_its_interval_and_its_own_time() -> None:
    assert all(60 <= minute.edition_lag <= 120 for minute in follow(PLAN))
    assert max(minute.edition_lag for minute in follow(replace(PLAN, printed=8.0))) > 180


def test_readers_peak_with_the_signers() -> None:
    day = list(follow(PLAN))
    assert max(minute.readers for minute in day) == PLAN.readers
    assert max(day, key=lambda minute: minute.signs).readers == PLAN.readers
