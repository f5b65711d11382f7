"""A letter's log: a page in words, and what programs read of it (C2SP tlog-checkpoint, tlog-tiles)."""

from __future__ import annotations

import hashlib

from flask import Response, abort, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from letters.models.heads import Head, newest_head
from letters.models.values import Letter
from letters.publishing.log import tile_reader
from letters.reading.linked import linked
from letters.reading.pages import PublicPage
from letters.reading.queries import last_without_log
from letters.reading.samples import list_samples
from letters.settings import ROOT
from letters.web.headers import for_programs
from letters.web.locale import switch
from letters.web.present import letter_view
from letters.web.site import SitePage
from verification.ledger.tiles import WIDTH, BadTile, TileAddress, cut
from verification.ledger.trees import TILE_HEIGHT

AUDITOR = ROOT / "deploy" / "audit.py"
"""The auditor as one file."""

FOR_EVER = "public, max-age=31536000, immutable"


class LogPage(PublicPage):
    """What the log is, how far it has come, who has seen that, and how to check it."""

    def get(self, slug: str) -> ResponseReturnValue:
        letter, language = self.letter(slug)
        key = ("log", slug, letter.revision, letter.number, language, g.prefix)
        return self.site.pages.answer(key, lambda: self._render(letter, language))

    def _render(self, letter: Letter, language: str) -> str:
        with self.site.runtime.reading() as session:
            samples, without = list_samples(session, letter.id), last_without_log(session, letter.id)
        return render_template(
            "reading/log.html",
            letter=letter_view(letter, language, self.site.state(letter)),
            head=letter.head,
            witnesses_named=self.site.runtime.settings.witnesses is not None,
            without=without,
            samples=samples,
            absolute=self.site.url,
            switch=switch(self.site.languages(letter)),
            linked=linked(self.site, letter, "log", _("The log")),
        )


class LogCheckpoint(PublicPage):
    """The newest signed head with its cosignatures; the shelf knows it, so nothing is read for it."""

    def get(self, slug: str) -> ResponseReturnValue:
        letter, _language = self.letter(slug)
        head = letter.head
        if head is None:
            abort(404)
        key = ("checkpoint", slug, head.checkpoint)
        response = self.site.pages.answer(key, lambda: head.checkpoint, "text/plain; charset=utf-8")
        return for_programs(response)


class LogTile(PublicPage):
    """A tile or bundle of entries below the newest signed head, which never changes."""

    def get(self, slug: str, path: str) -> ResponseReturnValue:
        letter, _language = self.letter(slug)
        try:
            address = TileAddress.parse(f"tile/{path}")
            with self.site.runtime.reading() as session:
                data = read_tile(session, letter, address)
        except BadTile:
            abort(404)
        response = Response(data, content_type="application/octet-stream")
        response.headers["Cache-Control"] = FOR_EVER
        response.headers["ETag"] = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
        if "If-None-Match" in request.headers:
            response.make_conditional(request)
        return for_programs(response)


class AuditorFile(SitePage):
    """The auditor, to be run on the reader's own machine."""

    def get(self) -> ResponseReturnValue:
        if not AUDITOR.exists():
            abort(404)
        response = self.site.pages.answer("audit.py", AUDITOR.read_text, "text/x-python; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="audit.py"'
        return for_programs(response)


def read_tile(session: Session, letter: Letter, address: TileAddress) -> bytes:
    """As much of a tile as its address says. Raises `BadTile` for what is not there, or not signed so far."""
    if not _holds(letter.head, address) and not _holds(newest_head(session, letter.id), address):
        raise BadTile(f"The log has no {address.path} so far. Read the checkpoint anew.")
    return cut(address, tile_reader(session, letter.id)(address.level, address.number))


def _holds(head: Head | None, address: TileAddress) -> bool:
    """Whether the tile is in the tree of that head; the shelf's may be older than what another process has shown."""
    size = head.size if head else 0
    return address.number * WIDTH + address.width <= size >> TILE_HEIGHT * max(address.level, 0)
