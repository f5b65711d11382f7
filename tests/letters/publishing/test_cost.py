"""What editions and signing cost follows what is new, not what is there: counted in SQLite's own instructions."""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import event, text

from letters.runtime import Runtime
from letters.worker import sweep
from tests.letters.publishing.crowd import Crowd, Signer, open_crowd

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

FEW, MANY = 30, 3000

SIGNATURES = """
WITH RECURSIVE numbers(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)
INSERT INTO signatures (id, letter_id, state, display, standing, profession, region, sealed, address_index, pseudonym,
    mailed, listed, news, press, pact, edition, printed_profession, printed_region, printed_standing, printed_named)
SELECT randomblob(16), letter_id, state, display, standing, profession, region, sealed, randomblob(32), -n,
    mailed, listed, news, press, pact, edition, printed_profession, printed_region, printed_standing, printed_named
FROM numbers, signatures WHERE id = :like
"""
ENTRIES = """
INSERT INTO entries (letter_id, edition, position, signature_id, pseudonym, profession, region, leaving)
SELECT letter_id, edition, -pseudonym, id, pseudonym, profession, region, FALSE
FROM signatures WHERE -pseudonym BETWEEN :first AND :last
"""


class Meter:
    """Counts the instructions that SQLite runs, in tens."""

    def __init__(self, runtime: Runtime) -> None:
        self.tens = 0
        event.listen(runtime.engine, "checkout", self._attach)

    def of(self, verb: Callable[[], object]) -> int:
        before = self.tens
        verb()
        return self.tens - before

    def _attach(self, connection: sqlite3.Connection, *_: Any) -> None:
        connection.set_progress_handler(self._tick, 10)

    def _tick(self) -> int:
        self.tens += 1
        return 0


def waiting(crowd: Crowd, first: int) -> list[Signer]:
    return [crowd.join(number, display="pseudonym") for number in range(first, first + 5)]


def grow(crowd: Crowd, like: Signer, first: int, last: int) -> None:
    """Let so many more signatures stand that an edition has printed."""
    numbers = {"first": first + 100, "last": last + 99}
    crowd.tamper(
        text(SIGNATURES).bindparams(**numbers, like=like.signature),
        text(ENTRIES).bindparams(**numbers),
    )


def costs(crowd: Crowd, first: int) -> Mapping[str, int]:
    """What each verb costs once, with five new signatures waiting."""
    meter, runtime = Meter(crowd.runtime), crowd.runtime
    here, pending = waiting(crowd, first), crowd.sign(first + 10)
    return {
        "look": meter.of(crowd.tend),
        "release": meter.of(crowd.release),
        "sign": meter.of(lambda: crowd.sign(first + 11)),
        "confirm": meter.of(lambda: crowd.confirm(pending)),
        "change": meter.of(lambda: crowd.change(here[0], display="pseudonym", profession="midwife")),
        "withdraw": meter.of(lambda: crowd.withdraw(here[1])),
        "sweep": meter.of(lambda: runtime.settle(lambda session: sweep(session, runtime.clock()))),
    }


def test_nothing_costs_more_because_many_have_signed(runtime: Runtime) -> None:
    crowd = open_crowd(runtime, at_least=50, pact=1000)
    first = crowd.join(1, display="pseudonym")
    crowd.release()
    grow(crowd, first, 1, FEW)
    small = costs(crowd, first=100)
    grow(crowd, first, FEW + 1, MANY)
    large = costs(crowd, first=200)
    assert {verb: cost for verb, cost in large.items() if cost > 1.5 * small[verb] + 10} == {}
