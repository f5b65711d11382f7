"""Where this installation counts what precautions count: in each process, or together in Redis or Valkey."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass

import structlog

from letters.runtime import Runtime
from verification.access.line import Away, Line
from verification.access.pace import Pace
from verification.access.shared import SharedCounts
from verification.access.shared_pace import SharedPace
from verification.access.windows import Counts, OwnCounts

log = structlog.get_logger()


@dataclass(frozen=True)
class Counting:
    """Made once per process; without UNDERSIGNED_REDIS_URL all of it lives in that process's memory."""

    counts: Counts
    pace: Pace

    @classmethod
    def of(cls, runtime: Runtime) -> Counting:
        """Redis need not be there; a process counts for itself while it is not."""
        clock, random_bytes = runtime.clock, runtime.chance.token
        own, line = OwnCounts(clock, random_bytes), line_of(runtime)
        if line is None:
            return cls(own, Pace(clock))

        def secret() -> bytes:
            return runtime.keyring.server("tokens")

        return cls(SharedCounts(line, secret, random_bytes, own), SharedPace(clock, line, secret))


def line_of(runtime: Runtime) -> Line | None:
    """The line to Redis; None without one, or with an address that leads nowhere, which is logged."""
    if runtime.settings.redis_url is None:
        return None
    try:
        return Line(runtime.settings.redis_url, _tell)
    except Away as away:
        _tell(away.reason)
        return None


def redis_answers(runtime: Runtime) -> bool:
    """Whether there is one that answers, should the settings ask for one."""
    if runtime.settings.redis_url is None or not runtime.settings.throttle:
        return True
    with suppress(Away), closing(Line(runtime.settings.redis_url, lambda _reason: None)) as line:
        return bool(line.ask("PING"))
    return False


def _tell(reason: str | None) -> None:
    if reason is None:
        log.info("redis is back, processes count together")
    else:
        log.warning("redis is away, each process counts for itself", error=reason)
