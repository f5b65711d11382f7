"""Releasing editions of real letters: by hand, and as the clock asks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from letters.models.letters import LetterRow, LetterState
from letters.models.values import Edition, find_letter
from letters.publishing.clockwork import advance_state, forget, has_leaving, take_away
from letters.publishing.editions import NotDue, check_due, count_waiting, lock_letter, release
from letters.publishing.entries import Printer
from letters.runtime import Runtime
from letters.vocabularies.professions import Professions
from letters.vocabularies.regions import Regions


def release_letter(runtime: Runtime, slug: str, *, at_once: bool = False) -> Edition:
    """Release the next edition; `at_once` waits for neither interval nor minimum.

    Raises `NoSuchLetter`, or `NotDue` with the reason.
    """

    def verb(session: Session) -> Edition:
        find_letter(session, slug)
        letter = lock_letter(session, slug)
        return _release(session, runtime, letter, at_once=at_once)

    return runtime.settle(verb)


def tend_letters(runtime: Runtime) -> None:
    """Bring every letter's state, list, editions and keys up to date with the clock."""
    with runtime.reading() as session:
        letters = session.execute(_IN_CARE).all()
        asks = [row.slug for row in letters if _asks(session, row, runtime)]
    for slug in asks:
        runtime.settle(lambda session, slug=slug: _tend(session, runtime, slug))  # type: ignore[misc]


def _asks(session: Session, row: Row[*tuple[Any, ...]], runtime: Runtime) -> bool:
    """Whether a letter may need care; the answer is looked at again under its lock."""
    now = runtime.clock()
    by_clock = any(moment and moment <= now for moment in (row.opens_at, row.closes_at)) and row.state != "archived"
    waits = count_waiting(session, row.id) > 0 or has_leaving(session, row.id)
    return by_clock or waits or (row.closed_on is not None and not row.forgotten)


def _tend(session: Session, runtime: Runtime, slug: str) -> None:
    letter, now = lock_letter(session, slug), runtime.clock()
    advance_state(letter, now)
    try:
        _release(session, runtime, letter, at_once=False)
    except NotDue:
        take_away(session, letter, _printer(runtime, letter), now)
    forget(letter, runtime.keyring, now)


def _release(session: Session, runtime: Runtime, letter: LetterRow, *, at_once: bool) -> Edition:
    now = runtime.clock()
    if not at_once:
        check_due(session, letter, now)
    professions = Professions.load(letter.professions, runtime.settings.vocabularies)
    return release(session, letter, now, professions.profession_of, _printer(runtime, letter))


def _printer(runtime: Runtime, letter: LetterRow) -> Printer:
    folders = runtime.settings.vocabularies
    return Printer(
        names_key=runtime.keyring.server("names"),
        at_least=letter.figures_threshold,
        professions=Professions.load(letter.professions, folders).ancestors,
        regions=Regions.load(letter.countries, folders).ancestors,
        shuffled=runtime.chance.shuffled,
    )


_IN_CARE = select(
    LetterRow.id,
    LetterRow.slug,
    LetterRow.state,
    LetterRow.opens_at,
    LetterRow.closes_at,
    LetterRow.closed_on,
    LetterRow.forgotten,
).where(LetterRow.state != LetterState.DRAFT.value)
