"""A letter with a log, and witnesses in every mood."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from letters.models.heads import Head, newest_head
from letters.organising.cosigning.rounds import Cosigning
from letters.organising.cosigning.witnesses import AskedWitness, read_witnesses
from letters.organising.releasing import tend_letters
from letters.runtime import Runtime, utc_now
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from verification.ledger.cosignatures import cosigner
from verification.ledger.heads import SeenHeads
from verification.ledger.notes import VerifierKey
from verification.ledger.witness import Answer, Witness

SEED = bytes([1]) * 32

Mood = Callable[[bytes], Answer]


@dataclass
class Office:
    """A witness in this process: `mood` answers each body that comes in."""

    url: str
    mood: Mood
    bodies: list[bytes] = field(default_factory=list)


@contextmanager
def office(mood: Mood) -> Iterator[Office]:
    """Answer over HTTP on a free port, each request in a thread."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            there.bodies.append(body)
            answer = there.mood(body)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        there = Office(f"http://127.0.0.1:{server.server_port}", mood)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield there
        server.shutdown()
        thread.join()


class Seconds:
    """A clock of seconds that tests move on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Site:
    """A campaign whose letter has a signed log."""

    campaign: Campaign
    folder: Path

    @property
    def runtime(self) -> Runtime:
        return self.campaign.runtime

    @property
    def head(self) -> Head:
        with self.runtime.reading() as session:
            head = newest_head(session, 1)
        assert head
        return head

    def grow(self, number: int) -> Head:
        """Release an edition with one more signature."""
        self.campaign.join(number)
        self.campaign.release()
        return self.head

    def witness(self, name: str, state: str = "state", seed: bytes = SEED) -> Witness:
        """A witness that follows the letter's log."""
        (self.folder / state).mkdir(exist_ok=True)
        log = VerifierKey.parse(self.head.verifier)
        return Witness(name, seed, SeenHeads(self.folder / state), {log.name: log}, utc_now)

    def asking(self, *witnesses: tuple[str, str], seconds: Callable[[], float] = lambda: 0.0) -> Cosigning:
        """A worker's cosigning, with witnesses by name and address, all of the key of `SEED` under that name."""
        return Cosigning(self.runtime, [asked(name, url, self.folder) for name, url in witnesses], seconds)


def asked(name: str, url: str, folder: Path) -> AskedWitness:
    file = folder / "witness.txt"
    file.write_text(f"witness {name} {cosigner(name, SEED)} {url}\n")
    (found,) = read_witnesses(file)
    return found


def always(answer: Answer) -> Mood:
    """Answer this, whatever comes."""
    return lambda _body: answer


@pytest.fixture
def clock() -> Clock:
    """The site's clock shows the time that the witnesses' clocks show."""
    return Clock(utc_now())


@pytest.fixture
def site(campaign: Campaign, tmp_path: Path) -> Site:
    """The letter is open, its log is begun and signed."""
    tend_letters(campaign.runtime)
    return Site(campaign, tmp_path)
