"""Those who fail are left alone for longer and longer."""

from hypothesis import given
from hypothesis import strategies as st

from letters.organising.patience import FIRST, LONGEST, Patience
from tests.letters.organising.cosigning.conftest import Seconds


def test_who_never_failed_may_be_tried() -> None:
    assert Patience(Seconds()).over("a witness")


@given(st.integers(1, 100))
def test_the_wait_doubles_up_to_the_longest(failures: int) -> None:
    seconds = Seconds()
    patience = Patience(seconds)
    for _failure in range(failures):
        patience.failed("a witness")
    wait = min(FIRST * 2 ** (failures - 1), LONGEST)
    seconds.now = wait - 0.1
    assert not patience.over("a witness")
    assert patience.over("another")
    seconds.now = wait
    assert patience.over("a witness")


def test_success_begins_anew() -> None:
    seconds = Seconds()
    patience = Patience(seconds)
    for _failure in range(5):
        patience.failed("a witness")
    patience.worked("a witness")
    patience.worked("another")
    assert patience.over("a witness")
    patience.failed("a witness")
    seconds.now = FIRST
    assert patience.over("a witness")
