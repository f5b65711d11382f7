"""Names of signers, unlocked for one page at a time, and a search among them.

Names are asked for by a form and stand in its answer alone: no address, log or history of a browser holds what was
searched for, and leafing back shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from letters.models.teams import Role
from letters.organising.defending.chosen import ChosenPage, read_after
from letters.organising.defending.filter_form import filter_selects, query_of
from letters.organising.defending.filters import Filter
from letters.organising.defending.looking import Found, count_fitting, list_signatures, open_lines, search_names
from letters.organising.defending.refusals import SearchesElsewhere
from letters.organising.defending.views import signature_view
from letters.organising.lockdown import check_exportable
from letters.organising.teams.keys import opener_of
from letters.organising.teams.trail import Act, record
from letters.organising.workspace.access import Access, Member
from letters.organising.workspace.words import says
from verification.errors import Refusal

LONGEST_SEARCH = 200
"""Characters of what is searched for."""

SEARCHING = BoundedSemaphore(1)
"""Held during a search: it keeps a core busy for most of a second, and a process has eight threads for all who sign."""


class Names(ChosenPage):
    """What opening means; POST opens a page of names, or those that hold some words."""

    needs = Access(role=Role.REVIEWER, strong=True)

    def get(self, member: Member) -> ResponseReturnValue:
        return self._closed(member) or self._show(member, self.filter_in(request.args, self.labels(member)))

    def post(self, member: Member) -> ResponseReturnValue:
        closed = self._closed(member)
        if closed is not None:
            return closed
        runtime, chosen = self.site.runtime, self.filter_in(request.form, self.labels(member))
        words = " ".join(request.form.get("words", "").split())[:LONGEST_SEARCH]
        try:
            with _in_turn(words), runtime.reading() as session:
                found = self._open(session, member, chosen, words)
        except SearchesElsewhere as refusal:
            return self.refuse(member, says(refusal), 503)
        if found.looked:
            doing = self.doing(member)
            runtime.settle(lambda session: record(session, doing, Act.NAMES_OPENED, count=found.looked))
        return self._show(member, chosen, words, found)

    def _closed(self, member: Member) -> Response | None:
        """Why no name opens here, if that is so."""
        letter, runtime = member.of_letter, self.site.runtime
        if letter.custody == "offline":
            return self.answer("organising/defending/names_offline.html", member)
        secret = member.session.secret(runtime.keyring)
        try:
            check_exportable(letter)
            with runtime.reading() as session:
                opener_of(session, letter, member.session.account.id, secret)
        except Refusal as refusal:
            return self.refuse(member, says(refusal), 403)
        return None

    def _open(self, session: Session, member: Member, chosen: Filter, words: str) -> Found:
        letter, keyring, after = member.of_letter, self.site.runtime.keyring, read_after(request.form)
        opener = opener_of(session, letter, member.session.account.id, member.session.secret(keyring))
        if words:
            return search_names(session, letter, keyring, opener, chosen, words, after)
        listing = list_signatures(session, letter.id, chosen, after)
        identities = open_lines(session, letter, keyring, opener, [line.id for line in listing.lines])
        return Found(listing.lines, identities, listing.next, len(identities))

    def _show(self, member: Member, chosen: Filter, words: str = "", found: Found | None = None) -> ResponseReturnValue:
        labels = self.labels(member)
        with self.site.runtime.reading() as session:
            fitting = count_fitting(session, member.of_letter.id, chosen)
        return self.answer(
            "organising/defending/names.html",
            member,
            selects=filter_selects(chosen, labels),
            query=query_of(chosen),
            fitting=fitting,
            words=words,
            opened=found is not None,
            signatures=[signature_view(line, labels, found.identities) for line in found.lines] if found else [],
            next=found.next.hex() if found and found.next else "",
            looked=_looked_before() + (found.looked if found else 0),
        )


@contextmanager
def _in_turn(words: str) -> Iterator[None]:
    """Hold the place of whoever searches, if anything is searched for. Raises `SearchesElsewhere`."""
    if words and not SEARCHING.acquire(blocking=False):
        raise SearchesElsewhere("Another search is going on.")
    try:
        yield
    finally:
        if words:
            SEARCHING.release()


def _looked_before() -> int:
    """How many were looked through on the pages before this one, as its form says."""
    text = request.form.get("looked", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
