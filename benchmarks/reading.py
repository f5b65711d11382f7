"""The letter's page, warm, against a bare Flask handler that answers the same bytes, with and without a crowd."""

from __future__ import annotations

from functools import partial

from benchmarks.ground import PAGE, SIZES, Ground
from benchmarks.load import WrongAnswer, ask
from benchmarks.tables import head, line
from benchmarks.turns import in_turns, middle
from benchmarks.wire import whole_answer
from benchmarks.wrk import Pages, drive

ROUNDS, SECONDS = 5, 2
GOAL, SAME = 0.9, 0.95


def measure(ground: Ground) -> None:
    """Print both rates for every size of crowd, and the product's against that of an empty letter."""
    works = {}
    for name, many in SIZES.items():
        product, floor = ground.product(name).port, ground.bare(name).port
        check_page(product, floor, many)
        works[name] = partial(_read, product, PAGE)
        works[f"bare {name}"] = partial(_read, floor, "/")
    seen = in_turns(ROUNDS, works)
    head(
        "letter page, warm, 16 clients",
        "bytes",
        "product per s",
        "bare Flask per s",
        "ratio",
        "goal",
        "of empty",
        "goal",
        "p50 ms",
        "p99 ms",
    )
    empty = _rate(seen["empty"])
    for name, many in SIZES.items():
        ours, bare = _rate(seen[name]), _rate(seen[f"bare {name}"])
        size = len(ask(ground.product(name).port, PAGE).body)
        beside = ("–", "–") if not many else (f"{ours / empty:.2f}", f"{SAME}")
        times = (
            f"{middle(seen[name], lambda pages: pages.p50) * 1000:.1f}",
            f"{middle(seen[name], lambda pages: pages.p99) * 1000:.1f}",
        )
        line(
            f"{many:,} signatures",
            f"{size:,}",
            f"{ours:,.0f}",
            f"{bare:,.0f}",
            f"{ours / bare:.2f}",
            f"{GOAL}",
            *beside,
            *times,
        )


def check_page(product: int, floor: int, many: int) -> None:
    """Raises `WrongAnswer` unless the page says how many signed, and the floor answers the same bytes."""
    page, bare = ask(product, PAGE), ask(floor, "/")
    if page.status != 200 or page.body != bare.body or len(page.headers) != len(bare.headers):
        raise WrongAnswer(f"product {page.headers}, floor {bare.headers}")
    if many and f"{many:,}".encode() not in page.body:
        raise WrongAnswer(f"the page does not say {many:,}")


def _read(port: int, path: str, _number: int) -> Pages:
    return drive(f"http://127.0.0.1:{port}{path}", SECONDS, len(whole_answer(port, path)), Accept_Language="en")


def _rate(rounds: list[Pages]) -> float:
    return middle(rounds, lambda pages: pages.rate)
