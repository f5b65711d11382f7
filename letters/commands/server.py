"""`undersigned serve`, `worker`, `demo`, `db`, `outbox`: keeping the server alive."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import AbstractContextManager, nullcontext, suppress

import click
import structlog
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from sqlalchemy.exc import SQLAlchemyError

from letters.app import create_app
from letters.commands.parts import one_line, start
from letters.laying.folder import LaidFolder, NotAFolderOfPages
from letters.migrate import has_tables, set_up
from letters.organising.cosigning.witnesses import read_witnesses
from letters.publishing.clockwork import destroy_copies
from letters.runtime import GROUPED, PLACES, Runtime
from letters.settings import Settings
from letters.signing.sending import LEASE, Sender, make_caps, make_transport
from letters.web.counting import redis_answers
from letters.web.logs import GRANIAN
from letters.worker import MODEST, SWEEP_EVERY, Worker
from verification.errors import Refusal
from verification.identity.keyring import SERVER_KEYS
from verification.mailbox.outbox import backlog, retry_dead

log = structlog.get_logger()

THREADS = PLACES + GROUPED + 9
"""Blocking threads of a web worker: nine show pages though all others wait for the database."""

ENVIRONMENT = {"MALLOC_ARENA_MAX": "2"}
"""What web processes start with: with an arena for each thread the C library keeps several megabytes more."""


LOOPBACK = "127.0.0.1"

PORT = click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to answer on.")


class NotSetUp(Refusal):
    """The database has no tables."""


class PortTaken(Refusal):
    """Somebody else listens on the port, or this user may not."""


@click.group()
def db() -> None:
    """Set up the database."""


@db.command("upgrade")
@one_line
def upgrade_db() -> None:
    """Bring the tables up to date, and make the server's keys where there are no letters yet."""
    runtime = start()
    set_up(runtime)
    click.echo(f"The database is up to date; the keys are in {runtime.settings.keys}.")


@click.command()
@PORT
@click.option(
    "--host",
    default=LOOPBACK,
    show_default=True,
    help="Address to answer on. Another one only where nobody but the proxies can reach it.",
)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Web processes.")
@click.option("--no-worker", is_flag=True, help="Start no mail and edition worker beside the web processes.")
@one_line
def serve(port: int, host: str, workers: int, no_worker: bool) -> None:  # noqa: FBT001
    """Serve the site behind a proxy that keeps slow clients away."""
    _empty_pages(Settings.read(os.environ))
    runtime = start_ready()
    run_server(runtime, port, workers, host=host, with_worker=not no_worker)


def start_ready() -> Runtime:
    """The installation, once it can work. Raises `NotSetUp`, or what is wrong with keys, mail server or witnesses."""
    runtime = start()
    if not has_tables(runtime):
        raise NotSetUp("The database has no tables yet. Run: undersigned db upgrade")
    for name in SERVER_KEYS:
        runtime.keyring.server(name)
    make_transport(runtime)
    read_witnesses(runtime.settings.witnesses)
    if not redis_answers(runtime):
        click.echo(
            "Redis does not answer at UNDERSIGNED_REDIS_URL: until it does, every process counts for itself.", err=True
        )
    return runtime


def _empty_pages(settings: Settings) -> None:
    """Take away what lies there since everything was killed: nobody renews it when this server refuses to start."""
    if settings.pages is not None:
        with suppress(OSError, NotAFolderOfPages):  # `undersigned pages` says so itself
            LaidFolder(settings.pages, time.monotonic).empty()


def _beside(runtime: Runtime, *, with_worker: bool) -> list[str]:
    """The commands that run beside the web processes."""
    wanted = {"worker": with_worker, "pages": runtime.settings.pages is not None}
    return [name for name, is_wanted in wanted.items() if is_wanted]


def run_server(runtime: Runtime, port: int, workers: int, *, host: str = LOOPBACK, with_worker: bool) -> None:
    """Web processes, and beside them commands that are started again when they end. Raises `PortTaken`."""
    check_port(port, host)
    runtime.engine.dispose()
    stopping = threading.Event()
    keepers = [
        threading.Thread(target=_keep, args=(name, stopping)) for name in _beside(runtime, with_worker=with_worker)
    ]
    if not with_worker:
        keepers.append(threading.Thread(target=_tidy_keys, args=(runtime, stopping)))
    for keeper in keepers:
        keeper.start()
    os.environ.update(ENVIRONMENT)
    server = Granian(
        "letters.app:app_from_environment",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        log_level=LogLevels.error,
        log_dictconfig=GRANIAN,
    )
    try:
        with _folder_of_counts() as folder:
            os.environ["UNDERSIGNED_COUNTS"] = folder
            server.serve()
    finally:
        stopping.set()
        for keeper in keepers:
            keeper.join()


def _folder_of_counts() -> AbstractContextManager[str]:
    """Where the web processes tell their figures to one another."""
    named = os.environ.get("UNDERSIGNED_COUNTS")
    return nullcontext(named) if named else tempfile.TemporaryDirectory(prefix="undersigned-")


def check_port(port: int, host: str = LOOPBACK) -> None:
    """The web server would share the port of another one without a word."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"Port {port} of {host} cannot be used: {error.strerror}. Choose another one with --port."
            ) from error


def _keep(name: str, stopping: threading.Event) -> None:
    """Run that command, and start it again when it ends, until the server stops."""
    command = [sys.executable, "-m", "letters.cli", name, "--child"]
    while not stopping.is_set():
        try:
            process = subprocess.Popen(command)
        except OSError as error:  # no memory, say: later there is
            log.error("a process could not be started", name=name, number=error.errno)
            stopping.wait(1.0)
            continue
        while process.poll() is None and not stopping.wait(0.5):
            pass
        if process.poll() is None:
            process.terminate()
            process.wait()
        else:
            stopping.wait(1.0)


def _tidy_keys(runtime: Runtime, stopping: threading.Event) -> None:
    """See to it that a machine without a worker keeps no key that another machine's worker has destroyed."""
    while not stopping.wait(SWEEP_EVERY):
        try:
            with runtime.reading() as session:
                destroy_copies(session, runtime.keyring)
        except (SQLAlchemyError, OSError) as error:
            log.error("keys could not be tidied", error=type(error).__name__)


@click.command()
@click.option(
    "--lease",
    type=click.FloatRange(min=0, min_open=True),
    default=LEASE,
    show_default=True,
    help="Seconds after which a killed worker's mail is sent by another.",
)
@click.option("--child", is_flag=True, hidden=True, help="End when the process that started it has ended.")
@one_line
def worker(lease: float, child: bool) -> None:  # noqa: FBT001
    """Send waiting mail, release due editions, sweep out what has expired, until told to stop."""
    runtime = start_ready()
    stopped, parent = threading.Event(), os.getppid()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    os.nice(MODEST)
    sender = Sender(runtime, create_app(runtime), make_transport(runtime), lease, make_caps(runtime))
    Worker(runtime, sender).run(lambda: stopped.is_set() or (child and os.getppid() != parent))


@click.command()
@click.option("--retry", is_flag=True, help="Queue the dead letters again.")
@one_line
def outbox(retry: bool) -> None:  # noqa: FBT001
    """Show how much mail waits, and how much could not be delivered."""
    runtime = start()
    if retry:
        count = runtime.settle(retry_dead)
        click.echo(f"{count} dead letters are queued again.")
    with runtime.reading() as session:
        counts = backlog(session)
    click.echo(f"{counts.waiting} mails wait, {counts.dead} are dead letters.")
