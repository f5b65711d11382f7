"""Making a mirror: every page is what the application answers, of letters as they stood at one moment.

Where a letter changed while it was written, it is written anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from math import inf

from flask import Flask
from werkzeug.test import Client

from letters.app import create_app
from letters.mirroring.copied import Copied, copied_letter
from letters.mirroring.folder import MirrorFolder
from letters.mirroring.links import Links
from letters.mirroring.plan import Plan, files_beside, is_for_all
from letters.models.finding import NoSuchLetter
from letters.models.values import Letter, TakenDown
from letters.organising.addressing.signing import asking_for_list
from letters.organising.log_signing import asking_for_log
from letters.runtime import Runtime
from letters.web.site import Site
from verification.errors import Refusal
from verification.ledger.auditing.mirror_files import MIRROR_FILE, MIRROR_FORMAT, OWN, mirrored_file

ATTEMPTS = 3
"""How often it is written while a letter changes; what changes the last time waits for the next mirror."""

SETTLING = 10
"""Seconds to wait for the head of a new edition, or a new list of addresses, to be signed."""

Bar = Callable[[Iterable[str], str, int], AbstractContextManager[Iterable[str]]]


class NothingPublic(Refusal):
    """A letter that was named was never open to readers."""


class KeepsChanging(Refusal):
    """All names of a letter were hidden while it was written, or it was taken down."""


def without_bar(items: Iterable[str], _label: str, _length: int) -> AbstractContextManager[Iterable[str]]:
    """No progress is shown."""
    return nullcontext(items)


@dataclass(frozen=True)
class Mirroring:
    """One mirror of these letters, of all public ones where none are named. `pause` waits so many seconds.

    A letter that was taken down is left out, named or not, so that the mirror follows.
    """

    runtime: Runtime
    named: Collection[str]
    pause: Callable[[float], object]
    bar: Bar = without_bar
    make_app: Callable[[Runtime, Site], Flask] = create_app

    def write(self, folder: MirrorFolder) -> Mapping[str, int]:
        """Write all of it; returns the editions by letter. Raises `NothingPublic`, `KeepsChanging`, `NoAnswer`."""
        for attempt in range(1, ATTEMPTS + 1):
            self._settle()
            folder.clear()
            letters = self._write(folder)
            now = self._letters(Site.of(self._frozen))
            if _shown(letters, exactly=attempt < ATTEMPTS) == _shown(now, exactly=attempt < ATTEMPTS):
                return {slug: letter.number for slug, letter in letters.items()}
        raise KeepsChanging("All names of a letter were hidden while the mirror was written. Run it again.")

    def _settle(self) -> None:
        """Wait while the worker signs what is new: without it nobody can check the copy, or know its addresses."""
        for _second in range(SETTLING):
            if self._is_signed():
                return
            self.pause(1.0)

    def _is_signed(self) -> bool:
        chosen = {letter.id for letter in self._letters(Site.of(self._frozen)).values()}
        with self.runtime.reading() as session:
            asking = asking_for_log(session) | asking_for_list(session, self.runtime.settings.base_url)
        return chosen.isdisjoint(asking)

    @property
    def _frozen(self) -> Runtime:
        """One that looks at the letters once."""
        return replace(self.runtime, learn_every=inf)

    def _letters(self, site: Site) -> dict[str, Letter]:
        letters = {letter.slug: letter for letter, _state in site.shown()}
        missing = [slug for slug in self.named if slug not in letters and not _is_down(site, slug)]
        if missing:
            raise NothingPublic(f"Readers see no letter {missing[0]!r} here. Leave it out.")
        return {slug: letter for slug, letter in letters.items() if slug in self.named or not self.named}

    def _write(self, folder: MirrorFolder) -> dict[str, Letter]:
        """Write what there is at this moment; returns the letters as they were."""
        site = Site.of(self._frozen)
        letters = self._letters(site)
        copied, app = self._copied(letters), self.make_app(site.runtime, site)
        app.jinja_env.globals["mirror"] = copied
        plan = Plan(app, Client(app, use_cookies=False), site, letters)
        for file, body in files_beside():
            folder.write(file, body)
        links, many = Links(copied.site, plan.file_of), sum(1 for _path in plan.paths())
        with self.bar(plan.paths(), "copying", many) as paths:
            for path in paths:
                _copy(folder, plan, links, path)
        languages = site.runtime.settings.languages
        own = sorted({*folder.names, *languages, MIRROR_FILE})
        for place, root in (("", ""), *((f"{code}/", "../") for code in languages)):
            folder.write(f"{place}{MIRROR_FILE}", _said(plan, copied, root, own))
        return letters

    def _copied(self, letters: Mapping[str, Letter]) -> Copied:
        base_url = self.runtime.settings.base_url
        with self.runtime.reading() as session:
            copies = {slug: copied_letter(session, letter, base_url) for slug, letter in letters.items()}
        return Copied(base_url, self.runtime.clock().date(), copies)


def _copy(folder: MirrorFolder, plan: Plan, links: Links, path: str) -> None:
    """Write what the application answers at a path, if it answers so to all. Raises `NoAnswer`."""
    answer, file = plan.ask(path), mirrored_file(path)
    if not is_for_all(answer):
        return
    body = links.rewritten(answer.text, file).encode() if answer.mimetype == "text/html" else answer.data
    folder.write(file, body)


def _said(plan: Plan, copied: Copied, root: str, own: Sequence[str]) -> bytes:
    """What mirror.json says; `own` is all that the mirror has in its root."""
    letters = [
        {
            "letter": slug,
            "edition": letter.number,
            "languages": list(plan.site.languages(letter)),
            "page": mirrored_file(f"/letters/{slug}"),
            "official": [address.url for address in copied.of(slug).addresses],
        }
        for slug, letter in plan.chosen.items()
    ]
    said = {"format": MIRROR_FORMAT, "root": root, "of": copied.site, "made_on": copied.made_on.isoformat()}
    return (
        json.dumps({**said, OWN: own, "letters": letters, "files": FILES}, ensure_ascii=False, indent=1).encode()
        + b"\n"
    )


FILES = {
    "/letters/<slug>/…": "letters/<slug>/…/index.html",
    "/<language>/letters/<slug>/…": "<language>/letters/<slug>/…/index.html",
    "/api/v1/…": "api/v1/….json",
    "?page=2": "/page-2 before that ending",
    "anything else": "the same path",
}
"""How paths of the site map to files, for people; `mirrored_file` has it for programs."""


def _is_down(site: Site, slug: str) -> bool:
    try:
        site.shelf.letter(slug)
    except (NoSuchLetter, TakenDown) as absent:
        return isinstance(absent, TakenDown)
    return False


def _shown(letters: Mapping[str, Letter], *, exactly: bool) -> dict[str, tuple[object, ...]]:
    """What changes with anything that is shown; if not `exactly`, when all of a letter's names are taken away."""
    return {
        slug: (letter.locked, letter.burned, letter.erased, _moment(letter) if exactly else None)
        for slug, letter in letters.items()
    }


def _moment(letter: Letter) -> tuple[object, ...]:
    """What changes with an edition, a name that is taken away, and what organisers change, addresses too."""
    return letter.number, letter.removals, letter.revision
