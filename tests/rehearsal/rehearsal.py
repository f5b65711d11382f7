"""Losing each part in turn while people sign."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.rehearsal.installation import MACHINES, installed
from tests.rehearsal.looking import Loss, Outcome, look
from tests.rehearsal.parts import Part, Supervisor
from tests.rehearsal.visitors import Visitors


@dataclass(frozen=True)
class Plan:
    """How long a rehearsal is: each part is killed `rounds` times, and `each` people sign and confirm in between.

    `most` people come at most, with `pause` seconds between two steps of a thread; what dies starts again `after`
    seconds later.
    """

    killed: Sequence[str]
    rolled: Sequence[str]

    rounds: int
    each: int
    most: int
    pause: float
    after: float


SHORT = Plan(
    killed=("PostgreSQL", "Redis", "web 1", "worker 1", "nginx"),
    rolled=(),
    rounds=1,
    each=3,
    most=1_000,
    pause=1.0,
    after=0.2,
)
FULL = Plan(
    killed=("PostgreSQL", "Redis", *MACHINES, "nginx"),
    rolled=("web 1", "web 2"),
    rounds=2,
    each=20,
    most=4_000,
    pause=0.3,
    after=1.0,
)

NOTICED = 2.0
"""Seconds after which nginx comes again to a machine that it could not reach."""


def rehearse(plan: Plan, say: Callable[[str], None]) -> Outcome:
    """Install, lose every part in turn, and look at what is left."""
    with installed() as installation:
        parts = {part.name: part for part in installation.parts()}
        with running([*parts.values()][2:], Supervisor([*parts.values()], plan.after)) as supervisor:
            visitors = Visitors(installation.url, installation.mail, plan.most, plan.pause)
            losing = Losing(supervisor, visitors, plan, say)
            with visitors.coming():
                visitors.await_more(plan.each)
                killed = [losing.lose(parts[name], Part.kill) for _ in range(plan.rounds) for name in plan.killed]
                time.sleep(NOTICED)
                rolled = [losing.lose(parts[name], Part.ask_to_end) for name in plan.rolled]
            return look(installation, visitors, killed, rolled)


@contextmanager
def running(parts: Sequence[Part], supervisor: Supervisor) -> Iterator[Supervisor]:
    """Start the parts, all at once, and yield once they are watched; in the end all of them are killed."""
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        for part in parts:
            stack.callback(_end, part)
        list(pool.map(Part.begin, parts[:-1]))
        parts[-1].begin()
        with supervisor.watching():
            yield supervisor


def _end(part: Part) -> None:
    if not part.ended:
        part.kill()
        part.process().wait()


@dataclass(frozen=True)
class Losing:
    """Ending one part after the other, and noting what visitors were told meanwhile."""

    supervisor: Supervisor
    visitors: Visitors
    plan: Plan
    say: Callable[[str], None]

    def lose(self, part: Part, how: Callable[[Part], None]) -> Loss:
        """End the part, and return once it is back, and people have signed and confirmed again."""
        before = self.visitors.told()
        time.sleep(random.uniform(0, self.plan.pause))
        away = self.supervisor.lose(part, how)
        time.sleep(NOTICED if part.name.startswith("web") else 0)
        self.visitors.await_more(self.plan.each)
        after = self.visitors.told()
        self.say(f"lost {part.name} for {away:.1f} s")
        return Loss(
            part.name,
            away,
            after.refused - before.refused,
            after.unanswered - before.unanswered,
            after.signed - before.signed,
            after.confirmed - before.confirmed,
            after.mails_twice - before.mails_twice,
        )
