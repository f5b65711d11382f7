"""Connections to PostgreSQL that do not wait for ever, by means that PgBouncer leaves alone."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

RV = TypeVar("RV")

DEAD_LINES: Mapping[str, Any] = {
    "connect_timeout": 2,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
}
"""How libpq finds out that nobody is at the other end any more: seconds, but `tcp_user_timeout` milliseconds."""

CALLED_OFF = 0.3
"""Seconds for calling a statement off. A server that hangs does not take that in either."""


class PatientConnection(psycopg.Connection[Any]):
    """Waits at most `patience` seconds for each answer, for ever when it is None; then it is of no more use.

    It raises an OperationalError and is closed. What became of the statement is unknown: it was called off, but that
    may have come too late.
    """

    patience: float | None = None

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        try:
            return super().wait(gen, interval, timeout or self.patience)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self._give_up()
            raise

    def _give_up(self) -> None:
        """Nothing may wait for a lock on behalf of somebody who has gone; it would hold a connection of the server."""
        if psycopg.capabilities.has_cancel_safe():
            with suppress(psycopg.Error):
                self.cancel_safe(timeout=CALLED_OFF)
        self.pgconn.finish()
