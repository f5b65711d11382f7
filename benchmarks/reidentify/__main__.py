"""Print the tables of docs/reidentification.md: what observers find, policy by policy."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterable, Sequence
from random import Random
from statistics import mean

from benchmarks.reidentify.crowd import FRIGHTENED, MOSTLY_NAMED, USUAL, Country, Habits, belarus, draw_signers, russia
from benchmarks.reidentify.flooder import flood
from benchmarks.reidentify.letter import DIMENSIONS, IMPROVED, POLICIES, PROTECTED, Life, Rules, live
from benchmarks.reidentify.utility import base_rate, utility_of
from benchmarks.reidentify.watcher import Pins, Watcher, either, watch

SETTINGS: Sequence[tuple[str, Rules, Habits]] = (
    *((rules.name, rules, USUAL) for rules in POLICIES),
    ("protected, 5 % withdraw after closing", PROTECTED, FRIGHTENED),
    ("protected, 80 % named", PROTECTED, MOSTLY_NAMED),
    ("improved", IMPROVED, USUAL),
    ("improved, 5 % withdraw after closing", IMPROVED, FRIGHTENED),
)
WATCHER = (
    "policy", "signers", "editions", "hours late", "professions shown", "regions shown", "unknown signers",
    "pinned, certain", "pinned, 95 %", "of these profession, region", "pinned by",
)  # fmt: skip
FLOODER = (
    "signers", "dimension", "alone", "mailboxes", "editions", "hasty, hold on", "patient, hold on",
    "in traffic, certain", "in traffic, 95 %", "pseudonym alone", "mailboxes", "largest cell",
)  # fmt: skip


def main() -> None:
    """Both sizes, or the one asked for: up to 10,000 signers they are Belarus's, beyond that Russia's."""
    asked = _arguments()
    countries = [belarus(), russia()]
    if asked.signers:
        countries = [(belarus if asked.signers <= 10_000 else russia)(asked.signers)]
    print(_row(WATCHER), _row(["---"] * len(WATCHER)), sep="\n")
    for country in countries:
        for name, rules, habits in SETTINGS:
            print(_watched(name, country, rules, habits, asked), flush=True)
    print("", _row(FLOODER), _row(["---"] * len(FLOODER)), sep="\n")
    for country in countries:
        for dimension in DIMENSIONS:
            print(_flooded(country, dimension, asked), flush=True)


def _arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks.reidentify", description=__doc__)
    parser.add_argument("--signers", type=int, help="only a letter with so many signers (default: 4400 and 15000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3, help="how many crowds are drawn for each line (default: 3)")
    return parser.parse_args()


def _lives(country: Country, rules: Rules, habits: Habits, asked: Namespace) -> Iterable[Life]:
    """The same crowds for every policy."""
    for number in range(asked.rounds):
        yield live(country, rules, draw_signers(country, Random(f"{asked.seed} {number}"), habits))


def _watched(name: str, country: Country, rules: Rules, habits: Habits, asked: Namespace) -> str:
    uses, found, unknown = [], [], 0
    for life in _lives(country, rules, habits, asked):
        uses.append(utility_of(life))
        found.append(watch(life))
        unknown += len(Watcher(life).unknown)
    wrong = sum(len(pins.wrong) for pins in found)
    if wrong:
        raise SystemExit(
            f"{name}: {wrong} signers were pinned on what they are not; the observer's reasoning is wrong."
        )
    by_dimension = ", ".join(
        _percent(sum(len(pins.likely[dimension]) for pins in found), unknown) for dimension in DIMENSIONS
    )
    cells = [
        name,
        f"{country.signers:,} × {asked.rounds}",
        f"{mean(use.editions for use in uses):.0f}",
        f"{mean(use.hours_late for use in uses):.1f}",
        *(f"{mean(use.shown[dimension] for use in uses):.0%}" for dimension in DIMENSIONS),
        f"{unknown:,}",
        _percent(sum(len(either(pins.certain)) for pins in found), unknown),
        _percent(sum(len(either(pins.likely)) for pins in found), unknown),
        by_dimension,
        _ways(found),
    ]
    return _row(cells)


def _ways(found: Sequence[Pins]) -> str:
    ways: Counter[str] = Counter()
    for pins in found:
        ways.update({leak: len(signers) for leak, signers in pins.leaks.items()})
    return ", ".join(f"{leak} {count}" for leak, count in ways.most_common() if count) or "–"


def _flooded(country: Country, dimension: str, asked: Namespace) -> str:
    lives = _lives(country, PROTECTED, USUAL, asked)
    results = []
    for number, life in enumerate(lives):
        results.append((flood(life, dimension, Random(f"{asked.seed} {number} targets")), base_rate(life, dimension)))
    floods, bases = zip(*results, strict=True)
    shares = ("alone", "hasty", "patient", "certain", "likely", "unmasked")
    texts = {share: f"{mean(getattr(flood, share) for flood in floods):.1%}" for share in shares}
    texts |= {
        cost: f"{mean(getattr(flood, cost) for flood in floods):,.0f}" for cost in ("mailboxes", "editions", "company")
    }
    order = ("alone", "mailboxes", "editions", "hasty", "patient", "certain", "likely", "unmasked", "company")
    return _row(
        [f"{country.signers:,} × {asked.rounds}", dimension, *map(texts.__getitem__, order), f"{mean(bases):.1%}"]
    )


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.2%}" if whole else "–"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


main()
