"""A letter whose names wait for one another, and what is asked of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from letters.models.editions import TallyRow
from letters.models.letters import LetterState
from letters.models.signatures import SignatureRow
from letters.models.values import Pact
from letters.runtime import Runtime
from tests.letters.publishing.crowd import Crowd
from tests.parts.clock import Clock

T = TypeVar("T")
NEEDED = 3


def pact(crowd: Crowd) -> Pact:
    found = crowd.letter.pact
    assert found is not None
    return found


def waiting(crowd: Crowd) -> int:
    """Rows that carry the pact or a name that is not printed, in whatever state."""
    with crowd.runtime.reading() as session:
        left = SignatureRow.pact.is_(True) | SignatureRow.name_box.is_not(None)
        return session.scalar(select(func.count()).select_from(SignatureRow).where(left)) or 0


def unnamed(crowd: Crowd) -> int:
    with crowd.runtime.reading() as session:
        tallies = select(func.sum(TallyRow.unnamed)).where(TallyRow.dimension == "standing")
        return session.scalar(tallies) or 0


def close(crowd: Crowd) -> None:
    crowd.enter(LetterState.CLOSED)
    crowd.tend()


def end(crowd: Crowd, clock: Clock) -> None:
    """Let the days for changes pass."""
    clock.advance(days=31)
    crowd.tend()


@dataclass(frozen=True)
class Interrupted(Runtime):
    """A worker's runtime beside which others act, each time that it has committed."""

    meanwhile: Callable[[], None] = lambda: None

    def settle(self, verb: Callable[[Session], T]) -> T:
        result = super().settle(verb)
        self.meanwhile()
        return result


def interrupted(crowd: Crowd, meanwhile: Callable[[], None]) -> Crowd:
    """The letter as that worker has it."""
    runtime = crowd.runtime
    own = Interrupted(runtime.settings, runtime.engine, runtime.clock, learn_every=0, meanwhile=meanwhile)
    return Crowd(own, crowd.slug)
