"""Asking one site over one kept connection. Whatever it answers, there is an end to it."""

from __future__ import annotations

import http.client
import re
import ssl
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin

from verification.errors import Refusal
from verification.ledger.auditing.findings import in_short
from verification.ledger.auditing.letter_address import LetterAddress
from verification.ledger.auditing.mirror_files import Mirror

SECONDS_WITHOUT_A_WORD = 30
"""How long a site may be silent."""

SECONDS_FOR_AN_ANSWER = 180
"""How long a whole answer may take."""

PAGE_BYTES = 4 * 1024 * 1024
"""Bytes in the longest page that is read."""

JSON_BYTES = 32 * 1024 * 1024
"""Bytes in the longest JSON that is read: a hundred editions with a thousand cells each."""

HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Cache-Control": "no-cache",
    "User-Agent": "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0",
}
"""As Tor Browser names itself: a site that knew an auditor by its name could show it something else."""

NOT_THERE = frozenset({403, 404})
"""What sites answer where nothing is, and stores of files that tell nobody what they do not have."""

MOVED = frozenset({301, 302, 303, 307, 308})
_PRINTED_PATH = re.compile(r"/[!-~]*")


class Unreachable(Refusal):
    """The site does not answer, or not as the web does."""


class BadStatus(Refusal):
    """The site answers that it has nothing there, or too much of it; `status` is that of HTTP, 0 for too much."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass
class Site:
    """One host, asked by one connection, which is opened again once when it was closed meanwhile.

    What is asked for are the paths of a letter's own site; a `mirror` has files in their place.
    """

    address: LetterAddress
    mirror: Mirror | None = None
    asked: int = 0
    received: int = 0
    _connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        host, port = self.address.host, self.address.port
        if self.address.secure:
            context = ssl.create_default_context()
            self._connection = http.client.HTTPSConnection(host, port, timeout=SECONDS_WITHOUT_A_WORD, context=context)
        else:
            self._connection = http.client.HTTPConnection(host, port, timeout=SECONDS_WITHOUT_A_WORD)

    def close(self) -> None:
        self._connection.close()

    def get(self, path: str, limit: int = PAGE_BYTES, *, exactly: bool = False) -> bytes:
        """The body at a path; `exactly` there also on a mirror.

        Raises `Unreachable`, or `BadStatus` for anything but 200 and at most `limit` bytes.
        """
        return next(self.get_each([path], limit, exactly=exactly))

    def get_each(self, paths: Iterable[str], limit: int, *, exactly: bool = False) -> Iterator[bytes]:
        """The bodies at these paths in turn. Each is asked for before the one ahead of it is looked at, so that the
        site works while the caller does."""
        left = map(self.mirror.path_of, paths) if self.mirror and not exactly else iter(paths)
        path = next(left, None)
        if path is not None:
            self._ask(path)
        while path is not None:
            body, following = self._answered(path, limit), next(left, None)
            if following is not None:
                self._ask(following)
            yield body
            path = following

    def _answered(self, path: str, limit: int) -> bytes:
        status, location, body = self._take(path, limit)
        if status in MOVED:
            there = self._moved_to(path, location)
            self._ask(there)
            status, location, body = self._take(there, limit)
        if status != 200:
            raise BadStatus(f"{self.address.site}{path} answers {status}: expected 200.", status)
        if len(body) > limit:
            raise BadStatus(f"{self.address.site}{path} has more than {limit} bytes, which is the most it may have.", 0)
        return body

    def _moved_to(self, path: str, location: str) -> str:
        """One step on the same host, and no further."""
        site = self.address.site
        there = urljoin(f"{site}{path}", location).partition("#")[0]
        new = there.removeprefix(site)
        if new == there or not _PRINTED_PATH.fullmatch(new):
            raise BadStatus(f"{site}{path} leads away to {in_short(location)}: only this host is asked.", 300)
        return new

    def _ask(self, path: str) -> None:
        self.asked += 1
        try:
            self._connection.request("GET", path, headers=HEADERS)
        except (OSError, http.client.HTTPException, ValueError):
            self._ask_again(path)

    def _ask_again(self, path: str) -> None:
        """Over a new connection: the old one may have been closed because nothing was asked for a while."""
        self._connection.close()
        try:
            self._connection.request("GET", path, headers=HEADERS)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._unreachable(error) from None

    def _take(self, path: str, limit: int) -> tuple[int, str, bytes]:
        try:
            answer = self._head(path)
            return answer.status, answer.headers.get("Location") or "", self._read(answer, limit)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._unreachable(error) from None

    def _head(self, path: str) -> http.client.HTTPResponse:
        try:
            return self._connection.getresponse()
        except ConnectionError:  # closed before a word was said: also http.client.RemoteDisconnected
            self._ask_again(path)
            return self._connection.getresponse()

    def _read(self, answer: http.client.HTTPResponse, limit: int) -> bytes:
        """At most one byte more than `limit`; then the connection is given up, as more would follow."""
        until, body = time.monotonic() + SECONDS_FOR_AN_ANSWER, bytearray()
        while len(body) <= limit and answer.length != 0 and (piece := answer.read1(limit + 1 - len(body))):
            body += piece
            if time.monotonic() > until:
                raise TimeoutError
        if len(body) > limit:
            answer.close()
            self._connection.close()
        elif answer.length:
            raise http.client.IncompleteRead(bytes(body), answer.length)
        else:
            answer.read()
        self.received += len(body)
        return bytes(body)

    def _unreachable(self, error: Exception) -> Unreachable:
        self._connection.close()
        reason = getattr(error, "strerror", None) or type(error).__name__
        return Unreachable(f"{self.address.site} cannot be reached: {in_short(str(reason))}. Nothing was checked.")
