"""Processes that tests end at whatever instruction they are, and visitors who notice it."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

from letters.settings import ROOT
from tests.parts.campaign import FORM, LINK, TOKEN
from tests.parts.server import START_SECONDS, Undersigned, await_answer
from tests.parts.smtp import Accepted

T = TypeVar("T")
R = TypeVar("R")

Command = Callable[..., subprocess.CompletedProcess[str]]
StartWorker = Callable[..., AbstractContextManager[Undersigned]]

ENVELOPE = b"X-Envelope-To: "
PATIENCE = 60
"""Seconds for everybody's mail to arrive."""


class Away(Exception):
    """No server is there to be asked."""


class Cut(Exception):
    """The server went away before it had answered."""


@dataclass(frozen=True)
class Answer:
    """What a server sent back; the names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Visitor:
    """One kept connection, without a browser; `headers` go with every request."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=START_SECONDS)
        self._headers = dict(headers or {})

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        return self._ask("POST", path, urlencode(fields))

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        asked = self._headers | kind
        try:
            self._connection.request(method, path, body, asked)
            answer = self._connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, headers, answer.read())
        except ConnectionRefusedError as error:
            raise Away from error
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Cut from error


def at_once(url: str, threads: int, jobs: Iterable[T], do: Callable[[Visitor, T], R]) -> list[R]:
    """Do the jobs in their order, from as many threads, each with a connection of its own."""
    waiting = deque(jobs)

    def work(_number: int) -> list[R]:
        done: list[R] = []
        with closing(Visitor(url)) as visitor:
            while True:
                try:
                    job = waiting.popleft()
                except IndexError:
                    return done
                done.append(do(visitor, job))

    with ThreadPoolExecutor(threads) as pool:
        return [result for results in pool.map(work, range(threads)) for result in results]


def form_of(url: str, slug: str) -> dict[str, str]:
    """The fields that every signer of this letter sends, the token of its page among them."""
    with closing(Visitor(url)) as visitor:
        found = TOKEN.search(visitor.get(f"/en/letters/{slug}").body.decode())
    assert found is not None
    return {**FORM, "form_token": found[1]}


def person(number: int) -> dict[str, str]:
    """What tells one made-up signer from another."""
    return {"name": f"Signer Example {number}", "email": f"signer{number}@example.org"}


class Web:
    """The installation's web server, to be started as often as it is ended; it keeps its port and its log."""

    def __init__(self, environment: Mapping[str, str], folder: Path, workers: int = 2) -> None:
        self.url = environment["UNDERSIGNED_BASE_URL"]
        self._environment, self._folder, self._workers = environment, folder, workers
        self._process: Undersigned | None = None

    @property
    def log(self) -> Path:
        return self._folder / "serve.log"

    def start(self) -> None:
        """Start, and return once it answers."""
        port = str(urlsplit(self.url).port)
        arguments = ("serve", "--port", port, "--workers", str(self._workers), "--no-worker")
        self._process = Undersigned(*arguments, environment=self._environment, folder=self._folder)
        await_answer(f"{self.url}/healthz", self._process)

    def kill(self) -> None:
        """End every process of it."""
        if self._process is not None:
            self._process.kill()

    def children(self) -> list[int]:
        """The processes that answer, each by its number."""
        assert self._process is not None
        asked = ["ps", "-o", "pid=,stat=", "--ppid", str(self._process.pid)]
        listed = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.splitlines()
        return [int(pid) for pid, state in map(str.split, listed) if not state.startswith("Z")]

    def kill_one(self) -> None:
        """End one of the processes that answer; the server is to replace it."""
        os.kill(self.children()[0], signal.SIGKILL)


class MailProcess:
    """A mail server in a process of its own, and the folder where it keeps what it has answered for."""

    def __init__(self, url: str, spool: Path) -> None:
        self.url, self._spool = url, spool

    @property
    def count(self) -> int:
        return sum(1 for _ in self._spool.glob("*.eml"))

    @property
    def accepted(self) -> list[Accepted]:
        """Every message, the oldest first."""
        return [_read(file.read_bytes()) for file in sorted(self._spool.glob("*.eml"))]

    def await_count(self, count: int, seconds: float = START_SECONDS) -> None:
        """Return once that many have arrived; raise AssertionError when they do not."""
        await_that(lambda: self.count >= count, seconds, lambda: f"{self.count} of {count} mails came")

    def await_everybody(self, addresses: Collection[str], otherwise: Callable[[], str]) -> dict[str, list[str]]:
        """Return the links of each address once all of these have mail; raise AssertionError if they get none."""
        until = time.monotonic() + PATIENCE
        while not set(addresses) <= (links := links_by_address(self.accepted)).keys():
            assert time.monotonic() < until, otherwise()
            time.sleep(1)  # reading all mails takes a while
        return links


def _read(content: bytes) -> Accepted:
    recipients = []
    while content.startswith(ENVELOPE):
        line, _, content = content.partition(b"\n")
        recipients.append(line.removeprefix(ENVELOPE).decode().strip())
    return Accepted("", tuple(recipients), content)


@contextmanager
def running_mail_process(spool: Path, stall: float) -> Iterator[MailProcess]:
    """Yield a started mail server that keeps its mail in `spool`."""
    spool.mkdir()
    command = [sys.executable, "-m", "tests.parts.smtp", "--spool", str(spool), "--stall", str(stall)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield MailProcess(f"smtp://127.0.0.1:{int(process.stdout.readline())}", spool)
        finally:
            process.kill()


def await_that(true: Callable[[], bool], seconds: float, otherwise: Callable[[], str]) -> None:
    """Return once it is true; raise AssertionError with the words when it does not become so."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, otherwise()
        threading.Event().wait(0.01)


def links_by_address(mails: Iterable[Accepted]) -> dict[str, list[str]]:
    """The paths of the links that each address was sent, the oldest first."""
    found: dict[str, list[str]] = {}
    for mail in mails:
        link = urlsplit(LINK.findall(mail.message.get_content())[0]).path
        for address in mail.recipients:
            found.setdefault(address, []).append(link)
    return found


def sent_again(mails: Iterable[Accepted]) -> int:
    """How many mails came once more under the Message-ID of one that had come."""
    return sum(count - 1 for count in Counter(mail.message["Message-ID"] for mail in mails).values())
