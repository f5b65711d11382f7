"""The worker's part in drawing, in a thread of its own: mail, editions and keys never wait for the typesetter."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import structlog
from flask import Flask
from sqlalchemy import select

from letters.models.drawings import Drawing, Version, keep_drawing, sources
from letters.models.finding import find_letter
from letters.models.letters import LetterRow, LetterState
from letters.organising.drawing.drawing import draw
from letters.organising.patience import Patience
from letters.organising.rounds import go_round
from letters.organising.typesetting.starting import alone
from letters.reading.drawable import DRAWABLE, TEMPLATES, Drawable, source_of
from letters.runtime import Runtime
from letters.web.logs import where
from letters.web.site import Site

log = structlog.get_logger()

PAUSE = 2.0
"""Seconds between rounds."""

FIRST_PAUSE = 10.0
"""Seconds before the first round: a worker that starts has more urgent things to do."""


@dataclass
class Drawings:
    """One worker's. Several may draw: one at a time on a machine, and what two have drawn is the same."""

    runtime: Runtime
    app: Flask
    draw: Callable[[Drawable], bytes] = draw
    seconds: Callable[[], float] = time.monotonic
    _site: Site = field(init=False)
    _patience: Patience = field(init=False)
    _done: dict[str, Version] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._site = Site.of(self.runtime)
        self._patience = Patience(self.seconds)

    def start(self, stopped: Callable[[], bool]) -> None:
        """Go round in a thread until `stopped` says so."""
        begin = self.seconds() + FIRST_PAUSE
        go_round("drawing", lambda: self.seconds() >= begin and self.round(stopped), stopped, PAUSE)

    def round(self, stopped: Callable[[], bool] = lambda: False) -> int:
        """Draw what is missing or says something else by now, letter by letter; returns how many drawings were made.

        A letter whose drawing fails is left alone, longer each time.
        """
        with alone(TEMPLATES / "fitting.typ") as mine:
            changed = self._changed() if mine else {}
            return sum(self._tend(slug, version) for slug, version in changed.items() if not stopped())

    def _changed(self) -> dict[str, Version]:
        """The letters that may need a drawing; a letter that is taken down shows none."""
        shown = LetterRow.state != LetterState.DRAFT.value, LetterRow.taken_down_for.is_(None)
        with self.runtime.reading() as session:
            rows = session.execute(select(LetterRow.slug, LetterRow.revision, LetterRow.edition).where(*shown)).all()
        versions = {slug: (revision, edition) for slug, revision, edition in rows}
        self._done = {slug: version for slug, version in self._done.items() if slug in versions}
        return {
            slug: version
            for slug, version in versions.items()
            if self._done.get(slug) != version and self._patience.over(slug)
        }

    def _tend(self, slug: str, version: Version) -> int:
        try:
            made = self._draw(slug)
        except Exception as error:  # noqa: BLE001 - one letter's trouble is not to stop the others
            self._patience.failed(slug)
            log.error("drawing failed", error=type(error).__name__, where=where(error), letter=slug)
            return 0
        self._patience.worked(slug)
        self._done[slug] = version
        return made

    def _draw(self, slug: str) -> int:
        """Each drawing is kept as soon as it is made: whoever is killed loses one. Once the letter has changed, the
        next round begins anew."""
        with self.runtime.reading() as session:
            letter = find_letter(session, slug)
            known = sources(session, letter.id)
        made, version = 0, (letter.revision, letter.number)
        for kind, drawable_of in DRAWABLE.items():
            for language in self._site.languages(letter):
                with self.app.app_context():
                    drawable = drawable_of(self._site, letter, language)
                source = source_of(kind, drawable)
                if known.get((kind, language)) == source:
                    continue
                drawing = Drawing(source, self.draw(drawable))
                if not self.runtime.settle(partial(keep_drawing, letter.id, version, kind, language, drawing)):
                    return made
                made += 1
        return made
