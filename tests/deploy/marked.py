"""Requests that can be told again wherever something of them is written down."""

import json
import re

from tests.faults.processes import await_that
from tests.parts.proxies import CLIENT, SITE, Client, Proxy

SECRET, BROWSER, CAME_FROM, SEARCHED = "S3cretT0ken", "Browser-Example/7", "referrer.example", "Searched-Example"
MARKED = {
    "User-Agent": BROWSER,
    "Referer": f"https://{CAME_FROM}/",
    "X-Forwarded-For": "192.0.2.7",
    "X-Real-IP": "192.0.2.7",
    "Forwarded": "for=192.0.2.7",
    "X-Forwarded-Host": "elsewhere.example",
    "X-Forwarded-Proto": "gopher",
}
MARKERS = (SECRET, BROWSER, CAME_FROM, SEARCHED, CLIENT, "192.0.2.7")
HOUR = re.compile(r"\d\d:\d\d|\b1[789]\d{8}\b")
"""An hour of the day, or seconds since 1970."""


def traces(proxy: Proxy) -> list[str]:
    """What the proxy has written that tells of a signer."""
    written = proxy.written().lower()
    found = [marker for marker in MARKERS if marker.lower() in written]
    return found + [line for line in proxy.log() if HOUR.search(line)]


def logged(proxy: Proxy, lines: int) -> list[tuple[str, str, int]]:
    """Method, place and status of each line, once there are so many; AssertionError when one says anything more."""
    await_that(lambda: len(proxy.log()) >= lines, 5, lambda: f"{proxy.log()}")
    return [(_of_caddy if proxy.name == "caddy" else _of_nginx)(line) for line in proxy.log()]


def _of_nginx(line: str) -> tuple[str, str, int]:
    found = re.fullmatch(r"\d{4}-\d\d-\d\d (GET|HEAD|POST|-) (-|/|/[a-z]+/-) (\d{3})", line)
    assert found, line
    return found[1], found[2], int(found[3])


def _of_caddy(line: str) -> tuple[str, str, int]:
    told = json.loads(line)
    method, place, status = told["request"].pop("method"), told["request"].pop("uri"), told.pop("status")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", told.pop("ts"))
    assert re.fullmatch(r"http\.log\.access\.log\d", told.pop("logger"))
    assert told == {"level": "error", "msg": "handled request", "request": {}}
    return method, place, status


def begin_form(proxy: Proxy, size: int, sent: int, path: str = f"/confirm/{SECRET}") -> Client:
    """Send the beginning of a form that is to be `size` bytes long: `sent` of them."""
    client = Client(proxy.https)
    client.putrequest("POST", path, skip_host=True)
    for name, value in {"Host": SITE, "Content-Length": str(size), **MARKED}.items():
        client.putheader(name, value)
    client.endheaders(SECRET.ljust(sent, "x").encode())
    return client
