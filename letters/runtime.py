"""What the process runs on: settings, database, keys, clock, randomness, and the one place that commits."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from math import inf
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from letters.settings import Settings
from verification.database import SOON, make_engine, patient
from verification.database import reading as reading_only
from verification.errors import Refusal
from verification.gate import Gate
from verification.identity.account_keys import USUAL, Stretch
from verification.identity.keyring import Keyring
from verification.mailbox.tokens import Tokens
from verification.together import Together

T = TypeVar("T")

ATTEMPTS = 5
"""How often a verb is run when each run meets a constraint or a serialization failure."""


PLACES, GROUPED = 7, 16
"""How many requests of one web process may be at the database at once, and how many more may wait to be written
together, for which one connection is enough."""

READ_SECONDS, WRITE_SECONDS = 10.0, 60.0
"""How long a page of a web process waits for one answer of the database where nothing shorter is said."""


class CommitLost(OperationalError):
    """The connection was lost at a commit, and no later run could find out what became of it."""


class Busy(Refusal):
    """The database is away, does not answer, or has more to do than it can; nothing was stored."""


class Unsure(Busy):
    """The database went away while it was told to keep something: nobody here knows whether it did."""


SILENT = (OperationalError, PoolTimeout, Busy)
"""What is raised when the database is away, does not answer, or has too much to do."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Chance:
    """Randomness of the operating system; tests pass another."""

    token: Callable[[int], bytes] = secrets.token_bytes
    below: Callable[[int], int] = secrets.randbelow

    def shuffled(self, items: list[T]) -> list[T]:
        """A new list in an order that says nothing about the old one (Fisher and Yates)."""
        result = list(items)
        for last in range(len(result) - 1, 0, -1):
            chosen = self.below(last + 1)
            result[last], result[chosen] = result[chosen], result[last]
        return result


def _passes(error: DBAPIError | PoolTimeout) -> bool:
    """Whether running again may end otherwise; SQLSTATE 40001 and 40P01 are serialization failure and deadlock."""
    if isinstance(error, PoolTimeout):
        return False
    again = getattr(error.orig, "sqlstate", None) in ("40001", "40P01")
    return again or error.connection_invalidated or isinstance(error, IntegrityError)


@lru_cache(maxsize=4)
def _tokens(secret: bytes, clock: Callable[[], datetime]) -> Tokens:
    return Tokens(secret, clock)


@dataclass(frozen=True)
class Runtime:
    """One installation, running. Handed to pages, commands and the worker; never looked up."""

    settings: Settings
    engine: Engine
    clock: Callable[[], datetime] = utc_now
    chance: Chance = field(default_factory=Chance)
    learn_every: float = 1.0
    """Seconds for which a process may go on showing the state of a letter that it has read."""
    stretch: Stretch = USUAL
    """What a guess at an organiser's password costs."""

    gate: Gate | None = None
    """Lets only so many be at the database at once. Commands and the worker have none, and wait as long as it takes."""
    queue: Gate | None = None
    """The same for those who are written together."""
    _groups: dict[Any, Together[Any]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def start(cls, settings: Settings, *, pool_size: int = PLACES + 1) -> Runtime:
        return cls(settings, make_engine(settings.database_url, pool_size=pool_size))

    @classmethod
    def for_visitors(cls, settings: Settings) -> Runtime:
        """One whose pages never wait for ever: only so many requests are at the database, or wait for it."""
        return replace(cls.start(settings), gate=Gate(PLACES, SILENT), queue=Gate(GROUPED, SILENT))

    @property
    def keyring(self) -> Keyring:
        return Keyring(self.settings.keys, self.chance.token)

    @property
    def tokens(self) -> Tokens:
        return _tokens(self.keyring.server("tokens"), self.clock)

    def settle(self, verb: Callable[[Session], T]) -> T:
        """Run `verb` in one transaction, commit, and return its result.

        A run that meets a constraint (a racing click, a pseudonym drawn twice), a serialization failure or a
        connection that was lost is rolled back whole and run again: a verb sees the winner, or itself, and says so.
        """
        with self._passed():
            return _settle(self._writing, verb)

    def settle_soon(self, verb: Callable[[Session], T]) -> T:
        """The same for a visitor who waits. Raises `Busy` within a few seconds, nothing being stored, or `Unsure`."""
        with _shortly(), self._passed():
            return _settle(self._writing_soon, verb, self._soon)

    def settle_together(self, verb: Callable[[Session, Sequence[T]], object], item: T) -> None:
        """The same for one item of many that come at once: `verb` writes all that wait in one transaction.

        Returns once the item is committed. Each `verb` (one that lasts: no lambda) has groups of its own; it writes a
        group whole or fails, and then each item is settled alone. The order within a group means nothing.
        """
        group = self._groups.get(verb) or self._groups.setdefault(verb, Together(self._writer(verb), Busy))
        with _shortly(), self.queue.passed() if self.queue else nullcontext():
            group.do(item)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session whose transaction only reads, one snapshot throughout; it is rolled back at the end."""
        with self._passed(), Session(self._reading) as session:
            yield session

    @contextmanager
    def reading_soon(self) -> Iterator[Session]:
        """The same for a visitor who waits: an error within a few seconds when the database does not answer."""
        with self._passed(), Session(self._reading_soon) as session:
            yield session

    def _writer(self, verb: Callable[[Session, Sequence[T]], object]) -> Callable[[Sequence[T]], object]:
        def write(items: Sequence[T]) -> object:
            with _shortly():
                return _settle(self._writing_soon, lambda session: verb(session, items), self._soon)

        return write

    def _passed(self) -> AbstractContextManager[None]:
        return self.gate.passed() if self.gate else nullcontext()

    @property
    def _soon(self) -> float:
        return SOON[self.engine.dialect.name]

    @cached_property
    def _writing(self) -> Engine:
        return patient(self.engine, WRITE_SECONDS) if self.gate else self.engine

    @cached_property
    def _writing_soon(self) -> Engine:
        return patient(self.engine, self._soon)

    @cached_property
    def _reading(self) -> Engine:
        return reading_only(patient(self.engine, READ_SECONDS) if self.gate else self.engine)

    @cached_property
    def _reading_soon(self) -> Engine:
        return reading_only(self._writing_soon)


def _settle(engine: Engine, verb: Callable[[Session], T], seconds: float = inf) -> T:
    """Run and commit; again where that may end otherwise, unless it took `seconds`.

    Raises the last run's error, or `CommitLost`.
    """
    until, lost = time.monotonic() + seconds, None
    for attempt in range(1, ATTEMPTS + 1):
        committing = False
        try:
            with Session(engine, expire_on_commit=False) as session:
                result = verb(session)
                committing = True
                session.commit()
                return result
        except (DBAPIError, PoolTimeout) as error:
            if committing and isinstance(error, DBAPIError) and error.connection_invalidated:
                lost = error.orig
            if attempt < ATTEMPTS and _passes(error) and time.monotonic() < until:
                continue
            if lost:
                raise CommitLost("COMMIT", None, lost, hide_parameters=True) from error
            raise
    raise AssertionError("unreachable")


@contextmanager
def _shortly() -> Iterator[None]:
    try:
        yield
    except CommitLost as error:
        raise Unsure("The database went away while it was told to keep this.") from error
    except (OperationalError, PoolTimeout) as error:
        raise Busy("The database is away or does not answer; nothing was stored.") from error
