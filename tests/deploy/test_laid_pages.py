"""Pages laid down as files: the shipped proxies say the same of them as the application does, byte for byte."""

import http.client
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from letters.laying.pages import LaidPage, home_pages, letter_pages
from letters.settings import ROOT
from tests.deploy.conftest import StartProxy
from tests.deploy.upstream import Upstream
from tests.faults.processes import await_that
from tests.letters.laying.setting import Laid, broken, shown
from tests.parts.campaign import Campaign
from tests.parts.proxies import Answer, Proxy, read_answer
from tests.parts.server import Undersigned, await_answer, free_port

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

LANGUAGES = ("ru", "be", "en")
PATIENCE = 90
"""Seconds for a process to start where much else is going on."""
OF_THE_CONNECTION = frozenset({"date", "server", "connection"})
ENCODINGS = ("br", "gzip", "identity")
TAGS = ("ru", "be", "en", "de", "ru-RU", "en-US", "en-GB", "be-tarask", "zh-Hant-TW", "*", "EN", "i", "")
WEIGHTS = (
    "",
    ";q=1",
    ";q=1.0",
    ";q=0.9",
    ";q=0.90",
    ";q=0.8",
    ";q=0.5",
    ";q=0.3",
    ";q=0",
    ";q=0.0",
    ";q=2",
    ";q=x",
    "; q=0.7",
)
CERTAIN = {
    "": "ru",
    "be": "be",
    "en-GB": "en",
    "be,ru;q=0.8,en-US;q=0.5,en;q=0.3": "be",
    "en-US,en;q=0.5": "en",
    "en-GB,en-US;q=0.9,en;q=0.8": "en",
    "ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7": "ru",
    "ru-RU,ru;q=0.8,en-US;q=0.5,en;q=0.3": "ru",
    "en, *;q=0.1": "en",
}
"""What browsers send, and the language that no application needs to be asked for."""

DOUBTFUL = (
    *(
        "ru;q=0.1, en;q=0.2",
        "en,ru",
        "de,en;q=0.5",
        "en-US,ru;q=0.9",
        "en-US,en;q=0.8,ru;q=0.9",
        "en-US,en;q=0.9,ru;q=0.9",
    ),
    *(
        "ru;q=0,en",
        "*",
        "en-US,en;q=0.9,*",
        "en-US,en;q=0.50,ru;q=0.51",
        "be-BY,be,ru",
        "en;q=0",
        "EN",
        "en-US,ru,en;q=0.9",
    ),
    *(
        "en-GB,be;q=0.9,en;q=0.8",
        "ru-RU,en;q=0.9,ru;q=0.9",
        "en,en;q=0",
        "be,be;q=0.1,ru;q=1",
        "en;level=1",
        "e",
        "en,,ru",
    ),
    *(
        'en"',
        "en,ru;q=01",
        "en-US,en;q=0.9,ru;q=0.99",
        "en-US-x,en;q=0.9",
        "en_US",
        "en-US,en_GB;q=0.9",
        "en-us,en;q=0.5,ru;q=0.5",
    ),
)


@pytest.fixture
def web(environment: dict[str, str], tmp_path: Path) -> Iterator[tuple[int, Undersigned]]:
    """The application on its port, for a test to end. Ask for `campaign` first: it sets the installation up."""
    port = free_port()
    arguments = ("serve", "--port", str(port), "--workers", "1", "--no-worker")
    web = Undersigned(*arguments, environment=environment, folder=tmp_path)
    try:
        await_answer(f"http://127.0.0.1:{port}/healthz", web)
        yield port, web
    finally:
        web.kill()


@pytest.fixture
def known(campaign: Campaign) -> Campaign:
    """A letter with an edition, one of whose names is public."""
    campaign.join(1, display="named")
    campaign.join(2)
    campaign.release()
    return campaign


class Reader:
    """One kept connection through the onion service's port, which has no TLS."""

    def __init__(self, proxy: Proxy) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", proxy.onion, timeout=10)

    def close(self) -> None:
        self._connection.close()

    def ask(self, path: str, headers: Mapping[str, str], method: str = "GET") -> Answer:
        self._connection.request(method, path, headers={"Accept-Encoding": "identity", **headers})
        return read_answer(self._connection)


def said(reader: Reader, page: LaidPage, encoding: str) -> list[tuple[int, dict[str, str], bytes]]:
    """Status, headers and body of a page in an encoding: in full, for HEAD, and for whoever has it."""
    asked = {**page.headers, "Accept-Encoding": encoding}
    full = reader.ask(page.path, asked)
    conditions = (f'"other", {full.headers["etag"]}', f"W/{full.headers['etag']}", '"other"')
    again = [reader.ask(page.path, {**asked, "If-None-Match": condition}) for condition in conditions]
    assert [answer.status for answer in again] == [304, 304, 200]
    answers = (full, reader.ask(page.path, asked, "HEAD"), *again)
    return [(answer.status, _headers(answer), answer.body) for answer in answers]


def _headers(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in OF_THE_CONNECTION}


def without(
    names: set[str], answers: list[tuple[int, dict[str, str], bytes]]
) -> list[tuple[int, dict[str, str], bytes]]:
    return [
        (status, {name: headers[name] for name in headers.keys() - names}, body) for status, headers, body in answers
    ]


def assets_of(rendered: list[tuple[LaidPage, str, list[tuple[int, dict[str, str], bytes]]]]) -> set[str]:
    """The addresses of sheets, fonts and icons that the pages, and the sheets, name."""
    pages = [answers[0][2].decode() for _page, encoding, answers in rendered if encoding == "identity"]
    named = {path for page in pages for path in re.findall(r"""["'](/static/[^"']+)""", page)}
    sheet = (ROOT / "static" / "undersigned.css").read_text()
    return named | {f"/static/{path}" for path in re.findall(r"""url\(["']?(fonts/[^"')]+)""", sheet)}


def brought(answer: Answer) -> tuple[int, bytes, dict[str, str]]:
    """What came, and the headers that do not depend on who found the file."""
    own = OF_THE_CONNECTION | {"etag", "last-modified", "expires", "accept-ranges", "content-disposition", "vary"}
    return answer.status, answer.body, {name: value for name, value in answer.headers.items() if name not in own}


def test_a_proxy_says_of_a_file_what_the_application_says(
    known: Campaign, web: tuple[int, Undersigned], start_proxy: StartProxy, proxy_name: str, tmp_path: Path
) -> None:
    port, application = web
    pages = [*home_pages(LANGUAGES), *letter_pages(known.letter, LANGUAGES)]
    with start_proxy(port) as proxy, closing(Reader(proxy)) as reader:
        rendered = [(page, encoding, said(reader, page, encoding)) for page in pages for encoding in ENCODINGS]
        assets = {path: reader.ask(path, {}) for path in assets_of(rendered)}
        laid = lay(known, tmp_path)
        application.kill()
        own = {"etag", "content-length", "transfer-encoding"} if proxy_name == "caddy" else set()
        for page, encoding, expected in rendered:
            assert without(own, said(reader, page, encoding)) == without(own, expected), (page, encoding)
        for path, served in assets.items():
            assert brought(reader.ask(path, {})) == brought(served), path
            assert reader.ask(path, {"Accept-Encoding": "br"}).status == 200
        other_versions = [path.replace("?v=", "?v=0") for path in assets if "?v=" in path]
        assert {reader.ask(path, {}).status for path in other_versions} == {502}
        tls = proxy.ask("GET", pages[0].path)
        assert (tls.status, tls.headers["strict-transport-security"]) == (200, "max-age=63072000")
        laid.laying.folder.leave()
        await_that(lambda: reader.ask(pages[0].path, {}).status == 502, 5, lambda: "a file that is gone is served")


def test_a_reader_gets_the_language_that_the_application_would_choose(
    known: Campaign, web: tuple[int, Undersigned], start_proxy: StartProxy, tmp_path: Path
) -> None:
    port, application = web
    laid, path = lay(known, tmp_path), f"/letters/{known.slug}/check-mail"
    with start_proxy(port) as proxy, closing(Reader(proxy)) as reader:

        def is_as_chosen(header: str) -> bool:
            asked = {"Accept-Language": header}
            return reader.ask(path, asked).body == known.client.get(path, headers=asked).data

        @settings(suppress_health_check=list(HealthCheck))
        @given(
            st.lists(st.tuples(st.sampled_from(TAGS), st.sampled_from(WEIGHTS)), max_size=4),
            st.sampled_from((",", ", ")),
        )
        def any_header_at_all(items: list[tuple[str, str]], comma: str) -> None:
            assert is_as_chosen(comma.join(tag + weight for tag, weight in items))

        assert [header for header in (*CERTAIN, *DOUBTFUL) if not is_as_chosen(header)] == []
        any_header_at_all()
        assert reader.ask(path, {}).body == known.client.get(path).data
        application.kill()
        answers = {header: reader.ask(path, {"Accept-Language": header}).body.decode() for header in CERTAIN}
        assert [header for header, code in CERTAIN.items() if f'<html lang="{code}"' not in answers[header]] == []
    laid.laying.folder.leave()


def test_whatever_is_no_plain_reading_of_a_laid_page_reaches_the_application(
    known: Campaign, upstream: Upstream, start_proxy: StartProxy, tmp_path: Path
) -> None:
    laid, page = lay(known, tmp_path), f"/en/letters/{known.slug}"
    others = (
        f"{page}?",
        f"{page}?q=1",
        f"{page}/",
        f"/{page}",
        page.replace("en", "%65n", 1),
        f"{page}/sign",
        f"{page}.gz",
    )
    more = (
        f"{page}/en.html",
        f"{page}/editions/2",
        f"{page}/badge.svg.br",
        "/en",
        "/index/en.html",
        "/letters/../lock",
    )
    with start_proxy(upstream.port) as proxy, closing(Reader(proxy)) as reader:
        for path in (*others, *more):
            assert reader.ask(path, {}).body == b"seen\n", path
        assert reader.ask(page, {}, "POST").body == b"seen\n"
        seen = len(upstream.seen)
        assert (
            reader.ask(page, {"Range": "bytes=0-9", "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}).status == 200
        )
        assert len(upstream.seen) == seen == len(others) + len(more) + 1
    laid.laying.folder.leave()


def lay(campaign: Campaign, tmp_path: Path) -> Laid:
    """All pages laid down where the proxy looks for them."""
    laid = Laid(campaign.runtime, tmp_path / "proxy" / "pages")
    laid.settle()
    return laid


def test_killed_at_any_moment_it_leaves_whole_files_and_begins_anew(
    known: Campaign, environment: dict[str, str], tmp_path: Path, repetitions: Callable[[int, int], int]
) -> None:
    root = tmp_path / "pages"
    settings = {**environment, "UNDERSIGNED_PAGES": str(root)}
    for number in range(repetitions(2, 20)):
        laying = Undersigned("pages", environment=settings, folder=tmp_path)
        try:
            await_that((root / "versions").is_dir, 20, laying.log.read_text)
            time.sleep(0.03 * number)
        finally:
            laying.kill()
        assert broken(root) == []
    laying = Undersigned("pages", environment=settings, folder=tmp_path)
    try:
        laid = root / "letters" / known.slug / "en.html"
        await_that(laid.exists, 20, laying.log.read_text)
        assert 'name="email"' in laid.read_text()
        assert laying.stop() == 0
    finally:
        laying.kill()
    assert shown(root) == {}


def test_the_server_keeps_pages_laid_down_and_takes_them_away_at_its_end(
    known: Campaign, environment: dict[str, str], tmp_path: Path
) -> None:
    root, home = tmp_path / "pages", tmp_path / "pages" / "index" / "en.html"
    arguments = ("serve", "--port", str(free_port()), "--workers", "1", "--no-worker")
    web = Undersigned(*arguments, environment={**environment, "UNDERSIGNED_PAGES": str(root)}, folder=tmp_path)
    try:
        await_that(home.exists, PATIENCE, web.log.read_text)
        written = home.stat().st_ctime_ns
        os.kill(_laying(web), signal.SIGKILL)
        await_that(lambda: home.exists() and home.stat().st_ctime_ns > written, PATIENCE, web.log.read_text)
        assert web.stop() == 0
    finally:
        web.kill()
    assert shown(root) == {}


def _laying(web: Undersigned) -> int:
    """The process that lays pages down."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(web.pid)], capture_output=True, text=True, check=True
    )
    (line,) = [line for line in listed.stdout.splitlines() if " pages " in line]
    return int(line.split()[0])
