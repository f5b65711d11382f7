"""Several processes' counts in one Redis, all of them in this process."""

import secrets
from dataclasses import dataclass, field

from tests.parts.clock import Clock
from tests.parts.redis import RedisServer
from verification.access.line import Line
from verification.access.shared import SharedCounts
from verification.access.shared_pace import SharedPace
from verification.access.windows import OwnCounts

SECRET = b"s" * 32


class Ticks:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Member:
    """What one process has: a line, its counts and its pace, what it told about the line, and its own seconds."""

    url: str
    secret: bytes = SECRET
    clock: Clock = field(default_factory=Clock)
    ticks: Ticks = field(default_factory=Ticks)
    told: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.line = Line(self.url, self.told.append, self.ticks)
        self.own = OwnCounts(self.clock, secrets.token_bytes)
        self.counts = SharedCounts(self.line, lambda: self.secret, secrets.token_bytes, self.own)
        self.pace = SharedPace(self.clock, self.line, lambda: self.secret, self.ticks)

    def close(self) -> None:
        """Leave no connection open."""
        self.line.close()


def dump(server: RedisServer) -> dict[bytes, object]:
    """Everything in the server: keys, and what they hold."""
    with server.client() as redis:
        kinds = {key: redis.type(key) for key in redis.scan_iter()}
        return {key: redis.hgetall(key) if kind == b"hash" else redis.get(key) for key, kind in kinds.items()}
