"""A clock that steps back an hour or forward a day while a letter is open: nothing is lost or counted twice."""

from datetime import timedelta

import pytest

from letters.runtime import Runtime
from letters.worker import sweep
from tests.faults.measured import Measure
from tests.faults.processes import sent_again
from tests.letters.publishing.crowd import open_crowd
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock

STEPS = [timedelta(hours=-1), timedelta(days=1)]


@pytest.fixture
def clock() -> Clock:
    """A clock that can be set."""
    return Clock()


@pytest.mark.parametrize("step", STEPS, ids=["an hour back", "a day forward"])
def test_a_signature_survives_the_step_wherever_it_is(
    campaign: Campaign, clock: Clock, step: timedelta, measured: Measure
) -> None:
    campaign.join(1)
    campaign.sign(name="Waits for mail", email="waits@example.org")
    campaign.sign(name="Has mail", email="has@example.org")
    campaign.send_mail()
    campaign.sign(name="Comes later", email="later@example.org")
    clock.now += step
    campaign.runtime.settle(lambda session: sweep(session, clock.now))
    campaign.send_mail()
    for address in ("waits@example.org", "has@example.org", "later@example.org"):
        links = campaign.links(address)
        assert len(links) == 1
        assert campaign.confirm(links[0]).status_code == 303
    campaign.join(2)
    total = campaign.release().total
    assert total == 5
    measured(
        f"the clock stepped {'an hour back' if step < timedelta() else 'a day forward'}",
        "once, with signatures waiting for their mail, for their button and for their edition",
        lost=max(0, 5 - total),
        counted_twice=max(0, total - 5),
        sent_twice=sent_again(campaign.mail_server.accepted),
    )


@pytest.mark.parametrize("step", STEPS, ids=["an hour back", "a day forward"])
def test_editions_go_on_within_an_interval_of_the_step(runtime: Runtime, clock: Clock, step: timedelta) -> None:
    crowd = open_crowd(runtime, every=timedelta(hours=6))
    crowd.join(1)
    clock.advance(hours=6)
    crowd.tend()
    clock.now += step
    crowd.join(2)
    crowd.tend()
    clock.advance(hours=6)
    crowd.tend()
    assert (crowd.letter.total, crowd.recount()) == (2, [])


def test_a_day_forward_and_back_again_holds_nothing_up(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, every=timedelta(hours=6))
    crowd.join(1)
    clock.advance(days=1)
    crowd.tend()
    crowd.join(2)
    clock.advance(days=-1)
    crowd.tend()
    clock.advance(hours=6)
    crowd.tend()
    assert (crowd.letter.total, crowd.recount()) == (2, [])
