"""nginx and Caddy on the shipped configurations: only ports, folders, certificates and the upstream are the test's."""

import getpass
import http.client
import os
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from letters.settings import ROOT
from tests.parts.certificate import make_certificate
from tests.parts.server import START_SECONDS, await_port, free_port

SITE = "letters.example.org"
CLIENT = "127.0.0.77"
"""Where test clients connect from, so that their address can be told from the server's."""

PAGES = "/run/undersigned-pages"
"""Where the shipped files have laid-down pages; a test's own are in `pages` below the proxy's folder."""

Changes = Mapping[str, str]
FILES = {"nginx": ROOT / "deploy" / "nginx.conf", "caddy": ROOT / "deploy" / "Caddyfile"}


class Client(http.client.HTTPConnection):
    """A connection from `CLIENT`, with TLS for `SITE` unless `plain`."""

    def __init__(self, port: int, *, plain: bool = False) -> None:
        super().__init__("127.0.0.1", port, timeout=10, source_address=(CLIENT, 0))
        self._plain = plain

    def connect(self) -> None:
        super().connect()
        if not self._plain:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.sock = context.wrap_socket(self.sock, server_hostname=SITE)


@dataclass(frozen=True)
class Answer:
    """What came back; the names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Proxy:
    """One running proxy: its ports, its process, and the folder that holds whatever it writes."""

    name: str
    folder: Path
    https: int
    http: int
    onion: int
    pid: int

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
        port: int | None = None,
    ) -> Answer:
        """Ask for the path over TLS, or on another port of the proxy without."""
        client = Client(port or self.https, plain=port is not None)
        try:
            client.request(method, path, body, {"Host": SITE, **(headers or {})})
            return read_answer(client)
        finally:
            client.close()

    def send(self, request: str, port: int | None = None) -> str:
        """Send this over TLS, or in plain to a port, however broken; return what comes until the proxy hangs up."""
        client = Client(port or self.https, plain=port is not None)
        client.connect()
        assert client.sock is not None
        with client.sock as connection:
            with suppress(OSError):  # the proxy has heard enough
                connection.sendall(request.encode())
            return b"".join(iter(lambda: _received(connection), b"")).decode(errors="replace")

    def log(self) -> list[str]:
        """The lines of the access log."""
        file = self.folder / "undersigned.log"
        return file.read_text().splitlines() if file.exists() else []

    def written(self) -> str:
        """Everything the proxy has written: its log, its output, whatever else it left in its folder."""
        return "\n".join(
            path.read_text(errors="replace")
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and path.parent.name != "given"
        )

    def open_files(self) -> set[str]:
        """The files on a disk that the proxy's processes hold open, deleted ones included."""
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.pid)], capture_output=True, text=True, check=False
        )
        links = [link for pid in [self.pid, *map(int, listed.stdout.split())] for link in _links(pid)]
        return {link for link in links if link.startswith("/") and not link.startswith(("/dev/", "/proc/", "/sys/"))}


def read_answer(client: http.client.HTTPConnection) -> Answer:
    """Return the answer to what the client has asked."""
    answer = client.getresponse()
    return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


@contextmanager
def running_proxy(name: str, folder: Path, upstream: int, changes: Changes | None = None) -> Iterator[Proxy]:
    """Run the named proxy in front of the port, at home in `folder`; `changes` are further texts to replace."""
    command, ports = prepare_proxy(name, folder, upstream, changes or {})
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, env=_environment(folder))
    try:
        await_port(ports[0], process, folder / "output")
        yield Proxy(name, folder, *ports, process.pid)
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def prepare_proxy(name: str, folder: Path, upstream: int, changes: Changes) -> tuple[list[str], tuple[int, int, int]]:
    """Write the configuration; return the command that runs the proxy on it, and its ports: TLS, plain, onion."""
    given = folder / "given"
    given.mkdir(parents=True)
    folder.chmod(0o755)
    make_certificate(given, SITE)
    ports = (free_port(), free_port(), free_port())
    shipped = (_nginx if name == "nginx" else _caddy)(folder, upstream, ports)
    configuration = given / FILES[name].name
    configuration.write_text(replaced(FILES[name].read_text(), {**shipped, **changes}))
    run = {
        "nginx": ["nginx", "-e", "stderr", "-c", str(configuration), "-g", "daemon off;"],
        "caddy": ["caddy", "run", "--adapter", "caddyfile", "--config", str(configuration)],
    }
    return run[name], ports


def replaced(text: str, changes: Changes) -> str:
    """Return the text with each of these replaced; AssertionError when one is not there."""
    for old, new in changes.items():
        assert old in text, f"not in the shipped file: {old}"
        text = text.replace(old, new)
    return text


def _nginx(folder: Path, upstream: int, ports: tuple[int, int, int]) -> Changes:
    tls, plain, onion = ports
    unused = "".join(f"{kind}_temp_path {folder}/{kind}; " for kind in ("fastcgi", "uwsgi", "scgi"))
    return {
        "user www-data;": f"user {getpass.getuser()};",  # who can write in the test's folder
        "http {\n": f"http {{ {unused}\n",
        "worker_processes auto;": "worker_processes 1;",
        "/run/nginx.pid": f"{folder}/pid",
        "/var/log/nginx/": f"{folder}/",
        "/run/nginx-": f"{folder}/nginx-",
        "server 127.0.0.1:8000;": f"server 127.0.0.1:{upstream};",
        "listen 127.0.0.1:8081;": f"listen 127.0.0.1:{onion};",
        "listen 80": f"listen 127.0.0.1:{plain}",
        "listen 443": f"listen 127.0.0.1:{tls}",
        "listen [::]:80;": "",
        "listen [::]:80 default_server;": "",
        "listen [::]:443 ssl http2;": "",
        "listen [::]:443 ssl http2 default_server;": "",
        PAGES: f"{folder}/pages",
        f"/etc/letsencrypt/live/{SITE}/fullchain.pem": f"{folder}/given/certificate.pem",
        f"/etc/letsencrypt/live/{SITE}/privkey.pem": f"{folder}/given/certificate.key",
    }


def _caddy(folder: Path, upstream: int, ports: tuple[int, int, int]) -> Changes:
    tls, plain, onion = ports
    own = f"\tdefault_bind 127.0.0.1\n\thttps_port {tls}\n\thttp_port {plain}\n"
    certificate = f"\ttls {folder}/given/certificate.pem {folder}/given/certificate.key\n"
    return {
        "\tadmin off\n": f"\tadmin off\n{own}",
        f"\nhttps://{SITE} {{\n": f"\nhttps://{SITE} {{\n{certificate}",
        "/var/log/caddy/": f"{folder}/",
        "reverse_proxy 127.0.0.1:8000 {": f"reverse_proxy 127.0.0.1:{upstream} {{",
        "http://:8081 {": f"http://:{onion} {{",
        PAGES: f"{folder}/pages",
    }


def _environment(folder: Path) -> dict[str, str]:
    homes = {name: str(folder / "home") for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    return {"PATH": f"{os.defpath}:/usr/sbin:/usr/local/bin:/usr/local/sbin", **homes}


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except OSError:
        return b""


def _links(pid: int) -> list[str]:
    links = []
    for file in Path(f"/proc/{pid}/fd").iterdir():
        try:
            links.append(str(file.readlink()))
        except OSError:  # closed meanwhile
            continue
    return links
