"""A letter on other sites: a frame without any script, and a small script that keeps a count up to date."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, g, render_template, url_for
from flask.typing import ResponseReturnValue

from letters.models.letters import LetterState
from letters.models.values import Letter, TakenDown
from letters.reading.pages import PublicPage
from letters.settings import ROOT
from letters.web.headers import for_programs, personal
from letters.web.present import count_view, letter_view
from letters.web.site import Site, SitePage

FRAME_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"

FRAME_SIZE = (480, 320)
"""Width and height of a frame in CSS pixels where nobody asks for others; down to 280 nothing is wider than it."""

SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
"""What a frame needs: its one link opens a window of its own."""

SCRIPT = ROOT / "static" / "embed.js"
SCRIPT_FRESH = 3600
"""Seconds for which other sites' readers keep the script."""


@dataclass(frozen=True)
class Frame:
    """What an `<iframe>` is made of."""

    source: str
    title: str
    width: int
    height: int
    sandbox: str = SANDBOX


def frame(site: Site, letter: Letter, language: str | None, size: tuple[int, int] = FRAME_SIZE) -> Frame:
    """The frame of a letter in that language; where it is None, each reader's browser decides."""
    title = letter_view(letter, g.language, site.state(letter)).title
    return Frame(site.url(url_for("embed", slug=letter.slug, language=language)), title, *size)


class Embed(PublicPage):
    """Title, addressee, count and a link, for a frame on any site.

    The form is never in it. A page around a frame can cover it and steal the click that signs (clickjacking), and it
    sees who was there; so the link opens the letter in a window of its own, which knows nothing of that page.
    """

    def get(self, slug: str) -> ResponseReturnValue:
        try:
            letter, language = self.letter(slug)
        except TakenDown as gone:
            return _for_frames(personal(render_template("reading/embed.html", reason=gone.reason), 410))
        key = ("embed", slug, letter.revision, letter.number, self.site.state(letter), language, g.prefix)
        return _for_frames(self.site.pages.answer(key, lambda: self._render(letter, language)))

    def _render(self, letter: Letter, language: str) -> str:
        view = letter_view(letter, language, self.site.state(letter))
        return render_template(
            "reading/embed.html",
            letter=view,
            count=count_view(letter),
            open=view.state == LetterState.OPEN,
            address=self.site.url(url_for("letter", slug=letter.slug)),
        )


class EmbedScript(SitePage):
    """The script under an address that stays."""

    def get(self) -> ResponseReturnValue:
        response = self.site.pages.answer("embed.js", SCRIPT.read_text, "text/javascript; charset=utf-8")
        response.headers["Cache-Control"] = f"public, max-age={SCRIPT_FRESH}"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return for_programs(response)


def _for_frames(response: Response) -> Response:
    """Any site may show it. An embedder policy of its own would keep its style sheet from a frame in a sandbox."""
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
