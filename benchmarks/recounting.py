"""Proving every stored figure of a letter with a million signatures from its rows, against reading those rows once."""

from __future__ import annotations

import time
from functools import partial

from sqlalchemy import select, text

from benchmarks.ground import Ground
from benchmarks.installation import SLUG, Installation
from benchmarks.load import WrongAnswer
from benchmarks.tables import head, line
from benchmarks.turns import in_turns, middle
from letters.models.letters import LetterRow
from letters.organising.releasing import scheme_of
from letters.publishing.recount import recount

ROUNDS = 5
ONCE = "SELECT edition, count(*) FROM signatures GROUP BY edition"


def measure(ground: Ground) -> None:
    """Print both times."""
    place = ground.place("million")
    seen = in_turns(ROUNDS, {"recount": partial(_recount, place), "once": partial(_once, place)})
    whole, once = (middle(seen[name], float) for name in ("recount", "once"))
    head("work", "signatures", "s", "rows read once s", "ratio")
    line("recount", f"{_signatures(place):,}", f"{whole:.2f}", f"{once:.2f}", f"{whole / once:.1f}")


def _recount(place: Installation, _number: int) -> float:
    start = time.perf_counter()
    with place.runtime.reading() as session:
        letter = session.scalars(select(LetterRow).where(LetterRow.slug == SLUG)).one()
        found = recount(session, letter, scheme_of(letter, place.runtime.settings.vocabularies))
    if found:
        raise WrongAnswer(f"{found[:3]}")
    return time.perf_counter() - start


def _once(place: Installation, _number: int) -> float:
    start = time.perf_counter()
    with place.runtime.reading() as session:
        session.execute(text(ONCE)).all()
    return time.perf_counter() - start


def _signatures(place: Installation) -> int:
    with place.runtime.reading() as session:
        return session.scalar(text("SELECT count(*) FROM signatures")) or 0
