"""Home, signatories, count, badge: bytes that change only with an edition or a removal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask import abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from letters.models.heads import Head
from letters.models.letters import LetterState
from letters.models.signatures import Standing
from letters.models.values import Edition, Letter
from letters.publishing.listing import NOBODY, Entry, EntryPage, list_entries, search_entries
from letters.publishing.pseudonyms import render as render_pseudonym
from letters.reading.decisions import in_words
from letters.reading.linked import linked, summary
from letters.reading.queries import decisions, history
from letters.reading.samples import list_samples
from letters.reading.tile_maps import tile_maps
from letters.vocabularies.spoken import Labels
from letters.web.headers import POLICY
from letters.web.locale import speak, switch
from letters.web.present import CellView, PairView, breakdowns, count_view, letter_view, pairs
from letters.web.site import Site, SitePage

LONGEST_QUERY = 100

BADGE_POLICY = POLICY.replace("style-src 'self'", "style-src 'none'")


@dataclass(frozen=True)
class EntryView:
    """One line of the public list in words; parts that may not be shown are empty."""

    name: str
    pseudonymous: bool
    profession: str
    region: str


class PublicPage(SitePage):
    """A page that is a function of letter, edition, removals and language."""

    def letter(self, slug: str) -> tuple[Letter, str]:
        """The letter and the language to speak; 404 for one that has not opened yet."""
        letter = self.site.shelf.letter(slug)
        if letter.state_at(self.site.runtime.clock()) is LetterState.SCHEDULED:
            abort(404)
        return letter, speak(self.site.languages(letter))


class Home(PublicPage):
    """Letters open here, then those that were."""

    def get(self) -> ResponseReturnValue:
        shown = self.site.shown()
        shown.sort(key=lambda pair: pair[1] not in (LetterState.OPEN, LetterState.PAUSED))
        key = ("home", g.language, g.prefix, *((item.slug, item.revision, item.number, state) for item, state in shown))
        return self.site.pages.answer(
            key,
            lambda: render_template(
                "reading/home.html",
                letters=[(letter_view(letter, g.language, state), count_view(letter)) for letter, state in shown],
            ),
        )


class Signatories(PublicPage):
    """Names and pseudonyms of released editions, first signatories on top; under lockdown nobody."""

    def get(self, slug: str) -> ResponseReturnValue:
        letter, language = self.letter(slug)
        page, query = (1, "") if letter.locked else (page_number(), search_words())
        state = self.site.state(letter)
        if query:
            return self._render(letter, language, page, query)
        key = ("signatories", slug, letter.revision, letter.number, letter.removals, state, page, language, g.prefix)
        return self.site.pages.answer(key, lambda: self._render(letter, language, page, ""))

    def _render(self, letter: Letter, language: str, page: int, query: str) -> str:
        found = NOBODY if letter.locked else self._find(letter, page, query)
        labels = self.site.labels(letter, g.language)
        return render_template(
            "reading/signatories.html",
            letter=letter_view(letter, language, self.site.state(letter)),
            count=count_view(letter),
            entries=[_entry(entry, labels) for entry in found.entries],
            found=found,
            query=query,
            switch=switch(self.site.languages(letter), {"page": found.page, "q": query or None}),
            linked=None if query or found.page > 1 else linked(self.site, letter, "signatories", _("Signatories")),
            page_of=lambda number: url_for("signatories", slug=letter.slug, page=number, q=query or None),
        )

    def _find(self, letter: Letter, page: int, query: str) -> EntryPage:
        names_key = self.site.runtime.keyring.server("names")
        with self.site.runtime.reading() as session:
            if query:
                return search_entries(session, letter.id, page, names_key, query)
            return list_entries(session, letter.id, page, names_key)


class CountPage(PublicPage):
    """Figures with charts, and the history of editions."""

    def get(self, slug: str) -> ResponseReturnValue:
        letter, language = self.letter(slug)
        key = ("count", slug, letter.revision, letter.number, self.site.state(letter), language, g.prefix)
        return self.site.pages.answer(key, lambda: self._render(letter, language))

    def _render(self, letter: Letter, language: str) -> str:
        with self.site.runtime.reading() as session:
            editions, decided = history(session, letter.id, letter.number), decisions(session, letter.id)
            samples = list_samples(session, letter.id)
        return render_template(
            "reading/count.html",
            letter=letter_view(letter, language, self.site.state(letter)),
            count=count_view(letter),
            edition=letter.edition,
            policy=letter.policy,
            rule=letter.rule,
            cells=cells(self.site, letter, letter.edition),
            maps=tile_maps(self.site, letter, letter.edition, g.language),
            pairs=pairs_of(self.site, letter, letter.edition),
            checks=checks(letter.edition, letter),
            institutions=len(letter.institutions),
            unverified=letter.unverified,
            decisions=decided,
            why=in_words,
            samples=samples,
            editions=editions,
            head=head_of(letter),
            absolute=self.site.url,
            switch=switch(self.site.languages(letter)),
            linked=linked(self.site, letter, "count", _("The count"), summary(letter)),
        )


class Badge(PublicPage):
    """The count as a small picture for other sites."""

    def get(self, slug: str) -> ResponseReturnValue:
        letter, language = self.letter(slug)
        key = ("badge", slug, letter.number, language)
        count = count_view(letter)
        response = self.site.pages.answer(
            key, lambda: render_template("reading/badge.svg", count=count), "image/svg+xml"
        )
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["Content-Security-Policy"] = BADGE_POLICY
        return response


def _entry(entry: Entry, labels: Labels) -> EntryView:
    return EntryView(
        name=entry.name or render_pseudonym(entry.pseudonym or 0, g.language),
        pseudonymous=entry.name is None,
        profession=labels.profession(entry.profession),
        region=labels.region(entry.region),
    )


def cells(site: Site, letter: Letter, edition: Edition | None) -> Mapping[str, Sequence[CellView]]:
    """The printed breakdowns in the language that the page speaks."""
    if edition is None:
        return {}
    return breakdowns(edition, site.labels(letter, g.language))


def pairs_of(site: Site, letter: Letter, edition: Edition | None) -> Sequence[PairView] | None:
    """Professions by region, for the last edition of all."""
    return pairs(edition, site.labels(letter, g.language)) if edition else None


def checks(edition: Edition | None, letter: Letter | None = None) -> Collection[str]:
    """The standings that an edition's page has to explain; the letter's own page also the one that its list brings."""
    shown = edition.figures["standing"]["shown"] if edition else ()
    listed = (Standing.INSTITUTION.value,) if letter and letter.institutions else ()
    return {*shown, *listed}


def head_of(letter: Letter) -> Head | None:
    """The signed head that the current edition ends at; None while it is not signed, and where there is no log."""
    size = letter.edition.log_size if letter.edition else None
    return letter.head if letter.head and letter.head.size == size else None


def page_number() -> int:
    """`page=` as a number of 1 or more; 404 for anything else."""
    text = request.args.get("page", "1")
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < 1:
        abort(404)
    return int(text)


def search_words() -> str:
    """`q=` without what no name holds."""
    spaced = (" " if letter.isspace() else letter for letter in request.args.get("q", ""))
    words = "".join(letter for letter in spaced if letter.isprintable() and letter != "\ufffd")
    return " ".join(words.split())[:LONGEST_QUERY]
