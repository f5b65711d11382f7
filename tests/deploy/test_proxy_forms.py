"""Forms and pages on their way through the shipped proxies: in memory only, forms whole and of a known size."""

import re
import time
from contextlib import closing
from pathlib import Path

import pytest

from letters.organising.routes import ROUTES
from letters.web import guards
from tests.deploy.conftest import StartProxy
from tests.deploy.marked import SECRET, begin_form
from tests.deploy.upstream import LARGE, Upstream
from tests.faults.processes import await_that
from tests.parts.proxies import SITE, Client, Proxy, read_answer

SLUG = "stop-the-violence"
_VALUE = re.compile("<[^>]+>")
_VALUES = {
    "<slug>": SLUG,
    "<int:team_id>": "12",
    "<int:number>": "3",
    "<spoken>": "ru",
    "<draft>": "0123456789abcdef" * 2,
}


def test_a_slow_form_waits_in_memory_and_holds_nothing_of_the_application(proxy: Proxy, upstream: Upstream) -> None:
    before = proxy.open_files()
    size = 64 * 1024
    with closing(begin_form(proxy, size, sent=size - 1)) as client:
        time.sleep(0.2)
        assert proxy.open_files() == before
        assert upstream.seen == []
        client.send(b"x")
        assert read_answer(client).status == 200
    assert [seen.size for seen in upstream.seen] == [size]
    assert proxy.open_files() == before


def test_what_an_organiser_uploads_waits_in_memory_and_only_signers_forms_stay_small(
    proxy: Proxy, upstream: Upstream
) -> None:
    before, size = proxy.open_files(), 4_000_000
    with closing(begin_form(proxy, size, sent=size - 1, path=f"/workspace/letters/{SLUG}/unverified")) as client:
        time.sleep(0.2)
        assert proxy.open_files() == before
        client.send(b"x")
        assert read_answer(client).status == 200
    assert [seen.size for seen in upstream.seen] == [size]
    for path in ("/workspace/sign-in", f"/letters/{SLUG}/sign"):
        assert proxy.ask("POST", path, body="x" * 70_000).status == 413


def test_what_a_page_of_the_workspace_takes_comes_through(proxy: Proxy, upstream: Upstream) -> None:
    """A letter in Cyrillic takes six bytes for each of its own characters in a form."""
    rules = [rule for rule, (_name, page) in ROUTES.items() if page.largest > guards.LARGEST]
    paths = [_VALUE.sub(lambda found: _VALUES[found[0]], rule) for rule in rules]
    assert len(paths) > 10
    refused = [path for path in paths if proxy.ask("POST", path, body="x" * 300_000).status != 200]
    assert refused == []
    assert [seen.size for seen in upstream.seen] == [300_000] * len(paths)


def test_a_page_read_slowly_is_on_no_disk(proxy: Proxy) -> None:
    before = proxy.open_files()
    with closing(_ask_for_more_than_is_read(proxy)) as client:
        time.sleep(0.2)
        assert proxy.open_files() == before
        assert len(read_answer(client).body) == len(LARGE)


@pytest.mark.parametrize("proxy_name", ["nginx"])
def test_a_page_on_disk_would_be_seen(start_proxy: StartProxy, upstream: Upstream) -> None:
    with start_proxy(upstream.port, {"proxy_max_temp_file_size 0;": "proxy_max_temp_file_size 64m;"}) as proxy:
        before = proxy.open_files()
        with closing(_ask_for_more_than_is_read(proxy)):
            await_that(lambda: _opened(proxy, before) == {"nginx-pages"}, 5, lambda: f"{proxy.open_files()}")


def _opened(proxy: Proxy, before: set[str]) -> set[str]:
    return {Path(file).parent.name for file in proxy.open_files() - before}


def _ask_for_more_than_is_read(proxy: Proxy) -> Client:
    client = Client(proxy.https)
    client.request("GET", f"/signature/{SECRET}/large", headers={"Host": SITE})
    return client


@pytest.mark.parametrize("proxy_name", ["nginx"])
def test_a_form_on_disk_would_be_seen(start_proxy: StartProxy, upstream: Upstream) -> None:
    with start_proxy(upstream.port, {"client_body_buffer_size 128k;": "client_body_buffer_size 16k;"}) as proxy:
        before = proxy.open_files()
        with closing(begin_form(proxy, size=60_000, sent=59_999)):
            await_that(lambda: _opened(proxy, before) == {"nginx-forms"}, 5, lambda: f"{proxy.open_files()}")


def test_a_form_without_its_size_is_refused(proxy: Proxy, upstream: Upstream) -> None:
    chunks = "".join(f"1;{'x' * 100}\r\na\r\n" for _ in range(2000))
    head = f"POST /confirm/{SECRET} HTTP/1.1\r\nHost: {SITE}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert proxy.send(f"{head}{chunks}0\r\n\r\n").startswith("HTTP/1.1 411 ")
    assert upstream.seen == []
