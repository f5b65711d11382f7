"""A server that stands where the application would: it notes what reaches it and answers in one line."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LARGE = b"seen\n" * 2_000_000
"""More than a proxy and the sockets beside it hold in memory."""


@dataclass(frozen=True)
class Seen:
    """One request as it arrived; the names of headers are in small letters."""

    method: str
    path: str
    headers: Mapping[str, list[str]]
    size: int


@dataclass
class Upstream:
    """Its port, and every request it was sent."""

    port: int
    seen: list[Seen] = field(default_factory=list)


@contextmanager
def running_upstream() -> Iterator[Upstream]:
    """Yield a started server; a path that ends in `/hang-up` it answers with nothing, one in `/large` with `LARGE`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            names = {name.lower() for name in self.headers}
            headers = {name: self.headers.get_all(name, []) for name in names}
            upstream.seen.append(Seen(self.command, self.path, headers, len(body)))
            self.close_connection = True
            if not self.path.endswith("/hang-up"):
                answer = LARGE if self.path.endswith("/large") else b"seen\n"
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        upstream = Upstream(server.server_port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield upstream
        finally:
            server.shutdown()
            thread.join()
