"""Liveness and readiness, for whoever keeps the server running."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import literal, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from letters.models.letters import LetterRow
from letters.models.workers import living
from letters.reading.looks import Watch
from letters.runtime import Busy, Runtime
from verification.identity.keyring import SERVER_KEYS, KeyMissing, KeyUnusable

OK, BUSY, UNKNOWN = "ok", "busy", "unknown"


def healthz() -> ResponseReturnValue:
    """This process answers."""
    return jsonify(status=OK)


def readyz(watch: Watch) -> ResponseReturnValue:
    """Whether this process can do its work: 503 when its database, its tables or its keys are not there.

    A field for each, "ok" or what is wrong. What would be no better on another machine is told with 200 and the status
    "look": no worker was seen, an edition is late, all connections are taken just now.
    """
    runtime = watch.runtime
    needed = {"database": _database(runtime), "keys": _keys(runtime)}
    told = {"worker": _worker(runtime) if needed["database"] == OK else UNKNOWN, "editions": _editions(watch)}
    ready = needed["database"] in (OK, BUSY) and needed["keys"] == OK
    whole = all(word in (OK, UNKNOWN) for word in (*needed.values(), *told.values()))
    status = "away" if not ready else OK if whole else "look"
    return jsonify(status=status, **needed, **told), 200 if ready else 503


def _database(runtime: Runtime) -> str:
    word = "away"
    try:
        with runtime.reading_soon() as session:
            session.execute(select(literal(1)))
            word = "no tables"
            session.execute(select(LetterRow.id).limit(1))
    except (PoolTimeout, Busy):
        return BUSY
    except SQLAlchemyError:
        return word
    return OK


def _keys(runtime: Runtime) -> str:
    try:
        for name in SERVER_KEYS:
            runtime.keyring.server(name)
    except KeyMissing:
        return "missing"
    except KeyUnusable:
        return "unusable"
    return OK


def _worker(runtime: Runtime) -> str:
    try:
        with runtime.reading_soon() as session:
            return OK if living(session, runtime.clock()).workers else "none seen"
    except (SQLAlchemyError, Busy):
        return UNKNOWN


def _editions(watch: Watch) -> str:
    """By the slot's own look at them: it costs a probe nothing."""
    if watch.rows is None:
        return UNKNOWN
    return "late" if any(watch.rows.lag.values()) else OK
