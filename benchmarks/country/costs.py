"""What one request of each kind costs on this machine: processor seconds by process, divided by answers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sqlalchemy import text

from benchmarks.country.site import Cost
from benchmarks.crowds import newcomers, tidy, unconfirmed
from benchmarks.ground import PAGE, Ground
from benchmarks.installation import SLUG, Installation
from benchmarks.laid import shipped
from benchmarks.load import Asked, get, run
from benchmarks.mail_sink import mail_sink
from benchmarks.mixing import READ
from benchmarks.releasing import flush
from benchmarks.wire import whole_answer
from benchmarks.writing import confirm_requests, sign_requests
from benchmarks.wrk import drive
from letters.app import create_app
from letters.organising.releasing import release_letter
from letters.runtime import Runtime
from letters.settings import Settings
from letters.signing.sending import Sender, make_transport
from tests.parts.proxies import SITE, Proxy

MANY, SECONDS, HANDSHAKES, MAILS, NEW = 4_000, 3.0, 300, 1_000, 10_000
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Costs:
    """By kind of request; then processor seconds of nginx for a page from a kept connection and from a new one with
    TLS, mails a second of one worker, signatures a second of one publisher, and bytes of a page."""

    requests: dict[str, Cost]
    page: float
    new_page: float
    mails: float
    printed: float
    page_bytes: int


def measure_costs(ground: Ground, name: str) -> Costs:
    """Measure on the installation of that name, one kind after the other."""
    place, product = ground.place(name), ground.product(name)
    disk, proxied, page, new_page, size = _disk(place), *_proxied(place, product.port)
    links = unconfirmed(place.runtime, SLUG, MANY)
    asked: dict[str, Callable[[], Iterator[Asked]]] = {
        "sign": partial(sign_requests, place, MANY, "sign"),
        "link": lambda: iter([Asked(get(link), READ, "link") for link in links]),
        "confirm": partial(confirm_requests, links, "confirm"),
    }
    requests = {}
    for kind, make in asked.items():
        web, database = _spent(place, product.port, product.worker, make())
        requests[kind] = Cost(proxied, web, database, disk if kind != "link" else 0.0)
    mail, mails = _mailed(place)
    return Costs({**requests, "mail": mail}, page, new_page, mails, _printed(place), size)


def processor_seconds(pids: Sequence[int]) -> float:
    """What these processes have used of a processor, with children that have ended."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15] for pid in pids]
    return sum(int(ticks) for some in fields for ticks in some) / TICKS


def family(pid: int) -> list[int]:
    """A process and its children."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def database_process(place: Installation) -> int:
    """The PostgreSQL server's first process."""
    with place.runtime.reading() as session:
        folder = session.scalar(text("SHOW data_directory"))
    return int((Path(str(folder)) / "postmaster.pid").read_text().split()[0])


@contextmanager
def watched(*pids: Callable[[], list[int]]) -> Iterator[list[float]]:
    """The processor seconds that each of these groups has used meanwhile; there when the block has ended."""
    before = [processor_seconds(group()) for group in pids]
    spent: list[float] = []
    yield spent
    spent += [processor_seconds(group()) - old for group, old in zip(pids, before, strict=True)]


def _spent(place: Installation, port: int, worker: int, asked: Iterator[Asked]) -> tuple[float, float]:
    """Processor seconds of web worker and database for each request."""
    server = database_process(place)
    with watched(lambda: [worker], lambda: family(server)) as spent:
        result = run(port, asked, SECONDS)
    return spent[0] / result.answers, spent[1] / result.answers


def _disk(place: Installation) -> float:
    """Seconds that a commit waits for the disk when nobody else writes."""
    times = []
    with place.runtime.engine.connect() as connection:
        for _ in range(200):
            connection.execute(text("INSERT INTO floor_first (id) VALUES (sha256(convert_to(random()::text, 'UTF8')))"))
            start = time.perf_counter()
            connection.commit()
            times.append(time.perf_counter() - start)
    return median(times)


def _proxied(place: Installation, upstream: int) -> tuple[float, float, float, int]:
    """nginx's processor seconds for what it passes on, a laid-down page, and one with a new connection; its bytes."""
    with shipped(place.environment, upstream) as proxy:
        passed = _driven(proxy, f"{PAGE}/check-mail?of=nobody")  # which no file is laid down for
        page = _driven(proxy, PAGE)
        with watched(lambda: family(proxy.pid)) as spent:
            for _ in range(HANDSHAKES):
                answer = whole_answer(proxy.https, PAGE, SITE, tls=True, Accept_Encoding="br")
        return passed, page, spent[0] / HANDSHAKES, len(answer)


def _driven(proxy: Proxy, path: str) -> float:
    length = len(whole_answer(proxy.onion, path, Accept_Encoding="br"))
    given = {"Accept_Language": "en", "Accept_Encoding": "br"}
    with watched(lambda: family(proxy.pid)) as spent:
        pages = drive(f"http://127.0.0.1:{proxy.onion}{path}", SECONDS, length, **given)
    return spent[0] / pages.answers


@contextmanager
def mail_settings(place: Installation) -> Iterator[dict[str, str]]:
    """Its settings with a mail server that only takes mail in."""
    with TemporaryDirectory() as spool, mail_sink(Path(spool)) as port:
        yield {**place.environment, "UNDERSIGNED_SMTP_URL": f"smtp://127.0.0.1:{port}"}


def _mailed(place: Installation) -> tuple[Cost, float]:
    """What a mail takes, and how many a worker sends a second."""
    server, sent = database_process(place), 0
    with mail_settings(place) as environment:
        runtime = Runtime.start(Settings.read(environment))
        sender = Sender(runtime, create_app(runtime), make_transport(runtime))
        with watched(lambda: [os.getpid()], lambda: family(server)) as spent:
            start = time.perf_counter()
            while sent < MAILS and (some := sender.send_some()):
                sent += some
            seconds = time.perf_counter() - start
        sender.transport.close()
        runtime.engine.dispose()
    return Cost(worker=spent[0] / sent, database=spent[1] / sent), sent / seconds


def _printed(place: Installation) -> float:
    """Signatures that one publisher prints a second."""
    flush(place)
    newcomers(place.runtime, SLUG, NEW)
    tidy(place.runtime)
    start = time.perf_counter()
    release_letter(place.runtime, SLUG, at_once=True)
    return NEW / (time.perf_counter() - start)
