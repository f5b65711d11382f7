"""The product as its host runs it: `undersigned serve` and `undersigned worker` as processes of their own."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

START_SECONDS = 30
STOP_SECONDS = 20
PROGRAM = Path(sys.executable).with_name("undersigned")


class Undersigned:
    """One `undersigned …` process and its children, at home in `folder`, where its log is."""

    def __init__(self, *arguments: str, environment: Mapping[str, str], folder: Path) -> None:
        self.log = folder / f"{arguments[0]}.log"
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [PROGRAM, *arguments],
                cwd=folder,
                env={**os.environ, **environment},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process to measure or to hurt."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process has ended by itself or otherwise."""
        return self._process.poll() is not None

    def stop(self) -> int:
        """Ask the process to end, wait, and return its exit status; raise TimeoutExpired if it will not."""
        if not self.ended:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(STOP_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """End the process and its children at whatever instruction they are."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self._process.wait(STOP_SECONDS)


@contextmanager
def running_web(
    environment: Mapping[str, str], folder: Path, *, port: int | None = None, workers: int = 1, host: str = "127.0.0.1"
) -> Iterator[tuple[str, Undersigned]]:
    """Serve the pages; yield their base URL, which the settings name too, and the process.

    Browsers have passkeys at the `host` "localhost", and not at an IP address.
    """
    port = port or free_port()
    url = f"http://{host}:{port}"
    arguments = ("serve", "--port", str(port), "--workers", str(workers), "--no-worker")
    web = Undersigned(*arguments, environment={**environment, "UNDERSIGNED_BASE_URL": url}, folder=folder)
    try:
        await_answer(f"{url}/healthz", web)
        yield url, web
        web.stop()
    finally:
        web.kill()


@contextmanager
def running_worker(environment: Mapping[str, str], folder: Path, *arguments: str) -> Iterator[Undersigned]:
    """Run the worker and yield its process, for tests to kill."""
    worker = Undersigned("worker", *arguments, environment=environment, folder=folder)
    try:
        yield worker
    finally:
        worker.kill()


def run_command(*arguments: str, environment: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run one `undersigned …` command to its end and return what it said."""
    settings = {**os.environ, **environment}
    return subprocess.run(
        [PROGRAM, *arguments],
        cwd=folder,
        env=settings,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


def await_answer(url: str, process: Undersigned) -> None:
    """Return once the URL answers 200; raise AssertionError with the log when it never does."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and not process.ended:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"{url} never answered:\n{process.log.read_text()}")


def await_port(port: int, process: subprocess.Popen[bytes], output: Path) -> None:
    """Return once somebody listens on the port; raise AssertionError with the output when the process does not."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(output.read_text())


PORTS = 10_000, 30_000
"""Below those that the kernel gives away by itself, so that nobody takes one while its server is started again."""


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on, and that nobody is given by chance."""
    while True:
        port = random.randrange(*PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
