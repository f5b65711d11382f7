"""The day minute by minute: who comes, which mail waits, who confirms, and when it is printed. Pure.

What builds up over minutes and hours is followed here as a flow; what happens within seconds is simulated request by
request (`site`) at the rates that this gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

HOURS = (3, 2, 1, 1, 1, 2, 5, 10, 14, 15, 15, 16, 18, 17, 15, 15, 16, 18, 21, 26, 32, 29, 20, 9)
"""How many come in each hour, in proportion: a working day with a peak in the evening. A choice, not a measurement."""
NEWS = range(20 * 60, 20 * 60 + 15)
"""The minutes after the evening news, in which twice as many come."""
MINUTES = 24 * 60

NEVER = 0.1
"""The share of mails whose link nobody presses."""
SOON, LATER = (0.7, 5.0), (0.2, 120.0)
"""The share of those that are, and after how many minutes on average."""


@dataclass(frozen=True)
class Plan:
    """What the day asks for, and what there is for it: `mails` and `printed` are rates a second, of all mail workers
    together and of one publisher. An edition comes at most every `every` seconds, and costs `edition` seconds besides.
    """

    signers: int
    readers: int
    mails: float
    printed: float
    every: float = 60.0
    edition: float = 0.0


@dataclass(frozen=True)
class Minute:
    """One minute: people signing and confirming a second, readers, mails and confirmed signatures that wait at its end,
    how long the last mail of the queue will wait, and how old the oldest signature is that an edition prints now."""

    number: int
    signs: float
    confirms: float
    readers: float
    mails_waiting: float
    mail_delay: float
    unprinted: float
    edition_lag: float


def arrivals(signers: int) -> list[float]:
    """People who sign in each minute of the day; together all of them."""
    weights = [HOURS[minute // 60] * (2 if minute in NEWS else 1) for minute in range(MINUTES)]
    return [signers * weight / sum(weights) for weight in weights]


def follow(plan: Plan) -> Iterator[Minute]:
    """The day, minute by minute; what it has not finished by then is in its last minute."""
    coming = arrivals(plan.signers)
    peak = max(coming)
    waiting, undecided, unprinted, next_edition = 0.0, [0.0, 0.0], 0.0, 0.0
    for number, signs in enumerate(coming):
        waiting += signs
        sent = min(waiting, plan.mails * 60)
        waiting -= sent
        confirms = 0.0
        for place, (share, minutes) in enumerate((SOON, LATER)):
            undecided[place] += sent * share
            pressed = undecided[place] / minutes
            undecided[place] -= pressed
            confirms += pressed
        unprinted, next_edition, lag = _print(plan, number * 60.0, unprinted + confirms, next_edition)
        yield Minute(
            number=number,
            signs=signs / 60,
            confirms=confirms / 60,
            readers=plan.readers * signs / peak,
            mails_waiting=waiting,
            mail_delay=waiting / plan.mails,
            unprinted=unprinted,
            edition_lag=lag,
        )


def _print(plan: Plan, now: float, unprinted: float, due: float) -> tuple[float, float, float]:
    """What is left after the editions of this minute, when the next may come, and the lag of the oldest signature."""
    takes = plan.edition + unprinted / plan.printed
    if now < due:
        return unprinted, due, due - now + plan.every + takes
    return 0.0, now + max(plan.every, takes), plan.every + takes
