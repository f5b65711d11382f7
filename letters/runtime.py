"""What the process runs on: settings, database, keys, clock, randomness, and the one place that commits."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from letters.settings import Settings
from verification.database import make_engine
from verification.database import reading as reading_only
from verification.identity.account_keys import USUAL, Stretch
from verification.identity.keyring import Keyring
from verification.mailbox.tokens import Tokens

T = TypeVar("T")

ATTEMPTS = 5
"""How often a verb is run when each run meets a constraint or a serialization failure."""


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


def _passes(error: DBAPIError) -> bool:
    """Whether running again may end otherwise; SQLSTATE 40001 and 40P01 are serialization failure and deadlock."""
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

    @classmethod
    def start(cls, settings: Settings, *, pool_size: int = 8) -> Runtime:
        return cls(settings, make_engine(settings.database_url, pool_size=pool_size))

    @property
    def keyring(self) -> Keyring:
        return Keyring(self.settings.keys, self.chance.token)

    @property
    def tokens(self) -> Tokens:
        return _tokens(self.keyring.server("tokens"), self.clock)

    def settle(self, verb: Callable[[Session], T]) -> T:
        """Run `verb` in one transaction, commit, and return its result.

        A run that meets a constraint (a racing click, a pseudonym drawn twice), a serialization failure or a
        connection that the database had closed is rolled back whole and run again: a verb sees the winner and says so.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with Session(self.engine, expire_on_commit=False) as session:
                    result = verb(session)
                    session.commit()
                    return result
            except DBAPIError as error:
                if attempt == ATTEMPTS or not _passes(error):
                    raise
        raise AssertionError("unreachable")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session whose transaction only reads, one snapshot throughout; it is rolled back at the end."""
        with Session(reading_only(self.engine)) as session:
            yield session
