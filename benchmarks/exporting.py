"""What taking a million signatures away costs the web worker, on PostgreSQL: `make bench-exporting`.

Run as `python -m benchmarks.exporting`. Every identity of the small letter is sealed by itself, as signing does. In the
large one all rows hold one sealed identity, each in a box of its own: a sealed export never looks inside.
"""

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import psycopg
from sqlalchemy import make_url, text

from benchmarks.servers import resident_megabytes, serving
from benchmarks.tables import head, line
from letters.app import create_app
from letters.migrate import upgrade
from letters.organising.workspace.cookies import cookie_name
from letters.runtime import Runtime
from letters.settings import Settings
from letters.signing.pending import Identity, seal_context
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from tests.parts.organiser import Organiser, found_team
from tests.parts.postgres import running_postgres
from tests.parts.smtp import running_mail_server
from verification.identity.account_keys import CHEAPEST
from verification.identity.boxes import lock, unlock
from verification.identity.sealing import seal, unseal

PRODUCT = "letters.app:app_from_environment"
FEW, MANY = 50_000, 1_000_000
SOME = 5_000
"""Rows that the floor opens."""
GOAL = 60
"""Megabytes over the idle worker."""

COLUMNS = (
    *("id", "letter_id", "state", "display", "standing", "profession", "region", "sealed", "address_index"),
    *("mailed", "listed", "news", "press", "pact"),
)


@dataclass(frozen=True)
class Taken:
    """One download: signatures, bytes, seconds, and the most that the worker held while it went, in megabytes."""

    signatures: int
    size: int
    seconds: float
    peak: float


def measure(few: int = FEW, many: int = MANY) -> None:
    """Print rate, floor, size and memory of every form of download, and of a large sealed one."""
    head(
        *("download", "signatures", "per s", "identities opened alone per s", "ratio", "MB", "bytes each"),
        *("worker idle MB", "most MB", "over idle", "goal"),
    )
    with TemporaryDirectory() as folder, running_postgres(durable=False) as postgres, running_mail_server() as mail:
        environment = {
            "UNDERSIGNED_DATABASE_URL": postgres.database(),
            "UNDERSIGNED_KEYS": str(Path(folder) / "keys"),
            "UNDERSIGNED_SMTP_URL": mail.url,
            "UNDERSIGNED_THROTTLE": "off",
        }
        runtime = Runtime.start(Settings.read(environment))
        runtime = Runtime(runtime.settings, runtime.engine, clock=Clock(datetime.now(UTC)), stretch=CHEAPEST)
        upgrade(runtime.settings.database_url, runtime.keyring)
        runtime.keyring.create_server_keys()
        organiser = found_team(runtime, create_app(runtime))
        campaign = organiser.campaign(mail)
        _fill(campaign, range(few), alike=False)
        for form in ("csv", "jsonl", "xlsx", "sealed"):
            _row(environment, organiser, campaign, form, few)
        _fill(campaign, range(few, many), alike=True)
        _row(environment, organiser, campaign, "sealed", many)
        runtime.engine.dispose()


def _fill(campaign: Campaign, numbers: range, *, alike: bool) -> None:
    """Confirmed signatures past every verb; `alike` ones all hold the identity of one of them."""
    runtime, letter = campaign.runtime, campaign.letter
    url = make_url(runtime.settings.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    key, random = runtime.keyring.identities(letter.slug), runtime.chance.token
    sealed = b""
    copied = f"COPY signatures ({', '.join(COLUMNS)}) FROM STDIN"
    with psycopg.connect(url) as connection, connection.cursor() as cursor, cursor.copy(copied) as copy:
        for number in numbers:
            id = random(16)
            if not (alike and sealed):
                identity = Identity(f"Signer Example {number}", f"signer{number}@example.org", "Clinic Example")
                sealed = seal(letter.public_key, identity.as_bytes(), seal_context(letter.slug, id))
            said = "confirmed", "counted", "mailbox", "nurse", "BY-MI"
            copy.write_row((id, letter.id, *said, lock(key, sealed, id, random(12)), random(32), *[False] * 5))
    with runtime.engine.connect() as other:
        other.execute(text("ANALYZE signatures"))


def _row(environment: dict[str, str], organiser: Organiser, campaign: Campaign, form: str, total: int) -> None:
    """Measure a download from a worker that has just begun and shown one page."""
    with serving(PRODUCT, environment) as (port, worker):
        page = f"/workspace/letters/{campaign.slug}/handover/{'sealed' if form == 'sealed' else 'names'}"
        _ask(port, organiser, "GET", page)
        idle = resident_megabytes(worker)
        taken = _take(port, worker, organiser, page, form)
    assert taken.signatures == total, (taken.signatures, total)
    rate, alone = total / taken.seconds, _opened(campaign, outer=form == "sealed")
    figures = (
        *(f"{total:,}", f"{rate:,.0f}", f"{alone:,.0f}", f"{rate / alone:.2f}"),
        f"{taken.size / 1e6:.0f}",
        f"{taken.size / total:.0f}",
        f"{idle:.0f}",
        f"{taken.peak:.0f}",
        f"{taken.peak - idle:.0f}",
        str(GOAL),
    )
    line(form, *figures)


def _opened(campaign: Campaign, *, outer: bool) -> float:
    """The floor: identities a second that a process reads and opens; of a sealed export their outer boxes alone."""
    key, secret = campaign.runtime.keyring.identities(campaign.slug), campaign.pair.secret
    with campaign.runtime.reading() as session:
        start = time.perf_counter()
        rows = session.execute(text("SELECT id, sealed FROM signatures LIMIT :some"), {"some": SOME}).all()
        for id, box in rows:
            sealed = unlock(key, box, id)
            if not outer:
                unseal(secret, sealed, seal_context(campaign.slug, id))
    return len(rows) / (time.perf_counter() - start)


def _take(port: int, worker: int, organiser: Organiser, page: str, form: str) -> Taken:
    start = time.perf_counter()
    with _watched(worker) as peak:
        lines, size = 0, 0
        with closing(_open(port, organiser, "POST", page, {"form": form, "csrf_token": organiser.csrf})) as connection:
            answer = connection.getresponse()
            name = answer.headers["Content-Disposition"]
            while piece := answer.read(1 << 16):
                size, lines = size + len(piece), lines + piece.count(b"\n")
    total = int(name.partition("-")[2].partition(".")[0])
    if form != "xlsx":
        assert lines == total + (form != "jsonl"), "every line came, and the head where there is one"
    return Taken(total, size, time.perf_counter() - start, peak())


@contextmanager
def _watched(pid: int) -> Iterator[Callable[[], float]]:
    """The most memory that a process holds from now on, looked at ten times a second."""
    seen, over = [resident_megabytes(pid)], threading.Event()

    def look() -> None:
        while not over.wait(0.1):
            seen.append(resident_megabytes(pid))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield lambda: max(seen)
    finally:
        over.set()
        thread.join()


def _ask(port: int, organiser: Organiser, method: str, path: str) -> None:
    with closing(_open(port, organiser, method, path, {})) as connection:
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status


def _open(port: int, organiser: Organiser, method: str, path: str, form: dict[str, str]) -> http.client.HTTPConnection:
    """A request of the organiser's browser, on its way."""
    name = cookie_name(organiser.runtime.settings)
    cookie = organiser.client.get_cookie(name, domain="127.0.0.1", path="/workspace")
    assert cookie is not None, "the organiser is signed in"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    headers = {"Cookie": f"{name}={cookie.value}", "Content-Type": "application/x-www-form-urlencoded"}
    connection.request(method, path, urlencode(form) or None, headers)
    return connection


if __name__ == "__main__":
    measure()
