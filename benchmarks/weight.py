"""What a first visit costs a reader: bytes over the wire through the shipped nginx, and seconds on a slow line.

A real browser fetches the pages. Counted are the bodies as they come and the heads of the answers, not those of TLS.
"""

from __future__ import annotations

import os
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.orm import Session

from benchmarks.crowds import crowd
from benchmarks.ground import Ground
from benchmarks.laid import shipped
from benchmarks.load import WrongAnswer
from benchmarks.tables import head, line
from letters.organising.loading import load, open_letter
from letters.runtime import Runtime
from letters.vocabularies.languages import LANGUAGES
from tests.parts.browser import NAMES
from tests.parts.campaign import demo_draft

GOAL, SOON = 60_000, 5.0
"""Bytes of a first visit to a letter; seconds until its text is painted and its form can be filled."""
EVERYWHERE, WHERE = "safe-staffing", "BY"
"""The letter that speaks every language, and where its crowd lives, which is offered in addition."""
SIGNERS = 2_000
ENCODINGS = {"brotli": "br", "gzip": "gzip", "none": "identity"}
SIGNATURE = re.compile(r'name="form_token" value="([^"]+)"')
ICON = re.compile(r'<link rel="icon" href="([^"]+)"')
PAGES = {
    "letter": f"/letters/{EVERYWHERE}",
    "home": "/",
    "count": f"/letters/{EVERYWHERE}/count",
    "signatories": f"/letters/{EVERYWHERE}/signatories",
    "pass it on": f"/letters/{EVERYWHERE}/share",
}


@dataclass(frozen=True)
class Line:
    """A slow line: kbit/s down and up, and the round trip in milliseconds."""

    name: str
    down: int
    up: int
    round_trip: int

    @property
    def emulated(self) -> Mapping[str, Any]:
        """What `Network.emulateNetworkConditions` takes."""
        speeds = {"downloadThroughput": self.down * 125, "uploadThroughput": self.up * 125}
        return {"offline": False, "latency": self.round_trip, **speeds}

    @property
    def set_up(self) -> float:
        """Seconds for what the emulation leaves out: the connection and TLS 1.3, a round trip each."""
        return 2 * self.round_trip / 1000


SLOW = Line("GPRS", 50, 20, 500)
"""As Firefox's developer tools have it; the speed is also the upper end of `slow-2g` in the Network Information API."""


@dataclass
class Visit:
    """What a first visit has fetched, in bytes by kind, and when the page could be read and used."""

    bytes: dict[str, int] = field(default_factory=dict)
    painted: float = 0
    usable: float = 0

    @property
    def all(self) -> int:
        return sum(self.bytes.values())


def measure(ground: Ground) -> None:
    """Print the weights of every page in every language, the parts of the letter, and its seconds on a slow line."""
    place = ground.place("weighed")
    place.runtime.settle(lambda session: open_everywhere(session, place.runtime))
    crowd(place.runtime, EVERYWHERE, SIGNERS)
    with shipped(place.environment, ground.product("weighed").port) as proxy, _browser() as browser:
        site = f"http://127.0.0.1:{proxy.onion}"
        _weigh_pages(browser, site)
        print()
        _weigh_parts(browser, site)
        print()
        _time(browser, site)


def _weigh_pages(browser: Browser, site: str) -> None:
    head("first visit, brotli, kB", *LANGUAGES, "goal under")
    for name, path in PAGES.items():
        weights = (visit(browser, site + _in(language, path)).all for language in LANGUAGES)
        line(name, *map(_kilo, weights), f"{GOAL // 1000}" if name == "letter" else "–")
    errors = (refuse(site, language) for language in LANGUAGES)
    line("the form with errors, which comes back afterwards", *map(_kilo, errors), "–")


def _weigh_parts(browser: Browser, site: str) -> None:
    head("first visit to the letter, kB", "page", "style sheet", "fonts", "icons", "all")
    for language in ("ru", "en", "ar"):
        for name, encoding in ENCODINGS.items():
            seen = visit(browser, site + _in(language, PAGES["letter"]), encoding)
            parts = (seen.bytes.get(kind, 0) for kind in ("Document", "Stylesheet", "Font", "Icon"))
            line(f"{language}, {name}", *map(_kilo, parts), _kilo(seen.all))


def _time(browser: Browser, site: str) -> None:
    head("the letter on a slow line", "kbit/s", "round trip ms", "text painted s", "form can be filled s", "goal under")
    for language in LANGUAGES:
        seen = visit(browser, site + _in(language, PAGES["letter"]), slow=SLOW)
        figures = (f"{seconds + SLOW.set_up:.1f}" for seconds in (seen.painted, seen.usable))
        line(f"{SLOW.name}, {language}", f"{SLOW.down} / {SLOW.up}", str(SLOW.round_trip), *figures, f"{SOON:.0f}")


def visit(browser: Browser, url: str, encoding: str = "br", slow: Line | None = None) -> Visit:
    """Open an address in a browser that has nothing yet, and wait until all of it is there. Raises `WrongAnswer`."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page, seen = context.new_page(), Visit()
    wire, kinds = context.new_cdp_session(page), {}
    wire.on("Network.responseReceived", lambda said: kinds.update({said["requestId"]: said["type"]}))
    wire.on("Network.loadingFinished", lambda said: _add(seen, kinds[said["requestId"]], said["encodedDataLength"]))
    wire.send("Network.enable")
    wire.send("Network.setExtraHTTPHeaders", {"headers": {"Accept-Encoding": encoding}})
    if slow:
        wire.send("Network.emulateNetworkConditions", dict(slow.emulated))
    answer = page.goto(url, wait_until="networkidle", timeout=120_000)
    if answer is None or answer.status != 200:
        raise WrongAnswer(f"{url}: {answer and answer.status}")
    seen.painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000
    whole = page.evaluate("performance.getEntriesByType('navigation')[0].domInteractive") / 1000
    seen.usable = max(seen.painted, whole)
    _add(seen, "Icon", sum(_weight(url, path, encoding) for path in ICON.findall(page.content())))
    context.close()
    return seen


def _add(seen: Visit, kind: str, size: float) -> None:
    seen.bytes[kind] = seen.bytes.get(kind, 0) + int(size)


def _weight(url: str, path: str, encoding: str) -> int:
    """An icon, which a browser without a window does not fetch."""
    place = urlsplit(url)
    asked = urllib.request.Request(f"{place.scheme}://{place.netloc}{path}", headers={"Accept-Encoding": encoding})
    with urllib.request.urlopen(asked) as answer:
        return len(answer.read()) + len(bytes(answer.headers))


def refuse(site: str, language: str) -> int:
    """The answer to a form with nothing in it."""
    place = site + _in(language, PAGES["letter"])
    with urllib.request.urlopen(place) as answer:
        token = SIGNATURE.findall(answer.read().decode())[0]
    try:
        urllib.request.urlopen(f"{place}/sign", urlencode({"form_token": token}).encode()).close()
    except urllib.error.HTTPError as refused:
        return len(refused.read()) + len(bytes(refused.headers))
    raise WrongAnswer("an empty form was taken")


@contextmanager
def _browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    arguments = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


def open_everywhere(session: Session, runtime: Runtime) -> None:
    """Open the letter that speaks every language."""
    draft, _pair = demo_draft(EVERYWHERE)
    draft = replace(draft, countries=(*draft.countries, WHERE))
    vocabularies = runtime.settings.vocabularies
    open_letter(load(session, draft, vocabularies, runtime.clock()), runtime.keyring, runtime.clock())


def _in(language: str, path: str) -> str:
    return f"/{language}{path}"


def _kilo(size: float) -> str:
    return f"{size / 1000:.1f}"
