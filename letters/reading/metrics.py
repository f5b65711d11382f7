"""`/metrics`: figures for whoever keeps the server running, of no use to whoever watches for a visit.

What is about people is rounded and told once in a slot (`slots`, `looks`). What is about the machine is told as it is.
They are for this machine alone: whoever comes through a proxy is told that there is no such page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from itertools import accumulate

from flask import Response, abort, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from letters.models.workers import Living, living
from letters.reading.looks import Rows, Watch
from letters.reading.slots import GRAIN, Told
from letters.runtime import Busy, Runtime
from letters.web.meter import BOUNDS, ENDS, KEPT, WORKS
from letters.web.site import Site, SitePage

_FORWARDED = ("X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via")


class MetricsPage(SitePage):
    """Prometheus' text format, for this machine alone."""

    def __init__(self, site: Site, watch: Watch) -> None:
        super().__init__(site)
        self._watch = watch

    def get(self) -> ResponseReturnValue:
        if not _is_local():
            abort(404)
        self._watch.turn()
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Figures(_figures(self._watch)))
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Figures(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> list[Metric]:
        return self._metrics


def _is_local() -> bool:
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _figures(watch: Watch) -> Iterator[Metric]:
    yield from _of_the_machine(watch.runtime)
    if watch.rows is not None:
        yield from _of_rows(watch.rows)
    yield from _of_visits(watch.slots.told())


def _of_the_machine(runtime: Runtime) -> Iterator[Metric]:
    found = _living(runtime)
    yield _gauge("database_up", "Whether the database answers", found is not None)
    if found is not None:
        age = found.queue_age(runtime.clock())
        yield _gauge("workers", "Workers of all machines that were seen in the last minutes", found.workers)
        yield _gauge("mail_queue_age_seconds", "How long mail has waited without a pause, in whole slots", age)


def _living(runtime: Runtime) -> Living | None:
    try:
        with runtime.reading_soon() as session:
            return living(session, runtime.clock())
    except (SQLAlchemyError, Busy):
        return None


def _of_rows(rows: Rows) -> Iterator[Metric]:
    yield _rounded("mails_waiting", "Mails that wait to be sent", rows.waiting)
    yield _rounded("mails_dead", "Dead letters", rows.dead)
    yield _rounded("signatures_held", "Signatures that wait for an organiser", rows.held)
    late = GaugeMetricFamily("undersigned_edition_lag_seconds", "How late the next edition is", labels=["letter"])
    for slug, lag in rows.lag.items():
        late.add_metric([slug], lag)
    yield late


def _of_visits(told: Told) -> Iterator[Metric]:
    yield _gauge("web_processes", "Web processes of this machine that told the last slot", told.processes)
    yield _gauge("busy_share", "Connections that the busiest web process used at once, in halves", told.busy)
    kept = "Pages that the front desk answered"
    yield CounterMetricFamily("undersigned_pages_kept", kept, value=told.totals[KEPT])
    answers = CounterMetricFamily("undersigned_answers", "Answers of the application", labels=["work", "status"])
    seconds = HistogramMetricFamily("undersigned_answer_seconds", "How long they took", labels=["work"])
    for work in WORKS:
        for end in ENDS:
            answers.add_metric([work, end], told.totals["answer", work, end])
        buckets = accumulate(told.totals["seconds", work, number] for number in range(len(BOUNDS) + 1))
        seconds.add_metric([work], list(zip([*map(str, BOUNDS), "+Inf"], buckets, strict=True)), None)
    yield answers
    yield seconds


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"undersigned_{name}", words, value=value)


def _rounded(name: str, words: str, count: int) -> Metric:
    return _gauge(name, f"{words}, rounded up to {GRAIN}s", -(-count // GRAIN) * GRAIN)
