"""wrk as the load generator for pages: every answer's status is looked at, and the bytes of all of them together.

Only its totals are taken, so that looking costs the generator nothing: with one page of one length, so many answers are
so many bytes, but for what the connections had begun when time was up.
"""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import CONNECTIONS, WrongAnswer

REPORT = Path(__file__).with_name("report.lua")
_LINE = re.compile(r"^measured (\{.*\})$", re.MULTILINE)


@dataclass(frozen=True)
class Pages:
    """What wrk saw: answers in seconds, bytes of all of them, failures of any kind; p50 and p99 in seconds."""

    answers: int
    seconds: float
    size: int
    failures: int
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.answers / self.seconds


def read(output: str) -> Pages:
    """What the script has reported. Raises `WrongAnswer` when it has not."""
    found = _LINE.search(output)
    if not found:
        raise WrongAnswer(f"wrk has not reported: {output[-300:]}")
    said = json.loads(found[1])
    failures = sum(said[name] for name in ("connect", "read", "write", "status", "timeout"))
    micro = 1e-6
    return Pages(
        said["requests"], said["duration"] * micro, said["bytes"], failures, said["p50"] * micro, said["p99"] * micro
    )


def check(pages: Pages, length: int, connections: int) -> None:
    """Raises `WrongAnswer` unless all answers were 200 and as many bytes as that, `length` each with its head.

    A head may be some bytes shorter where a server ends the connection, as nginx does after each 1,000 answers.
    """
    extra = pages.size - pages.answers * length
    if pages.failures or not pages.answers or not -pages.answers // 100 <= extra <= connections * length:
        raise WrongAnswer(f"{pages.failures} of {pages.answers} answers failed; {extra:+} bytes")


def drive(url: str, seconds: float, length: int, **headers: str) -> Pages:
    """Ask for one page over kept connections; each answer has `length` bytes with its head. Raises `WrongAnswer`."""
    given = [part for name, value in headers.items() for part in ("-H", f"{name.replace('_', '-')}: {value}")]
    command = ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds:.0f}s", "-s", str(REPORT), *given, url]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60)
    pages = read(done.stdout)
    check(pages, length, CONNECTIONS)
    return pages
