"""Liveness and readiness, for whoever keeps the server running."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from letters.models.letters import LetterRow
from letters.web.site import Site


def healthz() -> ResponseReturnValue:
    """This process answers."""
    return jsonify(status="ok")


def readyz(site: Site) -> ResponseReturnValue:
    """The database answers and has its tables, and the keys are there; 503 otherwise."""
    try:
        with site.runtime.reading() as session:
            session.execute(select(LetterRow.id).limit(1))
    except SQLAlchemyError:
        return jsonify(status="no database"), 503
    return jsonify(status="ok")
