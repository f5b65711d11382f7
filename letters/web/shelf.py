"""The letters as this process knows them: read once, looked after at most once in a while."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import inf
from threading import Lock

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from letters.models.finding import NoSuchLetter, read_letter
from letters.models.letters import LetterRow, LetterState
from letters.models.values import Letter, TakenDown
from letters.runtime import Runtime

FIRST_LOOK = 2.0
"""Seconds to wait for another thread that looks for the first time."""

UNHEARD = 60.0
"""Seconds for which pages show what was known while the database does not answer: names may have been taken away."""

Version = tuple[object, ...]
"""State, revision, edition, removals: all that can change what a public page shows."""

Mark = tuple[Version, LetterState]
"""A version, and what its state means by the clock."""


class Shelf:
    """Letters by slug. Asks the database at most every `runtime.learn_every` seconds, and reads only what changed."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lock = Lock()
        self._letters: Mapping[str, Letter] = {}
        self._versions: Mapping[str, Version] = {}
        self._states: Mapping[str, LetterState] = {}
        self._generation = 0
        self._learned_at: datetime | None = None
        self._heard_at: datetime | None = None

    def letter(self, slug: str) -> Letter:
        """A letter that anybody may see: not a draft. Raises `NoSuchLetter` or `TakenDown`."""
        letter = self.letter_of_signer(slug)
        if letter.taken_down_for is not None:
            raise TakenDown(letter.taken_down_for)
        return letter

    def letter_of_signer(self, slug: str) -> Letter:
        """A letter for somebody who signed it, also when it is taken down. Raises `NoSuchLetter`."""
        self._learn()
        if slug not in self._letters:
            raise NoSuchLetter("There is no letter at this address.")
        return self._letters[slug]

    def letters(self) -> list[Letter]:
        """Every letter that anybody may see, the newest first."""
        self._learn()
        shown = [letter for letter in self._letters.values() if letter.taken_down_for is None]
        return sorted(shown, key=lambda letter: -letter.id)

    def generation(self) -> int:
        """A number that grows whenever anything that public pages show has changed."""
        self._learn()
        return self._generation

    def marks(self) -> Mapping[str, Mark]:
        """By slug, also of letters that are taken down: what changes with anything that the letter's pages show."""
        self._learn()
        return {slug: (version, self._states[slug]) for slug, version in self._versions.items()}

    def _learn(self) -> None:
        """Look again when it is time; while one thread looks, the others show what was known."""
        if not self._is_fresh() and self._my_turn():
            try:
                self._look()
            finally:
                self._lock.release()

    def _look(self) -> None:
        if self._is_fresh():
            return
        try:
            self._read()
        except SQLAlchemyError:
            if self._since(self._heard_at) > UNHEARD:
                raise
            self._learned_at = self._runtime.clock()  # pages need no database as long as nothing changes

    def _my_turn(self) -> bool:
        """Whether to look now. Where nothing is known, or nothing new enough, all have to wait, but not for ever."""
        if self._since(self._heard_at) <= UNHEARD:
            return self._lock.acquire(blocking=False)
        if not self._lock.acquire(timeout=FIRST_LOOK):
            raise PoolTimeout("The first look at the letters takes too long.")
        return True

    def _is_fresh(self) -> bool:
        return self._since(self._learned_at) < self._runtime.learn_every

    def _since(self, moment: datetime | None) -> float:
        """Seconds since then or, after the clock was set back, until then."""
        return inf if moment is None else abs((self._runtime.clock() - moment).total_seconds())

    def _read(self) -> None:
        now = self._runtime.clock()
        with self._runtime.reading_soon() as session:
            versions: dict[str, Version] = {slug: tuple(version) for slug, *version in session.execute(_VERSIONS)}
            fresh = {slug: letter for slug, letter in self._letters.items() if self._keeps(slug, versions)}
            changed = [slug for slug in versions if slug not in fresh]
            rows = session.scalars(select(LetterRow).where(LetterRow.slug.in_(changed))) if changed else ()
            self._letters = {**fresh, **{row.slug: read_letter(session, row) for row in rows}}
        states = {slug: letter.state_at(now) for slug, letter in self._letters.items()}
        if (versions, states) != (self._versions, self._states):
            self._generation += 1
        self._versions, self._states, self._learned_at, self._heard_at = versions, states, now, now

    def _keeps(self, slug: str, versions: Mapping[str, Version]) -> bool:
        return slug in versions and versions[slug] == self._versions.get(slug)


_VERSIONS = select(LetterRow.slug, LetterRow.state, LetterRow.revision, LetterRow.edition, LetterRow.removals).where(
    LetterRow.state != LetterState.DRAFT.value
)
