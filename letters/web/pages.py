"""Public pages as bytes: rendered once for a state of the letter, compressed once, answered with a strong ETag."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock

from flask import Response, request

from letters.web.encodings import LEAST, PLAIN, encoded, encoding_for, etag_of
from letters.web.kept import BUDGET, LARGE, Kept

FRESH = 5
"""Seconds for which a browser may show a page without asking again."""

HTML = "text/html; charset=utf-8"

VARY = "Accept-Language, Accept-Encoding"

PACKED = frozenset({"image/png", "application/pdf"})
"""Kinds of pages whose bytes become no fewer by compression."""

_LOCKS = 16


@dataclass(frozen=True)
class Page:
    """A rendered page in one encoding; `etag` with its quotes."""

    body: bytes
    etag: str
    media_type: str
    encoding: str = PLAIN

    @classmethod
    def of(cls, body: bytes, media_type: str, encoding: str = PLAIN) -> Page:
        return cls(body, etag_of(body), media_type, encoding)

    def encoded(self, encoding: str) -> Page:
        """The same page in this encoding, or itself when that saves nothing."""
        body = self.body if len(self.body) < LEAST else encoded(self.body, encoding)
        return Page.of(body, self.media_type, encoding) if len(body) < len(self.body) else self


class Pages:
    """The pages that this process has rendered, by what they are a function of, in the encodings asked for."""

    def __init__(self) -> None:
        self._pages: Kept[Page] = Kept()
        self._large: Kept[Page] = Kept(BUDGET // 2)
        self._making = tuple(Lock() for _ in range(_LOCKS))

    def answer(self, key: Hashable, render: Callable[[], str | bytes], media_type: str = HTML) -> Response:
        """The page for `key`, rendered if it was not yet; 304 when the browser has it."""
        encoding = PLAIN if media_type in PACKED else encoding_for(request.headers.get("Accept-Encoding", ""))
        return respond(self._find(key, encoding) or self._make(key, encoding, render, media_type))

    def _find(self, key: Hashable, encoding: str) -> Page | None:
        return self._pages.get((key, encoding)) or self._large.get((key, encoding))

    def _make(self, key: Hashable, encoding: str, render: Callable[[], str | bytes], media_type: str) -> Page:
        """Render and compress, while other threads that ask for the same page wait."""
        with self._making[hash(key) % _LOCKS]:
            page = self._find(key, encoding)
            if page is None:
                page = self._find(key, PLAIN) or self._keep(key, PLAIN, Page.of(_bytes(render()), media_type))
                if encoding != PLAIN:
                    page = self._keep(key, encoding, page.encoded(encoding))
            return page

    def _keep(self, key: Hashable, encoding: str, page: Page) -> Page:
        (self._large if len(page.body) >= LARGE else self._pages).put((key, encoding), page)
        return page


def _bytes(rendered: str | bytes) -> bytes:
    return rendered.encode() if isinstance(rendered, str) else rendered


def respond(page: Page) -> Response:
    """An answer that caches may keep; it sets no cookie and depends on nothing but URL, language and encoding."""
    response = Response(page.body, content_type=page.media_type)
    response.headers["Cache-Control"] = f"public, max-age={FRESH}"
    response.headers["Vary"] = VARY
    response.headers["ETag"] = page.etag
    if page.encoding != PLAIN:
        response.headers["Content-Encoding"] = page.encoding
    if "If-None-Match" in request.headers:
        response.make_conditional(request)
    return response
