"""A clock that stands still until it is told."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Called, it says what time it is, as `letters.runtime.utc_now` does."""

    def __init__(self, now: datetime = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        """Move on by so much: `clock.advance(hours=6)`."""
        self.now += timedelta(**duration)
