"""Card, poster and QR code of a letter. Cards and posters are drawn by the worker; here they are only handed out."""

from __future__ import annotations

from typing import ClassVar

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug import Response

from letters.models.drawings import DrawingKind, find_drawing
from letters.models.values import Letter
from letters.reading.codes import qr_png
from letters.reading.drawable import DRAWABLE, address_of, source_of
from letters.reading.pages import PublicPage
from letters.web.headers import personal
from letters.web.pages import Page, respond
from verification.errors import Refusal

PNG = "image/png"


class NotYetDrawn(Refusal):
    """The worker has not come to it; there may be an older one."""


class Drawn(PublicPage):
    """The newest drawing of a kind.

    One that is older than what the letter's pages say is not kept by anybody: a newer one comes within seconds.
    """

    kind: ClassVar[DrawingKind]
    media_type: ClassVar[str]

    def get(self, slug: str) -> ResponseReturnValue:
        letter, language = self.letter(slug)
        offered = self.site.languages(letter)
        spoken = language if language in offered else offered[0]
        source = source_of(self.kind, DRAWABLE[self.kind](self.site, letter, spoken))
        try:
            key = (self.kind, slug, spoken, source)
            answer: Response = self.site.pages.answer(key, lambda: self._drawn(letter, spoken, source), self.media_type)
        except NotYetDrawn:
            older = self._older(letter, (spoken, *offered))
            if older is None:
                return _being_drawn()
            answer = respond(Page.of(older, self.media_type))
            answer.headers["Cache-Control"] = "no-cache"
        return self.send(answer, letter, spoken)

    def send(self, answer: Response, letter: Letter, language: str) -> Response:
        """The answer with what its kind needs besides."""
        raise NotImplementedError

    def _drawn(self, letter: Letter, language: str, source: bytes) -> bytes:
        with self.site.runtime.reading() as session:
            drawing = find_drawing(session, letter.id, self.kind, language)
        if drawing is None or drawing.source != source:
            raise NotYetDrawn("The worker is still drawing. Look again in a minute.")
        return drawing.data

    def _older(self, letter: Letter, languages: tuple[str, ...]) -> bytes | None:
        """What there is meanwhile: in the language asked for, or else in the first that has one."""
        with self.site.runtime.reading() as session:
            found = (find_drawing(session, letter.id, self.kind, language) for language in languages)
            return next((drawing.data for drawing in found if drawing), None)


class CardPage(Drawn):
    """A picture with title and count, for whoever shows a link to the letter."""

    kind = DrawingKind.CARD
    media_type = PNG

    def send(self, answer: Response, letter: Letter, language: str) -> Response:
        return for_other_sites(answer)


class PosterPage(Drawn):
    """A sheet to be printed and put up."""

    kind = DrawingKind.POSTER
    media_type = "application/pdf"

    def send(self, answer: Response, letter: Letter, language: str) -> Response:
        answer.headers["Content-Disposition"] = f'attachment; filename="{letter.slug}-poster-{language}.pdf"'
        return answer


class QrPage(PublicPage):
    """The letter's address for the camera of a phone; the same in every language."""

    def get(self, slug: str) -> ResponseReturnValue:
        letter, _language = self.letter(slug)
        address = address_of(self.site, letter)
        return for_other_sites(self.site.pages.answer(("qr", address), lambda: qr_png(address), PNG))


def for_other_sites(response: Response) -> Response:
    """Pages of other sites may show it (Fetch standard, cross-origin resource policy)."""
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _being_drawn() -> Response:
    paragraphs = [_("Look again in a minute.")]
    return personal(render_template("message.html", title=_("This is being drawn"), paragraphs=paragraphs), 404)
