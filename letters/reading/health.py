"""Liveness and readiness, for whoever keeps the server running."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from letters.models.letters import LetterRow
from letters.web.site import Site
from verification.identity.keyring import SERVER_KEYS, KeyMissing, KeyUnusable


def healthz() -> ResponseReturnValue:
    """This process answers."""
    return jsonify(status="ok")


def readyz(site: Site) -> ResponseReturnValue:
    """The database answers and has its tables, and the server's keys are there; 503 otherwise."""
    try:
        with site.runtime.reading() as session:
            session.execute(select(LetterRow.id).limit(1))
        for name in SERVER_KEYS:
            site.runtime.keyring.server(name)
    except SQLAlchemyError:
        return jsonify(status="no database"), 503
    except (KeyMissing, KeyUnusable):
        return jsonify(status="no keys"), 503
    return jsonify(status="ok")
