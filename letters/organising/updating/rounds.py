"""The worker's part in updates, at its own pace."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from letters.organising.updating import bouncing, feeding
from letters.runtime import Runtime


@dataclass
class UpdateRounds:
    """One worker process's; each keeps its own pace."""

    runtime: Runtime
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
        if not self.runtime.settings.throttle or time.monotonic() - self._fed >= feeding.PAUSE:
            self._fed = time.monotonic()
            feeding.feed_outbox(self.runtime)

    def _look(self) -> None:
        folder = self.runtime.settings.bounces
        if folder is not None and time.monotonic() - self._looked >= bouncing.LOOK_EVERY:
            taken = bouncing.take_folder(self.runtime, folder)
            self._looked = time.monotonic() if taken < bouncing.AT_ONCE else float("-inf")
