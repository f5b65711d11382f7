"""How far the hold on sudden bursts keeps a flooder off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from benchmarks.reidentify.crowd import DAY
from benchmarks.reidentify.letter import Life
from verification.access.pace import SLOT, Pace

OPENING = datetime(2026, 1, 1, tzinfo=UTC)


def passing(life: Life, number: int, fakes: int, chance: Random, *, hasty: bool) -> tuple[int, bool]:
    """How many of so many fakes around a target are counted, not held, and whether the target is.

    The hasty flooder confirms them in the ten minutes of the target's visit, the patient one spreads them over the
    interval. The letter's other signers make the day's median.
    """
    visit, every = life.signers[number].minute, life.rules.every
    start = visit - visit % every
    when = [visit * 60] * fakes if hasty else [start * 60 + place * every * 60 // fakes for place in range(fakes)]
    when = [moment - moment % SLOT if hasty else moment for moment in when]
    events = [(moment, chance.random(), True) for moment in when]
    mine = visit * 60 - visit * 60 % SLOT if hasty else visit * 60
    honest = [(signer.minute * 60, 0.0, False) for signer in life.signers if visit - DAY < signer.minute < visit]
    clock = _Clock()
    pace = Pace(clock)
    passed, target = 0, False
    for moment, order, fake in sorted([*honest, *events, (mine, chance.random(), False)]):
        clock.now = OPENING + timedelta(seconds=moment)
        pace.count(1)
        counted = not pace.bursting()
        passed += fake and counted
        if not fake and order > 0:
            target = counted
    return passed, target


@dataclass
class _Clock:
    now: datetime = OPENING

    def __call__(self) -> datetime:
        return self.now


def hold_stops(life: Life, number: int, dimension: str, chance: Random, *, hasty: bool) -> bool:
    """Whether the hold keeps a target from being found by a flooder whose cells need only their last fakes."""
    policy, codes = life.rules.policy, likeliest(life, dimension)
    each = policy.moves_after - 1
    passed, counted = passing(life, number, each * len(codes), chance, hasty=hasty)
    reached = codes[: passed // each] if each else codes
    return not counted or life.cell(number, dimension) not in reached


def likeliest(life: Life, dimension: str) -> list[str]:
    country = life.country
    shares = country.profession_shares if dimension == "profession" else country.region_shares
    return sorted(life.codes(dimension), key=lambda code: -shares[code])
