"""What a web process counts about its answers: what kind of work, how it ended, how long it took; never for whom.

The counts are plain numbers of this process. Nothing shows them as they are: `letters.reading.slots` rounds them first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

WORKS = ("read", "sign", "confirm", "manage", "organise", "api")
ENDS = ("2xx", "3xx", "4xx", "429", "5xx", "503")
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds up to which an answer counts for a bucket; one more bucket holds the rest."""

KEPT = ("kept",)
Key = tuple[object, ...]
KEYS: tuple[Key, ...] = (
    KEPT,
    *(("answer", work, end) for work in WORKS for end in ENDS),
    *(("seconds", work, bucket) for work in WORKS for bucket in range(len(BOUNDS) + 1)),
)
"""All that is counted: pages kept by the front desk, answers by work and end, and answers by work and bucket."""

_OF_THE_HOST = frozenset({"healthz", "readyz", "metrics", "static"})


@dataclass(frozen=True)
class Counts:
    """What was counted since the last time, and how many requests were in hand at once at most."""

    of: Counter[Key]
    most_at_once: int


class Meter:
    """A WSGI layer between the front desk and the application. It takes no lock: a lost count is no loss."""

    def __init__(self, application: WSGIApplication, timer: Callable[[], float] = perf_counter) -> None:
        self._application = application
        self._timer = timer
        self._counts: Counter[Key] = Counter()
        self._in_hand: list[None] = []
        self._most = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        begun, answered = self._timer(), [("500", "")]

        def begin(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            request = environ.get("werkzeug.request")  # Flask lets go of it before it returns
            answered[0] = status[:3], (request.endpoint if request is not None else None) or ""
            return start_response(status, headers, exc_info)

        self._in_hand.append(None)
        self._most = max(self._most, len(self._in_hand))
        try:
            return self._application(environ, begin)
        finally:
            self._in_hand.pop()
            self._note(*answered[0], environ["REQUEST_METHOD"], self._timer() - begun)

    def take(self, kept: int) -> Counts:
        """What was counted since this was last asked, and what the front desk `kept` from it; it begins anew."""
        counts, self._counts = self._counts, Counter()
        most, self._most = self._most, len(self._in_hand)
        of = counts.copy()
        of[KEPT] = kept
        return Counts(of, most)

    def _note(self, code: str, endpoint: str, method: str, seconds: float) -> None:
        work = _work(endpoint, method)
        if work is not None:
            self._counts["answer", work, code if code in ENDS else f"{code[0]}xx"] += 1
            self._counts["seconds", work, bisect_left(BOUNDS, seconds)] += 1


def _work(endpoint: str, method: str) -> str | None:
    """What kind of work a request was, by the page that took it; None for what a host's own programs ask."""
    if endpoint in _OF_THE_HOST:
        return None
    if endpoint.startswith("workspace_"):
        return "organise"
    if endpoint.startswith("api"):
        return "api"
    if method != "POST":
        return "read"
    return endpoint if endpoint in ("sign", "confirm") else "manage"
