"""Reports from elsewhere: a number of each kind, beside the count and never in it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.models.standing import Gathered
from letters.models.values import Unverified
from letters.organising.standing.errors import BadNumber
from letters.organising.standing.reports import MOST, parse_number, remove_report, report
from letters.organising.teams.trail import Act, read_trail
from tests.letters.organising.standing.test_lists import doing
from tests.parts.campaign import Campaign
from tests.parts.organiser import Organiser

DAY = date(2026, 12, 3)


def reported(organiser: Organiser, ours: Campaign, gathered: Gathered, count: int) -> None:
    who = doing(organiser, ours)
    ours.runtime.settle(lambda session: report(session, who, ours.slug, gathered, count, DAY))


def test_a_report_replaces_the_one_of_its_kind_and_moves_no_total(organiser: Organiser, ours: Campaign) -> None:
    ours.join(1)
    ours.release()
    for gathered, count in ((Gathered.PAPER, 300), (Gathered.EARLIER, 50), (Gathered.PAPER, 312)):
        reported(organiser, ours, gathered, count)
    assert ours.letter.unverified == [Unverified(Gathered.EARLIER, 50, DAY), Unverified(Gathered.PAPER, 312, DAY)]
    ours.join(2)
    assert ours.release().total == 2


def test_a_report_is_taken_back_once_and_the_trail_keeps_both(organiser: Organiser, ours: Campaign) -> None:
    reported(organiser, ours, Gathered.PAPER, 312)
    who = doing(organiser, ours)
    for _ in range(2):
        ours.runtime.settle(lambda session: remove_report(session, who, ours.slug, Gathered.PAPER))
    assert ours.letter.unverified == []
    with ours.runtime.reading() as session:
        lines = [line for line in read_trail(session, organiser.team_id) if line.act is Act.UNVERIFIED_REPORTED]
    assert [(line.count, line.reason) for line in lines] == [(0, "paper"), (312, "paper")]


@given(st.integers(1, MOST))
def test_a_number_is_read_however_its_thousands_are_set_apart(number: int) -> None:
    for separator in ("", " ", "\u00a0", "\u202f"):
        assert parse_number(f" {number:,} ".replace(",", separator)) == number


@pytest.mark.parametrize("typed", ["", "0", "-1", "1.5", "1,200", "٣", "²", "many", str(MOST + 1), "9" * 5000])
def test_what_is_no_number_of_signatures_is_refused(typed: str) -> None:
    with pytest.raises(BadNumber):
        parse_number(typed)
