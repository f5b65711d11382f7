"""The worker's part in updates, at its own pace; where workers count together, all of them at one pace."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from limits import RateLimitItemPerSecond

from letters.organising.updating import bouncing, feeding
from letters.runtime import Runtime
from verification.access.windows import Counts, Window

TURN = Window(RateLimitItemPerSecond(1, int(feeding.PAUSE) - 1, namespace="feeding"), b"")
"""One feeding, by whoever comes first. A little shorter than the pause, so that no worker misses its own turn."""


@dataclass
class UpdateRounds:
    """One worker process's; `counts` are where workers take turns."""

    runtime: Runtime
    counts: Counts | None = None
    _fed: float = field(default=float("-inf"), init=False)
    _looked: float = field(default=float("-inf"), init=False)

    def round(self) -> None:
        """Feed the outbox, slowly unless precautions are switched off, and look for what came back.

        Raises `ExceptionGroup` of what failed.
        """
        failures: list[Exception] = []
        for do in (self._feed, self._look):
            try:
                do()
            except Exception as error:  # noqa: BLE001 - neither is to stop the other
                failures.append(error)
        if failures:
            raise ExceptionGroup("updates", failures)

    def _feed(self) -> None:
        if not self.runtime.settings.throttle or self._is_my_turn():
            feeding.feed_outbox(self.runtime)

    def _is_my_turn(self) -> bool:
        if time.monotonic() - self._fed < feeding.PAUSE:
            return False
        self._fed = time.monotonic()
        return self.counts is None or self.counts.take(TURN) is None

    def _look(self) -> None:
        folder = self.runtime.settings.bounces
        if folder is not None and time.monotonic() - self._looked >= bouncing.LOOK_EVERY:
            taken = bouncing.take_folder(self.runtime, folder)
            self._looked = time.monotonic() if taken < bouncing.AT_ONCE else float("-inf")
