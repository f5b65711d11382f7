"""Lays public pages down as files, so that the proxy answers with them and the application sees writes and misses only.

There is one renderer: every file is what the application answers. Whatever is not laid down, or no longer so, the
proxy asks the application for; so anything in doubt is taken away.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.test import Client, TestResponse

from letters.laying.assets import asset_files
from letters.laying.folder import LaidFolder
from letters.laying.pages import ENDINGS, LaidPage, home_pages, is_as_the_proxy_says, letter_pages
from letters.models.finding import NoSuchLetter
from letters.models.values import Letter
from letters.web.encodings import BR, GZIP
from letters.web.kept import LARGE
from letters.web.site import Site

log = structlog.get_logger()

EVERY = 1.0
"""Seconds between two looks at what has changed."""

LATE = 2.0
"""Seconds after which a place that is known to have changed shows nothing until it is laid anew."""

REST = 10.0
"""Seconds without another try where writing or rendering failed."""

ASSETS, HOME, LETTERS, EVERYWHERE = "static", "index", "letters/", ""


class Unanswered(Exception):
    """The application could not answer just now."""


@dataclass
class Laying:
    """One process at this work; `now` counts seconds."""

    site: Site
    client: Client
    folder: LaidFolder
    now: Callable[[], float]
    _laid: dict[str, Hashable] = field(default_factory=dict, init=False)
    """What each place was laid down for, the one laid longest ago first."""
    _changed: dict[str, float] = field(default_factory=dict, init=False)
    _resting: dict[str, float] = field(default_factory=dict, init=False)
    _looked: float = field(default=float("-inf"), init=False)
    _said: str = field(default="", init=False)

    def run(self, stopped: Callable[[], bool], pause: Callable[[float], object]) -> None:
        """Work until `stopped` says so, then take everything away. While another process is at it, wait."""
        while not stopped() and not self.folder.take():
            pause(EVERY)
        try:
            while not stopped():
                if not self.round():
                    pause(EVERY)
        finally:
            self.folder.leave()

    def round(self) -> bool:
        """Lay down at most one place; True when more wait. A failure is logged once and ends nothing."""
        try:
            return self._step()
        except SQLAlchemyError as error:  # not heard for too long: names may have been taken away meanwhile
            self.folder.clear()
            self._laid.clear()
            self._complain(error)
        except OSError as error:
            self._complain(error)
        return False

    def _step(self) -> bool:
        marks = self._marks()
        changed = self._let_go(marks)
        self.folder.sweep()
        new = [place for place in marks if place not in self._laid and place not in changed]
        due = [place for place in (*changed, *new) if self._is_up(place)]
        if due:
            self._lay(due[0], marks[due[0]])
        return len(due) > 1

    def _let_go(self, marks: Mapping[str, Hashable]) -> list[str]:
        """Take away what is no longer there, and of what has changed what may not wait; returns what has changed."""
        self._looked = self.now()
        for place in [place for place in self._laid if place not in marks]:
            self._take_away(place)
        changed = [place for place, mark in self._laid.items() if marks[place] != mark]
        for place in changed:
            if self._may_not_wait(place):
                self._take_away(place)
        return changed

    def _marks(self) -> dict[str, Hashable]:
        """What each place is to be laid down for."""
        marks = self.site.shelf.marks()
        return {ASSETS: "", HOME: tuple(marks.items()), **{LETTERS + slug: mark for slug, mark in marks.items()}}

    def _may_not_wait(self, place: str) -> bool:
        """Whether what a changed place shows has to go before there is anything new."""
        since = self._changed.setdefault(place, self.now())
        return self._hides(place) or self.now() - since >= LATE

    def _hides(self, place: str) -> bool:
        """Whether there is less to be seen of this letter than there may have been before."""
        letter = self._letter(place)
        return letter is not None and (
            letter.locked or letter.burned or letter.erased or letter.taken_down_for is not None
        )

    def _letter(self, place: str) -> Letter | None:
        if not place.startswith(LETTERS):
            return None
        try:
            return self.site.shelf.letter_of_signer(place.removeprefix(LETTERS))
        except NoSuchLetter:
            return None

    def _is_up(self, place: str) -> bool:
        return max(self._resting.get(place, 0.0), self._resting.get(EVERYWHERE, 0.0)) <= self.now()

    def _take_away(self, place: str) -> None:
        self.folder.remove(place)
        self._laid.pop(place, None)
        self._changed.pop(place, None)

    def _lay(self, place: str, mark: Hashable) -> None:
        begun = self.now()
        try:
            files, marks = self._rendered(place), self._marks()
            self._let_go(marks)
            changed = marks.get(place) != mark
            if changed and self._hides(place):
                return  # some of it was rendered before it was to be hidden; the next round begins anew
            self._laid.pop(place, None)
            self.folder.lay(place, files) if files else self.folder.remove(place)
        except (OSError, Unanswered) as error:
            self._complain(error)
            self._resting[EVERYWHERE if isinstance(error, OSError) else place] = self.now() + REST
            return
        self._laid[place], self._said = mark, ""
        self._changed.pop(place, None)
        self._resting.pop(place, None)
        if changed:
            self._changed[place] = begun

    def _rendered(self, place: str) -> dict[str, bytes]:
        """The files of a place, while nothing else that may not wait stays. Raises `Unanswered`."""
        files: dict[str, bytes] = {}
        for path, body in self._files(place):
            files[path] = body
            if self.now() - self._looked >= EVERY:
                self._let_go(self._marks())
        return files

    def _files(self, place: str) -> Iterator[tuple[str, bytes]]:
        """The files of a place. Raises `Unanswered`."""
        if place == ASSETS:
            yield from asset_files()
        for page in self._pages(place):
            plain = self._ask(page, "identity")
            if plain.status_code != 200 or len(plain.data) >= LARGE or not is_as_the_proxy_says(page, plain.headers):
                continue
            yield page.file, plain.data
            for encoding in (BR, GZIP):
                answer = self._ask(page, encoding)
                if answer.headers.get("Content-Encoding") == encoding:
                    yield page.file + ENDINGS[encoding], answer.data

    def _pages(self, place: str) -> list[LaidPage]:
        if place == HOME:
            return home_pages(self.site.runtime.settings.languages)
        letter = self._letter(place)
        return letter_pages(letter, self.site.languages(letter)) if letter else []

    def _ask(self, page: LaidPage, encoding: str) -> TestResponse:
        answer = self.client.get(page.path, headers={**page.headers, "Accept-Encoding": encoding})
        if answer.status_code >= 500:
            raise Unanswered
        return answer

    def _complain(self, error: Exception) -> None:
        """Log by type what keeps pages from being laid down, once until it works again."""
        name = type(error).__name__
        if name != self._said:
            log.error("pages are not laid down", error=name, reason=getattr(error, "strerror", None))
        self._said = name
