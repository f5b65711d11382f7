"""Print every ratio of docs/benchmarks.md, each side by side with its floor."""

from collections.abc import Callable, Iterator
from itertools import repeat
from statistics import median

from benchmarks.appending import measure as measure_appending
from benchmarks.auditing import measure as measure_auditing
from benchmarks.dashboard import measure as measure_dashboard
from benchmarks.exporting import measure as measure_exporting
from benchmarks.installation import SLUG, Installation, installation
from benchmarks.load import Result, get, post, run
from benchmarks.servers import resident_megabytes, serving

ROUNDS, SECONDS = 5, 2.0
PRODUCT = "letters.app:app_from_environment"
PER_ROUND = 6_000
"""Forms made ready for one round; more than a round can send."""

Round = Callable[[int], Result]


def main() -> None:
    """Measure reading and writing, product and floor in turns, and the memory of the worker afterwards."""
    with installation() as place:
        environment = place.environment
        with (
            serving(PRODUCT, environment) as (port, worker),
            serving(PRODUCT, {**environment, "UNDERSIGNED_THROTTLE": "on"}) as (careful, _),
            serving("benchmarks.floors:hello", environment) as (hello, _),
            serving("benchmarks.floors:two_rows", environment) as (rows, _),
        ):
            two_rows = _writes(rows, "/", repeat(b"text=" + b"x" * 300))
            print("| work | floor | product per s | floor per s | ratio | goal | p50 ms | p99 ms |")
            print("|---|---|---|---|---|---|---|---|")
            _row("letter page, warm", "bare Flask hello", _reads(port, f"/en/letters/{SLUG}"), _reads(hello, "/"), 0.7)
            _row("sign POST", "bare Flask, two rows", _signs(place, port), two_rows, 0.5)
            _row(
                "sign POST, throttled",
                "the same, not",
                _signs(place, careful, "slow."),
                _signs(place, port, "fast."),
                0.9,
            )
            _row("confirm POST", "bare Flask, two rows", _confirms(place, port), two_rows, 0.5)
            print(f"\nWeb worker afterwards: {resident_megabytes(worker):.0f} MB resident (goal: under 120).\n")
    for measure in (measure_auditing, measure_appending, measure_dashboard, measure_exporting):
        measure()
        print()


def _row(work: str, against: str, product: Round, floor: Round, goal: float) -> None:
    """Measure in turns, so that what else the machine does hits both; the ratio is that of the medians."""
    results = [_turn(product, floor, number) for number in range(ROUNDS)]
    ours, bare = (median(pair[side].rate for pair in results) for side in (0, 1))
    p50, p99 = (median(pair[0].percentile(share) for pair in results) * 1000 for share in (0.5, 0.99))
    print(
        f"| {work} | {against} | {ours:.0f} | {bare:.0f} | {ours / bare:.2f} | {goal} | {p50:.1f} | {p99:.1f} |",
        flush=True,
    )


def _turn(product: Round, floor: Round, number: int) -> tuple[Result, Result]:
    """One round of each; the second of a turn finds the machine warmer, so that each is second every other time."""
    if number % 2:
        bare = floor(number)
        return product(number), bare
    return product(number), floor(number)


def _reads(port: int, path: str) -> Round:
    return lambda _number: run(port, repeat(get(path)), b"HTTP/1.1 200", SECONDS)


def _writes(port: int, path: str, bodies: Iterator[bytes]) -> Round:
    return lambda _number: run(port, (post(path, body) for body in bodies), b"HTTP/1.1 303", SECONDS)


def _signs(place: Installation, port: int, clan: str = "") -> Round:
    """Each form is another person's, and comes from another network, so that none is over its limit."""

    def measure(number: int) -> Result:
        first = number * PER_ROUND
        forms = place.forms(first, PER_ROUND, clan)
        requests = (post(f"/en/letters/{SLUG}/sign", form, first + n) for n, form in enumerate(forms))
        return run(port, requests, b"HTTP/1.1 303", SECONDS)

    return measure


def _confirms(place: Installation, port: int) -> Round:
    links = place.links()
    share = len(links) // ROUNDS

    def measure(number: int) -> Result:
        mine = iter(links[number * share : (number + 1) * share])
        return run(port, (post(link, b"") for link in mine), b"HTTP/1.1 303", SECONDS)

    return measure


main()
