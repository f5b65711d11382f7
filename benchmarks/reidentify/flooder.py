"""What a flooder finds, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from statistics import mean

from benchmarks.reidentify.hold import hold_stops
from benchmarks.reidentify.letter import Life
from benchmarks.reidentify.masks import unmask
from benchmarks.reidentify.siege import besiege
from benchmarks.reidentify.traffic import find_in_traffic
from benchmarks.reidentify.watcher import Watcher
from letters.models.signatures import Display

TARGETS = 300
"""How many signers of a letter the flooder goes for, each in an attack of its own."""


@dataclass(frozen=True)
class Flood:
    """Attacks on one dimension of one letter, on targets drawn from its unknown signers.

    Shares of the targets found: `alone`, when nobody else comes, and of those with the hold on, by a `hasty` and by a
    `patient` flooder; in the letter's own traffic, `certain` and `likely`; and of pseudonymous ones alone, `unmasked`.
    Mean costs: `mailboxes` and `editions` of an attack alone, and the `company` that an unmasking takes.
    """

    alone: float
    mailboxes: float
    editions: float
    hasty: float
    patient: float
    certain: float
    likely: float
    unmasked: float
    company: float


def flood(life: Life, dimension: str, chance: Random) -> Flood:
    """Attack up to `TARGETS` signers, and as many of those under a pseudonym."""
    unknown = sorted(Watcher(life).unknown)
    targets = chance.sample(unknown, min(TARGETS, len(unknown)))
    masked = [number for number in unknown if life.signers[number].display is Display.PSEUDONYM]
    masked = chance.sample(masked, min(TARGETS, len(masked)))
    cells = {number: life.cell(number, dimension) for number in targets}
    sieges = {number: besiege(life, number, dimension) for number in targets}
    found = {number for number, siege in sieges.items() if siege.find(cells[number]) == cells[number]}
    hasty, patient = (
        [number in found and not hold_stops(life, number, dimension, chance, hasty=hasty) for number in targets]
        for hasty in (True, False)
    )
    traffic = [find_in_traffic(life, number, dimension) for number in targets]
    unmasked = [unmask(life, number, dimension) for number in masked]
    return Flood(
        alone=len(found) / len(targets),
        mailboxes=mean(siege.mailboxes for siege in sieges.values()),
        editions=mean(siege.editions for siege in sieges.values()),
        hasty=mean(hasty),
        patient=mean(patient),
        certain=mean(certain for certain, _ in traffic),
        likely=mean(likely for _, likely in traffic),
        unmasked=mean(found for found, _ in unmasked),
        company=mean(cost for _, cost in unmasked),
    )
