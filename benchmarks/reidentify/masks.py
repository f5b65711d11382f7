"""The n-1 attack on a pseudonym: made-up entries that a target's entry finds as its only company."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.reidentify.crowd import specialties_of
from benchmarks.reidentify.hold import likeliest
from benchmarks.reidentify.letter import DIMENSIONS, Life
from letters.publishing.coarsening import Traits, coarsen
from letters.vocabularies.professions import Professions
from letters.vocabularies.regions import ABROAD


def unmask(life: Life, number: int, dimension: str) -> tuple[bool, int]:
    """Whether a pseudonymous target's entry tells its cell when only fakes are printed with it, and how many."""
    signer = life.signers[number]
    fakes = _company_for(life, dimension)
    people = [Traits(signer.profession, signer.region), *fakes]
    professions, regions = life.country.professions, life.country.regions
    pair = coarsen(people, life.rules.policy.threshold, professions.ancestors, regions.ancestors)[0]
    shown = pair[DIMENSIONS.index(dimension)]
    if shown is not None and dimension == "profession":
        shown = professions.profession_of(shown) if shown in professions else None
    return shown == life.cell(number, dimension), len(fakes)


def _company_for(life: Life, dimension: str) -> list[Traits]:
    """Per cell, one entry too few to be printed so, with specialties and without: as mixed as can be otherwise.

    Where the regions are many it is for the likeliest: more company would find itself in finer pairs.
    """
    each, professions = life.rules.policy.threshold - 1, life.country.professions
    special = [code for code in professions.counted if specialties_of(professions, code)]
    if dimension == "profession":
        regions = [code for code in life.codes("region") if code != ABROAD]
        places = [(code, regions[place % len(regions)]) for code in professions.counted for place in range(each)]
        return _with_specialties(professions, places)
    chosen = likeliest(life, dimension)[: (each - 1) * len(special) // each]
    regions = [region for region in chosen for _ in range(each)]
    return _with_specialties(professions, [(special[n % len(special)], region) for n, region in enumerate(regions)])


def _with_specialties(professions: Professions, places: Sequence[tuple[str, str]]) -> list[Traits]:
    fakes = []
    for place, (code, region) in enumerate(places):
        below = specialties_of(professions, code)
        fakes.append(Traits(code, region))
        fakes += [Traits(below[place % len(below)], region)] if below else []
    return fakes
