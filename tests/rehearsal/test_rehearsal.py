"""An installation of many machines that loses each of its parts while people sign and confirm."""

import pytest

from tests.rehearsal.rehearsal import FULL, SHORT, rehearse


def test_no_part_that_is_lost_takes_a_signature_with_it(pytestconfig: pytest.Config) -> None:
    plan = FULL if pytestconfig.getoption("--full") else SHORT
    outcome = rehearse(plan, print)
    assert (outcome.wrong, outcome.lost_mails, outcome.lost_names, outcome.counted_twice) == ([], 0, 0, 0)
    assert outcome.total == outcome.confirmed >= outcome.signed > 0
    assert {loss.part for loss in outcome.killed} == set(plan.killed)
    assert [(loss.part, loss.refused, loss.unanswered) for loss in outcome.rolled] == [
        (name, {}, 0) for name in plan.rolled
    ]
