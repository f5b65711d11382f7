"""oEmbed 1.0 (oembed.com): whoever is given the address of a letter learns how to show it."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import SplitResult, urlsplit

from flask import Response, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from letters.models.finding import NoSuchLetter
from letters.models.values import Letter, TakenDown
from letters.reading.embedding import FRAME_SIZE, frame
from letters.reading.linked import CARD_SIZE, card_address
from letters.reading.pages import PublicPage
from letters.web.headers import open_to_all
from letters.web.pages import FRESH
from letters.web.present import letter_view
from letters.web.problems import problem
from verification.errors import Refusal
from verification.ledger.official import USUAL_PORTS, network_name

PAGES = frozenset({"letter", "embed", "share", "count"})
"""The pages in place of which a letter's frame can stand."""

LONGEST_URL = 2000

_SIZE = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)


class UnknownAddress(Refusal):
    """There is nothing to show for this address."""


class BadSize(Refusal):
    """A size is no number of pixels."""


class UnknownFormat(Refusal):
    """Only JSON is written."""


class OEmbed(PublicPage):
    """A letter's frame, by the letter's address on this site. That address is read here and never fetched."""

    def get(self) -> ResponseReturnValue:
        try:
            return self._answer()
        except UnknownFormat as refusal:
            return problem(501, str(refusal))
        except BadSize as refusal:
            return problem(422, str(refusal))
        except (UnknownAddress, NoSuchLetter) as refusal:
            return problem(404, str(refusal))
        except TakenDown as gone:
            return problem(410, f"The host of this site took the letter down: {gone.reason}")

    def _answer(self) -> Response:
        if request.args.get("format", "json") != "json":
            raise UnknownFormat("This site writes JSON only. Ask with `format=json`, or without `format`.")
        width, height = (_size(name, usual) for name, usual in zip(("maxwidth", "maxheight"), FRAME_SIZE, strict=True))
        slug, prefix = self._place(request.args.get("url", ""))
        g.prefix, g.language = prefix, prefix or g.language
        letter, _language = self._letter(slug)
        body = json.dumps(self._body(letter, (width, height), prefix), ensure_ascii=False)
        response = Response(body + "\n", content_type="application/json")
        response.headers["Cache-Control"] = f"public, max-age={FRESH}"
        response.headers["Vary"] = "Accept-Language"
        return open_to_all(response)

    def _letter(self, slug: str) -> tuple[Letter, str]:
        try:
            return self.letter(slug)
        except HTTPException:
            raise UnknownAddress("There is no open letter at this address.") from None

    def _place(self, url: str) -> tuple[str, str | None]:
        """Slug and language of a page of this site. Raises `UnknownAddress`."""
        path = self._path(url)
        try:
            endpoint, values = current_app.url_map.bind(urlsplit(self.site.url("")).netloc).match(path, method="GET")
        except (HTTPException, RequestRedirect):
            endpoint, values = "", {}
        if endpoint not in PAGES:
            raise UnknownAddress("This is no address of a letter. Give `url` as it stands in the letter's own page.")
        return values["slug"], values.get("language")

    def _path(self, url: str) -> str:
        """Of an address on this site. Raises `UnknownAddress`."""
        try:
            asked = urlsplit(url[:LONGEST_URL])
            _port = asked.port
        except ValueError:
            asked = urlsplit("")
        if "@" in asked.netloc or asked.scheme not in USUAL_PORTS or _host(asked) != _host(urlsplit(self.site.url(""))):
            raise UnknownAddress(f"Only letters at {self.site.url('/letters/')} are shown here. Give one as `url`.")
        return asked.path

    def _body(self, letter: Letter, size: tuple[int, int], prefix: str | None) -> dict[str, Any]:
        view, shown = letter_view(letter, g.language, self.site.state(letter)), frame(self.site, letter, prefix, size)
        return {
            "version": "1.0",
            "type": "rich",
            "title": view.title,
            "author_name": view.responsible,
            "provider_name": "Undersigned",
            "provider_url": self.site.url("/"),
            "width": shown.width,
            "height": shown.height,
            "html": render_template("reading/frame.html", frame=shown),
            **self._thumbnail(letter),
        }

    def _thumbnail(self, letter: Letter) -> dict[str, Any]:
        """The card, where it is not larger than asked for."""
        width, height = CARD_SIZE
        if _size("maxwidth", width) < width or _size("maxheight", height) < height:
            return {}
        address = card_address(self.site, letter, letter.number)
        return {"thumbnail_url": address, "thumbnail_width": width, "thumbnail_height": height}


def _host(parts: SplitResult) -> tuple[str, int | None]:
    """A host as the network has it, and its port, None for the usual one."""
    return network_name(parts.hostname or ""), None if parts.port == USUAL_PORTS[parts.scheme] else parts.port


def _size(name: str, usual: int) -> int:
    """At most the usual size, and at most what the query asks for. Raises `BadSize`."""
    asked = request.args.get(name)
    if asked is None:
        return usual
    if not _SIZE.fullmatch(asked):
        raise BadSize(f"Give `{name}` as a number of pixels, from 1 to 99999, or leave it out.")
    return min(usual, int(asked))
