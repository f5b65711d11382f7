"""The servers under measurement: the product and the floors, each under granian with the same workers and threads."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from letters.commands.server import ENVIRONMENT, THREADS

ROOT = Path(__file__).resolve().parent.parent


class Served(NamedTuple):
    """A running server: its port, and the process id of its worker."""

    port: int
    worker: int


@contextmanager
def serving(target: str, environment: Mapping[str, str]) -> Iterator[Served]:
    """Serve an application factory with one worker."""
    port = free_port()
    command = (
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--workers", "1"),
        *("--blocking-threads", str(THREADS), "--port", str(port), "--log-level", "error", target),
    )
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **ENVIRONMENT, **environment})
    try:
        await_port(port)
        yield Served(port, _worker_of(process.pid))
    finally:
        process.terminate()
        process.wait(20)


def resident_megabytes(pid: int) -> float:
    """What a process holds in memory now."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _worker_of(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return max(map(int, children), key=resident_megabytes)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def await_port(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing answers on port {port}")
