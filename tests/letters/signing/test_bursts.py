"""A sudden burst is held: confirmed and not counted, until an organiser has looked; nobody in it loses anything."""

import pytest

from letters.runtime import Runtime
from letters.signing.confirming import confirm
from tests.letters.publishing.crowd import Crowd, Signer, open_crowd
from tests.parts.clock import Clock
from verification.access.pace import Pace
from verification.mailbox.challenges import Kind, Outcome, challenge_about


@pytest.fixture
def crowd(runtime: Runtime) -> Crowd:
    return open_crowd(runtime)


@pytest.fixture
def pace(clock: Clock, crowd: Crowd) -> Pace:
    """A letter that has seen five in each of six slots, and 50 in this one."""
    pace = Pace(clock)
    for number in (5, 5, 5, 5, 5, 5, 50):
        clock.advance(minutes=10)
        for _ in range(number):
            pace.count(crowd.letter.id)
    return pace


def press(crowd: Crowd, signer: Signer, pace: Pace) -> Outcome:
    runtime = crowd.runtime
    return runtime.settle(
        lambda session: confirm(session, signer.challenge, runtime.clock(), runtime.chance, pace),
    )


def test_what_comes_in_a_burst_is_held_with_all_that_a_signature_has(crowd: Crowd, pace: Pace) -> None:
    before, within = crowd.sign(1), crowd.sign(2, display="pseudonym")
    assert press(crowd, before, pace) is Outcome.CONFIRMED
    assert press(crowd, within, pace) is Outcome.CONFIRMED
    assert (crowd.row(before).state, crowd.row(before).held_for) == ("confirmed", None)
    row = crowd.row(within)
    assert (row.state, row.held_for, row.news, row.expires_on) == ("held", "burst", True, None)
    assert row.pseudonym is not None
    with crowd.runtime.reading() as session:
        assert challenge_about(session, Kind.MANAGE, within.signature) is not None
    assert crowd.release().total == 1


def test_the_next_slot_is_no_burst(crowd: Crowd, pace: Pace, clock: Clock) -> None:
    pace.count(crowd.letter.id)
    clock.advance(minutes=10)
    signer = crowd.sign(1)
    press(crowd, signer, pace)
    assert crowd.row(signer).state == "confirmed"


def test_another_letters_burst_holds_nobody_here(crowd: Crowd, pace: Pace) -> None:
    for _ in range(100):
        pace.count(crowd.letter.id + 1)
    signer = crowd.sign(1)
    press(crowd, signer, pace)
    assert crowd.row(signer).state == "confirmed"


def test_pressing_again_and_again_is_no_burst(crowd: Crowd, pace: Pace) -> None:
    first, second = crowd.sign(1), crowd.sign(2)
    press(crowd, first, pace)
    pace = Pace(crowd.runtime.clock)
    for _ in range(100):
        press(crowd, first, pace)
    assert pace._letters == {}
    press(crowd, second, pace)
    assert crowd.row(second).state == "confirmed"


def test_without_precautions_nothing_is_held(crowd: Crowd) -> None:
    signer = crowd.confirm(crowd.sign(1))
    assert crowd.row(signer).state == "confirmed"
