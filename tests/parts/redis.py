"""A Redis or Valkey server of one's own on a Unix socket: started, hurt, and thrown away. It writes no file."""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from redis import Redis

START_SECONDS = 10
WITHOUT_FILES = ("--save", "", "--appendonly", "no")


class NoRedis(Exception):
    """No server is installed."""


class RedisServer:
    """One server, at home in `folder`; `url` is what the settings name."""

    def __init__(self, folder: Path) -> None:
        self.url = f"unix://{folder}/redis.sock"
        self._command = [find_server(), "--port", "0", "--unixsocket", f"{folder}/redis.sock", "--dir", str(folder)]
        self._log = folder / "redis.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        """Start it empty, with these options of the server, and return once it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([*self._command, *WITHOUT_FILES, *options], stdout=log, stderr=log)
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > until or self._process.poll() is not None:
                raise AssertionError(self._log.read_text())
            time.sleep(0.02)

    def kill(self) -> None:
        """End it at whatever instruction it is; all that it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_SECONDS)
            self._process = None

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Within, it takes connections and answers nobody."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    @contextmanager
    def client(self) -> Iterator[Any]:
        """A patient client, for tests to look in; the types of its answers are vague."""
        with Redis.from_url(self.url, socket_timeout=START_SECONDS) as redis:
            yield redis

    def _answers(self) -> bool:
        """Whether it says anything, be it that it wants a password."""
        with socket.socket(socket.AF_UNIX) as probe, suppress(OSError):
            probe.connect(self.url.removeprefix("unix://"))
            probe.sendall(b"PING\r\n")
            return bool(probe.recv(1))
        return False


@contextmanager
def running_redis(*options: str) -> Iterator[RedisServer]:
    """Yield a server, started with these options, in a folder of its own, short enough for a socket's path."""
    folder = Path(tempfile.mkdtemp(prefix="undersigned-"))
    server = RedisServer(folder)
    try:
        server.start(*options)
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder)


def find_server() -> str:
    """Return the installed server's path; raise NoRedis when there is none."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found is None:
        raise NoRedis("install Redis or Valkey: deploy/install-test-tools")
    return found
