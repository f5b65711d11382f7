"""Releasing editions of real letters: by hand, and as the clock asks."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.letters import CLOSED, LetterRow, LetterState
from letters.models.values import Edition
from letters.organising.addressing.signing import asking_for_list, sign_list
from letters.organising.log_signing import asking_for_log, ensure_log, sign_heads
from letters.publishing.clockwork import (
    advance_state,
    clock_state,
    erase,
    forget,
    is_ahead,
    mend_beat,
    must_erase,
    must_forget,
    take_away,
)
from letters.publishing.editions import (
    Means,
    NotDue,
    check_due,
    check_unlocked,
    count_waiting,
    interval_passed,
    lock_letter,
    release,
)
from letters.publishing.entries import Printer
from letters.publishing.log import Writer
from letters.publishing.pacts import asking_to_lapse, erase_unseen, lapse
from letters.publishing.tallies import Scheme
from letters.publishing.voiding import has_batch_in_hand, make_final
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
        ensure_log(session, runtime, letter)
        return _release(session, runtime, letter, at_once=at_once)

    edition = runtime.settle(verb)
    sign_heads(runtime, slug)
    return edition


def tend_letters(runtime: Runtime) -> None:
    """Bring every letter's state, list, editions and keys up to date with the clock.

    Raises `ExceptionGroup` of what failed, each with the letter's name as its note, after the letters that did not.
    """
    failures: list[Exception] = []
    for slug in _asking(runtime):
        try:
            _tend(runtime, slug)
        except Exception as error:  # noqa: BLE001 - one letter's trouble is not to stop the others
            error.add_note(slug)
            failures.append(error)
    if failures:
        raise ExceptionGroup("letters that could not be tended", failures)


def _asking(runtime: Runtime) -> list[str]:
    """The letters that ask for care; whether they do is looked at again under each one's lock."""
    now = runtime.clock()
    with runtime.reading() as session:
        letters = session.scalars(select(LetterRow).where(LetterRow.state != LetterState.DRAFT.value)).all()
        waiting = asking_for_log(session) | asking_to_lapse(session)
        waiting |= asking_for_list(session, runtime.settings.base_url)
        return [letter.slug for letter in letters if letter.id in waiting or _asks(letter, now)]


def _asks(letter: LetterRow, now: datetime) -> bool:
    by_clock = clock_state(letter, now).value != letter.state or must_forget(letter, now) or must_erase(letter, now)
    return by_clock or (not letter.completed and (interval_passed(letter, now) or is_ahead(letter, now)))


def _tend(runtime: Runtime, slug: str) -> None:
    """A transaction for each task: an edition or a log that cannot be written keeps no letter open, no key alive and no
    name public, and once an edition was tried of a letter that had closed, whatever came of it, no name waits for a
    pact. Whatever becomes of the log, the list of addresses is signed: who cannot find the letter finds an impostor."""

    def keep_time(session: Session) -> bool:
        """Whether the letter has closed; one that closes during this round is for the next."""
        letter, now = lock_letter(session, slug), runtime.clock()
        advance_state(letter, now)
        mend_beat(letter, now)
        forget(letter, runtime.keyring, now)
        erase(session, letter, runtime.keyring, now)
        return letter.state in CLOSED

    def print_due(session: Session) -> None:
        letter = lock_letter(session, slug)
        ensure_log(session, runtime, letter)
        with suppress(NotDue):
            if letter.forgotten and not letter.completed:
                _complete(session, runtime, letter)
            else:
                _release(session, runtime, letter, at_once=False)

    closed = runtime.settle(keep_time)
    try:
        with ExitStack() as anyhow:
            if closed:
                anyhow.callback(runtime.settle, lambda session: lapse(session, lock_letter(session, slug)))
            anyhow.callback(
                runtime.settle, lambda session: take_away(session, lock_letter(session, slug), runtime.clock())
            )
            runtime.settle(print_due)
        sign_heads(runtime, slug)
    finally:
        sign_list(runtime, slug)


def _release(session: Session, runtime: Runtime, letter: LetterRow, *, at_once: bool) -> Edition:
    now = runtime.clock()
    if not at_once:
        check_due(session, letter, now)
    return release(session, letter, now, _means(runtime, letter))


def _complete(session: Session, runtime: Runtime, letter: LetterRow) -> None:
    """The days for changes are over: the last edition of all is due, if anybody ever signed."""
    check_unlocked(letter)
    if has_batch_in_hand(session, letter.id):
        raise NotDue("Signatures are being voided; the last edition takes all of them or none.")
    if letter.edition or count_waiting(session, letter.id):
        release(session, letter, runtime.clock(), _means(runtime, letter), last=True)
    make_final(session, letter, runtime.clock().date())
    erase_unseen(session, letter.id)
    letter.completed = True


def scheme_of(letter: LetterRow, folders: Sequence[Path]) -> Scheme:
    """How a letter's figures are cut."""
    professions = Professions.load(letter.professions, folders)
    return Scheme(professions.profession_of, professions.counted, Regions.load(letter.countries, folders).codes)


def _means(runtime: Runtime, letter: LetterRow) -> Means:
    scheme = scheme_of(letter, runtime.settings.vocabularies)
    key = None if letter.erased else runtime.keyring.identities(letter.slug)
    return Means(scheme, _printer(runtime, letter), Writer(key, runtime.chance.token, runtime.chance))


def _printer(runtime: Runtime, letter: LetterRow) -> Printer:
    folders = runtime.settings.vocabularies
    return Printer(
        names_key=runtime.keyring.server("names"),
        at_least=letter.figures_threshold,
        professions=Professions.load(letter.professions, folders).ancestors,
        regions=Regions.load(letter.countries, folders).ancestors,
        chance=runtime.chance,
    )
