"""What a request means: a filter, ticked signatures, a place in the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import abort
from werkzeug.datastructures import MultiDict

from letters.organising.defending.filter_form import read_filter
from letters.organising.defending.filters import Filter
from letters.organising.defending.refusals import NothingTicked, UnknownFilter
from letters.organising.workspace.access import Member
from letters.organising.workspace.page import LetterPage
from letters.vocabularies.spoken import Labels

ID_BYTES = 16


class ChosenPage(LetterPage):
    """A page about some of a letter's signatures."""

    def labels(self, member: Member) -> Labels:
        return self.site.labels(member.of_letter, member.session.account.language)

    def filter_in(self, given: Mapping[str, str], labels: Labels) -> Filter:
        """404 for a filter that this letter does not have."""
        try:
            return read_filter(given, labels)
        except UnknownFilter:
            abort(404)


def read_ids(texts: Sequence[str]) -> list[bytes]:
    """Signatures' ids out of hexadecimal; 400 for anything else, which no form of ours sends."""
    return [_read_id(text) for text in dict.fromkeys(texts)]


def read_after(given: Mapping[str, str]) -> bytes | None:
    """Behind which signature the list goes on; None from its beginning."""
    text = given.get("after", "")
    return _read_id(text) if text else None


def ticked(form: MultiDict[str, str]) -> list[bytes]:
    """The ticked signatures, or all that the page showed. Raises `NothingTicked`."""
    ids = read_ids(form.getlist("shown" if form.get("whole_page") else "id"))
    if not ids:
        raise NothingTicked("Tick at least one signature first.")
    return ids


def _read_id(text: str) -> bytes:
    try:
        id = bytes.fromhex(text) if text.isalnum() else b""
    except ValueError:
        id = b""
    if len(id) != ID_BYTES:
        abort(400)
    return id
