"""Public pages as bytes: rendered once for a state of the letter, and answered with a strong ETag."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from flask import Response, request

from letters.web.kept import BUDGET, LARGE, Kept

FRESH = 5
"""Seconds for which a browser may show a page without asking again."""

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Page:
    """A rendered page."""

    body: bytes
    etag: str
    media_type: str


class Pages:
    """The pages that this process has rendered, by what they are a function of."""

    def __init__(self) -> None:
        self._pages: Kept[Page] = Kept()
        self._large: Kept[Page] = Kept(BUDGET // 2)

    def answer(self, key: Hashable, render: Callable[[], str], media_type: str = HTML) -> Response:
        """The page for `key`, rendered if it was not yet; 304 when the browser has it."""
        page = self._pages.get(key) or self._large.get(key)
        if page is None:
            page = _make(render(), media_type)
            (self._large if len(page.body) >= LARGE else self._pages).put(key, page)
        return respond(page)


def respond(page: Page) -> Response:
    """An answer that caches may keep; it sets no cookie and depends on nothing but the URL and the language."""
    response = Response(page.body, content_type=page.media_type)
    response.headers["Cache-Control"] = f"public, max-age={FRESH}"
    response.headers["Vary"] = "Accept-Language"
    response.headers["ETag"] = f'"{page.etag}"'
    if "If-None-Match" in request.headers:
        response.make_conditional(request)
    return response


def _make(text: str, media_type: str) -> Page:
    body = text.encode()
    return Page(body, hashlib.sha256(body).hexdigest()[:32], media_type)
