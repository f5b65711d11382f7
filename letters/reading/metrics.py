"""Figures for whoever keeps the server running, too coarse and too old to be differenced into anybody's visit.

They count no requests and no processor time, are rounded up, and are looked at again every ten minutes at most. They
are for this machine alone: whoever comes through a proxy is told that there is no such page.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from ipaddress import ip_address
from threading import Lock

from flask import Response, abort, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from letters.models.letters import LetterRow, LetterState
from letters.models.signatures import SignatureRow, SignatureState
from letters.publishing.editions import count_moving
from letters.runtime import Runtime
from letters.web.site import Site, SitePage
from verification.mailbox.outbox import backlog

GRAIN = 50
"""Rows are rounded up to a multiple of this."""
LOOK_EVERY = timedelta(minutes=10)
LAG_GRAIN = 600
"""Seconds in whose multiples an edition is late."""

_FORWARDED = ("X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via")


class MetricsPage(SitePage):
    """Prometheus' text format, for this machine alone."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._lock = Lock()
        self._looked_at: datetime | None = None
        self._text = b""

    def get(self) -> ResponseReturnValue:
        if not _is_local():
            abort(404)
        now = self.site.runtime.clock()
        with self._lock:
            if self._looked_at is None or abs(now - self._looked_at) >= LOOK_EVERY:
                self._text, self._looked_at = _look(self.site.runtime, now), now
        return Response(self._text, content_type=CONTENT_TYPE_LATEST)


def _is_local() -> bool:
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _look(runtime: Runtime, now: datetime) -> bytes:
    with runtime.reading() as session:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Figures(list(_figures(session, now))))
        return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> list[Metric]:
        return self._metrics


def _figures(session: Session, now: datetime) -> Iterator[Metric]:
    mails = backlog(session)
    yield _rounded("undersigned_mails_waiting", "Mails that wait to be sent", mails.waiting)
    yield _rounded("undersigned_mails_dead", "Dead letters", mails.dead)
    held = select(func.count()).select_from(SignatureRow).where(SignatureRow.state == SignatureState.HELD.value)
    yield _rounded("undersigned_signatures_held", "Signatures that wait for an organiser", session.scalar(held) or 0)
    late = GaugeMetricFamily(
        "undersigned_edition_lag_seconds", "How late the next edition of a letter is", labels=["letter"]
    )
    for letter in session.scalars(select(LetterRow).where(LetterRow.state == LetterState.OPEN.value)):
        late.add_metric([letter.slug], _lag(session, letter, now))
    yield late


def _rounded(name: str, words: str, count: int) -> Metric:
    return GaugeMetricFamily(name, f"{words}, rounded up to {GRAIN}s", value=-(-count // GRAIN) * GRAIN)


def _lag(session: Session, letter: LetterRow, now: datetime) -> float:
    """Seconds since the edition was due, if it is: enough waits, and nothing keeps it back."""
    if letter.locked_on is not None or letter.tended_at is None:
        return 0.0
    late = (now - letter.tended_at).total_seconds() - letter.edition_every
    due = late > 0 and count_moving(session, letter.id) >= letter.edition_at_least
    return late // LAG_GRAIN * LAG_GRAIN if due else 0.0
