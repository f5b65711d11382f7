"""A mirror of a campaign in a folder, and a plain file server for it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache

from letters.app import create_app
from letters.mirroring.folder import replacing
from letters.mirroring.making import Mirroring
from letters.runtime import Runtime
from letters.web.site import Site
from verification.ledger.auditing.command import Request, run


@dataclass(frozen=True)
class Maker:
    """Makes mirrors of one installation, with templates that are compiled once for all tests; it calls `meanwhile`
    where it would wait for the worker."""

    runtime: Runtime
    templates: FileSystemBytecodeCache
    meanwhile: Callable[[], object] = lambda: None

    def __call__(self, folder: Path, *slugs: str) -> Path:
        with replacing(folder) as fresh:
            Mirroring(self.runtime, slugs, lambda _seconds: self.meanwhile(), make_app=self._app).write(fresh)
        return folder

    def _app(self, runtime: Runtime, site: Site) -> Flask:
        app = create_app(runtime, site)
        app.jinja_env.bytecode_cache = self.templates
        return app


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_said: Any) -> None:
        """Say nothing."""


@contextmanager
def file_server(folder: Path) -> Iterator[str]:
    """What `python -m http.server` does; its address without a slash at the end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def audited(url: str, **more: Any) -> tuple[int, str]:
    """Exit code and words of an audit."""
    lines: list[str] = []
    return run(Request(url, **more), lines.append), "\n".join(lines)
