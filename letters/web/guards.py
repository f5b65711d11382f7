"""What a request must not be: too large, from another site's page, or written in broken characters."""

from __future__ import annotations

from io import BytesIO
from typing import IO
from urllib.parse import parse_qsl, urlsplit

from flask import Flask, Request, abort, request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser

from letters.settings import Settings

LARGEST = 64 * 1024
"""Bytes of a form."""

FROM_ANYWHERE = frozenset({"unsubscribe"})
"""Pages whose address alone says that one may: a mailbox's own page posts there too (RFC 8058)."""

Parsed = tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]


class ReadableForms(FormDataParser):
    """Broken UTF-8 becomes U+FFFD, which no field accepts; Werkzeug would keep its bytes as if "%FF" had been typed."""

    def _parse_urlencoded(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str]
    ) -> Parsed:
        text = stream.read().decode(errors="replace")
        return stream, self.cls(parse_qsl(text, keep_blank_values=True, errors="replace")), self.cls()


class ReadableRequest(Request):
    """A request whose form reads as `ReadableForms` has it, and whose files stay in memory.

    Werkzeug would put what is over 500 kB into a temporary file, names and all; a page's `largest` bounds it instead.
    """

    form_data_parser_class = ReadableForms

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


def init_guards(app: Flask, settings: Settings) -> None:
    """Refuse forms over `LARGEST` (413), and posts that another site's page sends (403).

    Whatever a `Host` header says, no answer leads there.
    """
    app.request_class = ReadableRequest
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST
    app.config["MAX_FORM_PARTS"] = 50
    own = urlsplit(settings.base_url).netloc
    app.config["SERVER_NAME"] = own
    app.url_map.strict_slashes = app.url_map.merge_slashes = False  # a redirect would be absolute

    @app.before_request
    def _refuse_foreign_posts() -> None:
        if request.method == "POST" and request.endpoint not in FROM_ANYWHERE and _foreign(own):
            abort(403)


def _foreign(own: str) -> bool:
    origin = request.headers.get("Origin", "null")
    try:
        return origin != "null" and urlsplit(origin).netloc not in (own, request.host)
    except ValueError:
        return True
