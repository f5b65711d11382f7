"""Signing and confirming on an empty letter and on a million, against a bare Flask handler: two inserts, one commit.

Every answer is looked at, and afterwards the rows are counted: what was acknowledged is there, and nothing besides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import repeat

from sqlalchemy import func, select

from benchmarks.crowds import tidy, unconfirmed
from benchmarks.ground import PAGE, Ground
from benchmarks.installation import SLUG, Installation
from benchmarks.load import SEEN, Asked, Result, WrongAnswer, post, run
from benchmarks.tables import head, line
from benchmarks.turns import in_turns, middle
from letters.models.signatures import SignatureRow, SignatureState

ROUNDS, SECONDS = 5, 2.0
CLIENTS = (16, 64)
PER_ROUND = 3_000
"""Forms and links made ready for one round; more than a round can use."""
GOAL, SAME, TAIL, THROTTLED = 0.6, 0.9, 5, 0.9
TWO_ROWS = Asked(post("/", b"text=" + b"x" * 300), SEEN)

Round = Callable[[int], Result]


def measure(ground: Ground) -> None:
    """Print rates, ratios and latencies of both, for each number of clients."""
    head(
        *(
            "work",
            "clients",
            "per s on 0",
            "per s on 1,000,000",
            "bare Flask per s",
            "ratio",
            "goal",
            "of empty",
            "goal",
        ),
        *("p50 ms", "p99 ms", "p99 / p50", "goal under"),
    )
    for clients in CLIENTS:
        _row(ground, "sign POST", clients, signs)
        _row(ground, "confirm POST", clients, confirms)
    print()
    _throttled(ground)


def _row(ground: Ground, work: str, clients: int, rounds: Callable[[Installation, int, int], Round]) -> None:
    works = {name: rounds(ground.place(name), ground.product(name).port, clients) for name in ("empty", "million")}
    for name in works:
        tidy(ground.place(name).runtime)
    seen = in_turns(ROUNDS, {**works, "bare": two_rows(ground.bare("empty").port, clients)})
    empty, million, bare = (middle(seen[name], lambda result: result.rate) for name in ("empty", "million", "bare"))
    p50, p99 = (middle(seen["million"], partial(_percentile, share)) * 1000 for share in (0.5, 0.99))
    line(
        *(work, f"{clients}", f"{empty:,.0f}", f"{million:,.0f}", f"{bare:,.0f}", f"{million / bare:.2f}", f"{GOAL}"),
        *(f"{million / empty:.2f}", f"{SAME}", f"{p50:.0f}", f"{p99:.0f}", f"{p99 / p50:.1f}", f"{TAIL}"),
    )


def _throttled(ground: Ground) -> None:
    """All of throttling, for requests from many networks, in turns with the same server without it."""
    place, plain, careful = ground.place("empty"), ground.product("empty"), ground.product("empty", THROTTLE="on")
    clients = CLIENTS[0]
    works = {"on": signs(place, careful.port, clients), "off": signs(place, plain.port, clients)}
    seen = in_turns(ROUNDS, works)
    careful_rate, rate = (middle(seen[name], lambda result: result.rate) for name in ("on", "off"))
    head("work", "clients", "throttled per s", "not throttled per s", "ratio", "goal")
    line(
        "sign POST", f"{clients}", f"{careful_rate:,.0f}", f"{rate:,.0f}", f"{careful_rate / rate:.2f}", f"{THROTTLED}"
    )


def two_rows(port: int, clients: int) -> Round:
    """Rounds of the floor."""
    return lambda _number: run(port, repeat(TWO_ROWS), SECONDS, clients)


def signs(place: Installation, port: int, clients: int, seconds: float = SECONDS) -> Round:
    """Rounds of signing: each form is another person's and comes from another network."""

    def measure(_number: int) -> Result:
        before = _count(place, SignatureState.PENDING)
        result = run(port, sign_requests(place, PER_ROUND), seconds, clients)
        _check(result, _count(place, SignatureState.PENDING) - before)
        return result

    return measure


def confirms(place: Installation, port: int, clients: int) -> Round:
    """Rounds of confirming: each link is another person's."""
    links = [unconfirmed(place.runtime, SLUG, PER_ROUND) for _ in range(ROUNDS)]

    def measure(number: int) -> Result:
        before = _count(place, SignatureState.CONFIRMED)
        result = run(port, confirm_requests(links[number]), SECONDS, clients)
        _check(result, _count(place, SignatureState.CONFIRMED) - before)
        return result

    return measure


def sign_requests(place: Installation, many: int, kind: str = "") -> Iterator[Asked]:
    """Forms of people who have not signed yet, made ready at once, so that measuring does not wait for them."""
    first = place.people(many)
    asked = [
        Asked(post(f"{PAGE}/sign", form, first + number), SEEN, kind)
        for number, form in enumerate(place.forms(first, many))
    ]
    return iter(asked)


def confirm_requests(links: list[str], kind: str = "") -> Iterator[Asked]:
    """The buttons behind these links."""
    return iter([Asked(post(link, b""), SEEN, kind) for link in links])


def _check(result: Result, stored: int) -> None:
    if stored != result.answers:
        raise WrongAnswer(f"{result.answers} were acknowledged, {stored} are stored")


def _count(place: Installation, state: SignatureState) -> int:
    with place.runtime.reading() as session:
        counted = select(func.count()).select_from(SignatureRow).where(SignatureRow.state == state.value)
        return session.scalar(counted) or 0


def _percentile(share: float, result: Result) -> float:
    return result.percentile(share)
