"""The front desk: a public page that was asked for before is answered in front of the application, as bytes.

A public answer depends on nothing but its URL, the language and the encoding asked for, and the letters as the shelf
knows them. So its bytes and headers are kept under the first three and dropped when the shelf learns of any change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from sqlalchemy.exc import SQLAlchemyError

from letters.web.encodings import encoding_for, has
from letters.web.kept import LARGE, Kept
from letters.web.shelf import Shelf

LONGEST_KEY = 300
"""Characters of URL and language together beyond which an answer is not kept."""

Key = tuple[str, str, str, str]
Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """A whole answer, and the shelf's generation that it is true for."""

    generation: int
    headers: Headers
    etag: str
    body: bytes


class FrontDesk:
    """A WSGI layer over the application."""

    def __init__(self, application: WSGIApplication, shelf: Shelf) -> None:
        self._application = application
        self._shelf = shelf
        self._answers: Kept[Answer] = Kept()
        self.answered = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._application(environ, start_response)
        key = _key(environ)
        try:
            answer, generation = self._answers.get(key), self._shelf.generation()
        except SQLAlchemyError:
            return self._application(environ, start_response)  # which knows what to say without a database
        if answer is None or answer.generation != generation:
            return self._ask(key, generation, environ, start_response)
        self.answered += 1  # without a lock: a lost one is no loss
        if has(environ.get("HTTP_IF_NONE_MATCH", ""), answer.etag):
            start_response("304 Not Modified", [pair for pair in answer.headers if pair[0] not in _OF_THE_BODY])
            return ()
        start_response("200 OK", answer.headers)
        return () if environ["REQUEST_METHOD"] == "HEAD" else (answer.body,)

    def _ask(
        self, key: Key, generation: int, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        begun: list[tuple[str, Headers]] = []

        def begin(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
            begun.append((status, headers))
            return start_response(status, headers, exc_info)

        body = self._application(environ, begin)
        status, headers = begun[0]
        if status != "200 OK" or environ["REQUEST_METHOD"] == "HEAD" or not _keepable(key, dict(headers)):
            return body
        whole = b"".join(body)
        if hasattr(body, "close"):
            body.close()
        if len(whole) < LARGE:
            self._answers.put(key, Answer(generation, headers, dict(headers)["ETag"], whole))
        return (whole,)


def _key(environ: WSGIEnvironment) -> Key:
    asked = environ["PATH_INFO"], environ.get("QUERY_STRING", ""), environ.get("HTTP_ACCEPT_LANGUAGE", "")
    return *asked, encoding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))


def _keepable(key: Key, headers: Mapping[str, str]) -> bool:
    public = headers.get("Cache-Control", "").startswith("public") and "ETag" in headers
    return public and sum(map(len, key)) <= LONGEST_KEY and not key[0].startswith("/static/")


_OF_THE_BODY = frozenset({"Content-Type", "Content-Length", "Content-Encoding"})
