"""The letter's page through the shipped nginx from laid-down files, against nginx serving a file of the same bytes.

The shipped nginx is given an application that is not there: whatever it answers, it answers from the files.
"""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.ground import PAGE, Ground
from benchmarks.installation import SLUG
from benchmarks.load import WrongAnswer
from benchmarks.servers import ROOT, await_port, free_port
from benchmarks.tables import head, line
from benchmarks.turns import in_turns, middle
from benchmarks.wire import whole_answer
from benchmarks.wrk import Pages, drive
from tests.parts.proxies import Proxy, running_proxy

ROUNDS, SECONDS, GOAL = 5, 2, 0.8
ENCODINGS = {"plain": "identity", "gzip": "gzip", "brotli": "br"}
LAID = f"letters/{SLUG}/en.html"
PATIENCE = 60.0

BARE = """
user {user};
worker_processes 1;
pid {folder}/pid;
load_module modules/ngx_http_brotli_static_module.so;
error_log stderr emerg;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    sendfile on;
    default_type "text/html; charset=utf-8";
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{port}; root {files}; gzip_static on; brotli_static on; }}
}}
"""


def measure(ground: Ground) -> None:
    """Print both rates for each encoding, of a letter that a million people have signed."""
    with laid_down(ground.place("million").environment) as (laid, bare):
        works = {}
        for name, encoding in ENCODINGS.items():
            _check(laid, bare, encoding)
            works[name] = partial(_read, laid, PAGE, encoding)
            works[f"bare {name}"] = partial(_read, bare, f"/{LAID}", encoding)
        seen = in_turns(ROUNDS, works)
        head(
            "letter page through nginx",
            "bytes",
            "laid down per s",
            "file of the same bytes per s",
            "ratio",
            "goal",
            "p99 ms",
        )
        for name, encoding in ENCODINGS.items():
            ours, floor = (middle(seen[which], lambda pages: pages.rate) for which in (name, f"bare {name}"))
            p99 = middle(seen[name], lambda pages: pages.p99) * 1000
            size = len(_body(laid, PAGE, encoding))
            line(name, f"{size:,}", f"{ours:,.0f}", f"{floor:,.0f}", f"{ours / floor:.2f}", f"{GOAL}", f"{p99:.1f}")


@contextmanager
def laid_down(environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """The ports of the shipped nginx over laid-down pages, and of a bare nginx over the same files; none with TLS."""
    with shipped(environment, free_port()) as proxy, _bare(proxy.folder.parent, proxy.folder / "pages") as bare:
        yield proxy.onion, bare


@contextmanager
def shipped(environment: dict[str, str], upstream: int) -> Iterator[Proxy]:
    """The shipped nginx over laid-down pages, in front of an application at that port."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        home, pages = Path(folder) / "shipped", Path(folder) / "shipped" / "pages"
        Path(folder).chmod(0o755)
        stack.enter_context(laying({**environment, "UNDERSIGNED_PAGES": str(pages)}, pages))
        yield stack.enter_context(running_proxy("nginx", home, upstream))


@contextmanager
def laying(environment: dict[str, str], pages: Path) -> Iterator[None]:
    """`undersigned pages` at work, once it has laid down the letter's page."""
    command = (sys.executable, "-m", "letters.cli", "pages")
    pages.parent.mkdir(parents=True, exist_ok=True)
    with process(command, environment):
        until = time.monotonic() + PATIENCE
        while not (pages / LAID).exists():
            if time.monotonic() > until:
                raise WrongAnswer(f"nothing is laid down at {pages / LAID}")
            time.sleep(0.1)
        yield


@contextmanager
def _bare(folder: Path, pages: Path) -> Iterator[int]:
    port, configuration = free_port(), folder / "bare.conf"
    configuration.write_text(BARE.format(user=getpass.getuser(), folder=folder, port=port, files=pages))
    with process(("nginx", "-e", "stderr", "-c", str(configuration), "-g", "daemon off;"), {}):
        await_port(port)
        yield port


@contextmanager
def process(command: tuple[str, ...], environment: dict[str, str]) -> Iterator[int]:
    """Run a command in the checkout meanwhile; yields its process id."""
    paths = {"PATH": f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"}
    running = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **paths, **environment})
    try:
        yield running.pid
    finally:
        running.terminate()
        running.wait(20)


def _check(laid: int, bare: int, encoding: str) -> None:
    """Raises `WrongAnswer` unless both answer the same bytes in that encoding."""
    ours, floor = _body(laid, PAGE, encoding), _body(bare, f"/{LAID}", encoding)
    if ours != floor or len(ours) < 1000:
        raise WrongAnswer(f"{encoding}: {len(ours)} bytes laid down, {len(floor)} in the file")


def _body(port: int, path: str, encoding: str) -> bytes:
    return whole_answer(port, path, Accept_Encoding=encoding).partition(b"\r\n\r\n")[2]


def _read(port: int, path: str, encoding: str, _number: int) -> Pages:
    length = len(whole_answer(port, path, Accept_Encoding=encoding))
    given = {"Accept_Language": "en", "Accept_Encoding": encoding}
    return drive(f"http://127.0.0.1:{port}{path}", SECONDS, length, **given)
