"""The parts of an installation on many machines, each a process that can be killed, and what starts it again."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.faults.processes import await_that

LOOK_EVERY = 0.05
BACK_SECONDS = 60


@dataclass
class Part:
    """One part: `start` starts it and returns once it answers, `process` is what runs just now."""

    name: str
    start: Callable[[], None]
    process: Callable[[], subprocess.Popen[bytes] | None]
    starts: int = field(default=0, init=False)

    def begin(self) -> None:
        """Start it."""
        self.start()
        self.starts += 1

    @property
    def ended(self) -> bool:
        process = self.process()
        return process is None or process.poll() is not None

    def ask_to_end(self) -> None:
        """As `systemctl restart` and `docker compose restart` do."""
        os.kill(self.process().pid, signal.SIGTERM)

    def kill(self) -> None:
        """End every process of it, at whatever instruction it is."""
        pid = self.process().pid
        if os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGKILL)


@dataclass
class Supervisor:
    """Starts again what has ended, some time after, as `restart: always` and `Restart=always` do."""

    parts: Sequence[Part]
    after: float
    failures: list[str] = field(default_factory=list, init=False)
    _over: threading.Event = field(default_factory=threading.Event, init=False)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch meanwhile; afterwards nothing is started any more."""
        threads = [threading.Thread(target=self._watch, args=(part,)) for part in self.parts]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def lose(self, part: Part, how: Callable[[Part], None]) -> float:
        """End the part in this way; returns after how many seconds it answered again."""
        starts, began = part.starts, time.monotonic()
        how(part)
        await_that(lambda: part.starts > starts, BACK_SECONDS, lambda: f"{part.name} stays away: {self.failures}")
        return time.monotonic() - began

    def _watch(self, part: Part) -> None:
        while not self._over.wait(LOOK_EVERY):
            if part.ended and not self._over.wait(self.after):
                try:
                    part.begin()
                except Exception as error:  # noqa: BLE001 - what it needs may be away too: tried again
                    self.failures.append(f"{part.name}: {error}")


def answers(url: str) -> bool:
    """Whether there is an HTTP server, whatever it says."""
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except urllib.error.HTTPError as error:
        error.close()
    except OSError:
        return False
    return True
