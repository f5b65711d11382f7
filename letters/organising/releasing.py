"""Releasing editions of real letters: by hand, and as the clock asks."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.letters import LetterRow, LetterState
from letters.models.values import Edition
from letters.publishing.clockwork import advance_state, clock_state, forget, must_forget, take_away
from letters.publishing.editions import NotDue, check_due, interval_passed, lock_letter, release
from letters.publishing.entries import Printer
from letters.runtime import Runtime
from letters.vocabularies.professions import Professions
from letters.vocabularies.regions import Regions


def release_letter(runtime: Runtime, slug: str, *, at_once: bool = False) -> Edition:
    """Release the next edition; `at_once` waits for neither interval nor minimum.

    Raises `NoSuchLetter`, or `NotDue` with the reason.
    """

    def verb(session: Session) -> Edition:
        letter = lock_letter(session, slug)
        advance_state(letter, runtime.clock())
        return _release(session, runtime, letter, at_once=at_once)

    return runtime.settle(verb)


def tend_letters(runtime: Runtime) -> None:
    """Bring every letter's state, list, editions and keys up to date with the clock.

    Raises `ExceptionGroup` of what failed, after the letters that did not.
    """
    failures: list[Exception] = []
    for slug in _asking(runtime):
        try:
            _tend(runtime, slug)
        except Exception as error:  # noqa: BLE001 - one letter's trouble is not to stop the others
            failures.append(error)
    if failures:
        raise ExceptionGroup("letters that could not be tended", failures)


def _asking(runtime: Runtime) -> list[str]:
    """The letters that ask for care; whether they do is looked at again under each one's lock."""
    now = runtime.clock()
    with runtime.reading() as session:
        letters = session.scalars(select(LetterRow).where(LetterRow.state != LetterState.DRAFT.value)).all()
        return [letter.slug for letter in letters if _asks(letter, now)]


def _asks(letter: LetterRow, now: datetime) -> bool:
    by_clock = clock_state(letter, now).value != letter.state or must_forget(letter, now)
    return by_clock or (interval_passed(letter, now) and not letter.forgotten)


def _tend(runtime: Runtime, slug: str) -> None:
    """Three transactions: an edition that cannot be printed keeps no letter open, no key alive and no name public."""

    def keep_time(session: Session) -> None:
        letter, now = lock_letter(session, slug), runtime.clock()
        advance_state(letter, now)
        forget(letter, runtime.keyring, now)

    def print_due(session: Session) -> None:
        with suppress(NotDue):
            _release(session, runtime, lock_letter(session, slug), at_once=False)

    runtime.settle(keep_time)
    try:
        runtime.settle(print_due)
    finally:
        runtime.settle(lambda session: take_away(session, lock_letter(session, slug), runtime.clock()))


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
