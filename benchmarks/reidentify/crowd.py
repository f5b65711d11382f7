"""Made-up signers: when they come, what they are, what they show, and when a few of them come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from random import Random

from letters.models.signatures import Display
from letters.publishing.tallies import Scheme
from letters.vocabularies.professions import Professions
from letters.vocabularies.regions import ABROAD, Regions

DAY = 24 * 60
"""Minutes."""
OPEN_DAYS, CHANGE_DAYS = 60, 30
"""How long the letter is open, and how long after that a signature can be changed."""


@dataclass(frozen=True)
class Signer:
    """One made-up person; moments are minutes since the letter opened.

    Who comes back at `returns` shows `turns` from then on, or withdraws where that is None. `known` says that the
    observer knows this signer's cells beforehand.
    """

    minute: int
    profession: str
    region: str
    display: Display
    known: bool = False
    returns: int | None = None
    turns: Display | None = None


@dataclass(frozen=True)
class Habits:
    """Which shares of the signers choose what, and come back for what; all made up.

    `frightened` ones withdraw within two weeks after the letter has closed, besides those who do so anyway.
    """

    pseudonymous: float = 0.2
    named: float = 0.1
    known: float = 0.1
    withdrawing: float = 0.015
    changing: float = 0.01
    frightened: float = 0.0


USUAL = Habits()
FRIGHTENED = Habits(frightened=0.05)
MOSTLY_NAMED = Habits(pseudonymous=0.1, named=0.8)


@dataclass(frozen=True)
class Country:
    """Who signs a letter: how many, by which shares, and how the vocabularies cut them."""

    name: str
    signers: int
    professions: Professions
    regions: Regions
    profession_shares: Mapping[str, float]
    region_shares: Mapping[str, float]

    @property
    def scheme(self) -> Scheme:
        return Scheme(self.professions.profession_of, self.professions.counted, self.regions.codes)


_LEADING = {"doctor": 42, "nurse": 24, "paramedic": 7, "medical-student": 6, "health-technician": 3, "midwife": 3}
"""Per cent of the signers; the other professions share what is left, each with less than the one before (1/rank)."""
_BELARUS = {"BY-HM": 36, "BY-HO": 13, "BY-HR": 12, "BY-BR": 12, "BY-VI": 10, "BY-MI": 8, "BY-MA": 7, ABROAD: 2}
_RUSSIA = {"RU-MOW": 30, "RU-SPE": 16, "RU-MOS": 7, "RU-SVE": 4, "RU-NVS": 3, "RU-TA": 3, "RU-NIZ": 2, ABROAD: 2}

SPECIALISED = 0.7
"""The share of a profession that chooses one of its specialties, if it has any; they too go by 1/rank."""
_BY_HOUR = (4, 2, 1, 1, 1, 2, 5, 9, 12, 13, 13, 12, 12, 12, 11, 11, 12, 13, 14, 16, 18, 17, 13, 8)
"""How busy each hour of the day is."""


def belarus(signers: int = 4_400) -> Country:
    """The size of the letter of the Belarusian doctors."""
    return _country("Belarus", signers, ("BY",), _BELARUS)


def russia(signers: int = 15_000) -> Country:
    """The size of the letter of the Russian doctors, nurses and paramedics."""
    return _country("Russia", signers, ("RU",), _RUSSIA)


def draw_signers(country: Country, chance: Random, habits: Habits = USUAL) -> list[Signer]:
    """Draw everybody who signs, in the order in which they come."""
    specialties = {code: specialties_of(country.professions, code) for code in country.professions.counted}
    codes = _drawn(country.profession_shares, country.signers, chance)
    regions = _drawn(country.region_shares, country.signers, chance)
    signers = [
        _draw_signer(_specialty(specialties[code], code, chance), region, chance, habits)
        for code, region in zip(codes, regions, strict=True)
    ]
    return sorted(signers, key=lambda signer: signer.minute)


def specialties_of(professions: Professions, code: str) -> list[str]:
    """The specialties of a profession."""
    return [key for key, entry in professions.entries.items() if entry.parent == code]


def _draw_signer(profession: str, region: str, chance: Random, habits: Habits) -> Signer:
    minute, known = _arrival(chance), chance.random() < habits.known
    shares = habits.pseudonymous, habits.named, 1 - habits.pseudonymous - habits.named
    display = chance.choices((Display.PSEUDONYM, Display.NAMED, Display.COUNTED), shares)[0]
    signer = Signer(minute, profession, region, display, known)
    roll = chance.random()
    if roll < habits.withdrawing + habits.changing:
        others = [other for other in Display if other is not display]
        returns = min(minute + 60 + int(chance.expovariate(1 / (10 * DAY))), (OPEN_DAYS + CHANGE_DAYS) * DAY - 1)
        return replace(signer, returns=returns, turns=None if roll < habits.withdrawing else chance.choice(others))
    if chance.random() < habits.frightened:
        return replace(signer, returns=OPEN_DAYS * DAY + chance.randrange(14 * DAY))
    return signer


def _arrival(chance: Random) -> int:
    """Three in five come in the first days; the rest trickles in, fewer each week, until the letter closes."""
    days = chance.expovariate(1 / 2) if chance.random() < 0.6 else chance.expovariate(1 / 18)
    hour = chance.choices(range(24), _BY_HOUR)[0]
    return int(days % OPEN_DAYS) * DAY + hour * 60 + chance.randrange(60)


def _specialty(specialties: Sequence[str], code: str, chance: Random) -> str:
    if not specialties or chance.random() >= SPECIALISED:
        return code
    return chance.choices(specialties, [1 / rank for rank in range(1, len(specialties) + 1)])[0]


def _drawn(shares: Mapping[str, float], count: int, chance: Random) -> list[str]:
    return chance.choices(list(shares), cum_weights=list(accumulate(shares.values())), k=count)


def _country(name: str, signers: int, countries: Sequence[str], leading: Mapping[str, float]) -> Country:
    professions, regions = Professions.load("health"), Regions.load(countries)
    by_profession = _filled(_LEADING, professions.counted)
    return Country(name, signers, professions, regions, by_profession, _filled(leading, regions.codes))


def _filled(leading: Mapping[str, float], codes: Sequence[str]) -> dict[str, float]:
    """Shares in per cent for all codes: the others divide the rest by 1/rank."""
    others = [code for code in codes if code not in leading]
    weights = [1 / rank for rank in range(1, len(others) + 1)]
    left = 100 - sum(leading.values())
    return {
        **leading,
        **{code: left * weight / sum(weights) for code, weight in zip(others, weights, strict=True)},
    }
