"""Visitors who keep signing and confirming, each from a network of their own, and remember what they were told."""

from __future__ import annotations

import http.client
import re
import threading
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count

from tests.faults.processes import Away, Cut, Visitor, await_that, form_of, links_by_address
from tests.parts.smtp import MailServer
from tests.rehearsal.installation import SLUG, VISITOR

THREADS = 6
MESSAGE_ID = re.compile(rb"^message-id: .*$", re.IGNORECASE | re.MULTILINE)
ACKNOWLEDGED = http.client.SEE_OTHER
PATIENCE = 120
"""Seconds within which whatever was asked for has to go on."""


def name_of(number: int) -> str:
    return f"Signer Example {number}"


def person(number: int) -> dict[str, str]:
    """Somebody made up, who wants to be named; many providers, so that none has enough mail."""
    address = f"signer{number}@provider{number % 40}.example.org"
    return {"name": name_of(number), "email": address, "display": "named", "profession": "doctor"}


def network(number: int) -> str:
    """An address of the range for measuring networks (RFC 2544), another /24 for each of 512 people."""
    return f"198.{18 + number // 256 % 2}.{number % 256}.1"


@dataclass(frozen=True)
class Told:
    """What visitors had been told at one moment."""

    signed: int
    confirmed: int
    refused: Counter[int]
    """By the status that they were answered with."""
    unanswered: int
    mails_twice: int


@dataclass
class Visitors:
    """People who sign through `url`, at most `most` of them, with `pause` seconds between two steps of one thread."""

    url: str
    mail: MailServer
    most: int
    pause: float
    signed: set[str] = field(default_factory=set, init=False)
    confirmed: set[str] = field(default_factory=set, init=False)
    answers: Counter[int] = field(default_factory=Counter, init=False)
    unanswered: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._form, self._numbers, self._enough = form_of(self.url, SLUG), count(1), threading.Event()
        self._again: deque[int] = deque()
        self._links: deque[tuple[str, str]] = deque()
        self._read, self._over = 0, threading.Event()

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Let them come meanwhile; afterwards everybody whose mail came has confirmed."""
        with ThreadPoolExecutor(THREADS + 1) as pool:
            threads = [pool.submit(self._go, number) for number in range(THREADS)]
            threads.append(pool.submit(self._read_mail))
            try:
                yield
                self._enough.set()
                await_that(self._done, PATIENCE, lambda: f"mail or confirmations stay away: {self.told()}")
            finally:
                self._enough.set()
                self._over.set()
        for thread in threads:
            thread.result()
        while self._links:
            self._confirm(0)

    def told(self) -> Told:
        """What they were told so far."""
        ids = Counter(found[0] for mail in tuple(self.mail.accepted) if (found := MESSAGE_ID.search(mail.content)))
        twice = sum(times - 1 for times in ids.values())
        refused = self.answers - Counter({ACKNOWLEDGED: self.answers[ACKNOWLEDGED]})
        return Told(len(self.signed), len(self.confirmed), refused, self.unanswered, twice)

    def await_more(self, each: int) -> None:
        """Return once so many more have signed, and so many more have confirmed."""
        signed, confirmed = len(self.signed) + each, len(self.confirmed) + each
        await_that(
            lambda: len(self.signed) >= signed and len(self.confirmed) >= confirmed,
            PATIENCE,
            lambda: f"signing stopped: {self.told()}, {self.answers}",
        )

    def _done(self) -> bool:
        return self.signed <= self.confirmed and not self._again and not self._links

    def _go(self, number: int) -> None:
        while not self._over.is_set():
            if self._links:
                self._confirm(number)
            elif not self._over.wait(self.pause) and (self._again or not self._enough.is_set()):
                self._sign()

    def _sign(self) -> None:
        try:
            number = self._again.popleft()
        except IndexError:
            number = next(self._numbers)
        if number > self.most:
            return
        who = person(number)
        if self._post(number, f"/letters/{SLUG}/sign", {**self._form, **who}) == ACKNOWLEDGED:
            self.signed.add(who["email"])
        else:
            self._again.append(number)

    def _confirm(self, number: int) -> None:
        try:
            address, link = self._links.popleft()
        except IndexError:
            return
        if self._post(number, link, {}) == ACKNOWLEDGED:
            self.confirmed.add(address)
        else:
            self._links.append((address, link))
            self._over.wait(self.pause)

    def _post(self, number: int, path: str, fields: dict[str, str]) -> int:
        """The status that came back; 0 when none did."""
        with closing(Visitor(self.url, {VISITOR: network(number)})) as visitor:
            try:
                status = visitor.post(path, fields).status
            except (Away, Cut):
                self.unanswered += 1
                return 0
        self.answers[status] += 1
        return status

    def _read_mail(self) -> None:
        while not self._over.wait(0.1):
            new = self.mail.accepted[self._read :]
            self._read += len(new)
            for address, links in links_by_address(new).items():
                self._links.extend((address, link) for link in links)
