"""Whatever fails behind the shipped proxies or is broken in front of them, their logs name no signer."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.deploy.conftest import StartProxy
from tests.deploy.marked import MARKED, SEARCHED, SECRET, begin_form, logged, traces
from tests.deploy.upstream import Upstream
from tests.parts.proxies import CLIENT, SITE, Changes, Proxy
from tests.parts.server import free_port

PERSONAL = {
    f"/confirm/{SECRET}": "/confirm/-",
    f"/ru/signature/{SECRET}?q={SEARCHED}": "/signature/-",
    f"/be/signed/{SECRET}/{SECRET}": "/signed/-",
    f"//confirm/{SECRET}": "/confirm/-",
    f"/letters/{SECRET}/sign?q={SEARCHED}": "/letters/-",
    f"/workspace/{SECRET}": "/workspace/-",
}
"""Addresses, and all that the log may say of each."""

UNKNOWN = (f"/confrm/{SECRET}", f"/en/x/confirm/{SECRET}", f"/{SECRET}", f"/?q={SEARCHED}&t={SECRET}")
ENCODED = (f"/%63onfirm/{SECRET}", f"/en/signat%75re/{SECRET}", f"/%2fconfirm%2f{SECRET}")
BROKEN = {
    "no protocol": f"GET /confirm/{SECRET}\r\n\r\n",
    "unknown protocol": f"GET /confirm/{SECRET} HTTP/9.9\r\nHost: {SITE}\r\n\r\n",
    "space in the path": f"GET /confirm/ {SECRET} HTTP/1.1\r\nHost: {SITE}\r\nConnection: close\r\n\r\n",
    "unknown method": f"{SECRET.upper()} / HTTP/1.1\r\nHost: {SITE}\r\nConnection: close\r\n\r\n",
    "no host": f"GET /confirm/{SECRET} HTTP/1.1\r\nConnection: close\r\n\r\n",
    "other host": f"GET /confirm/{SECRET} HTTP/1.1\r\nHost: {SECRET}.example\r\nConnection: close\r\n\r\n",
    "long header": f"GET /confirm/{SECRET} HTTP/1.1\r\nHost: {SITE}\r\nReferer: {SECRET * 9000}\r\n\r\n",
    "long path": f"GET /confirm/{SECRET * 9000} HTTP/1.1\r\nHost: {SITE}\r\n\r\n",
    "two sizes": f"POST /confirm/{SECRET} HTTP/1.1\r\nHost: {SITE}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "escaped badly": f"GET /confirm/%zz{SECRET} HTTP/1.1\r\nHost: {SITE}\r\nConnection: close\r\n\r\n",
    "above the top": f"GET /../confirm/{SECRET} HTTP/1.1\r\nHost: {SITE}\r\nConnection: close\r\n\r\n",
    "zero byte": f"GET /confirm/\0{SECRET} HTTP/1.1\r\nHost: {SITE}\r\nConnection: close\r\n\r\n",
}
QUICK: dict[str, Changes] = {
    "nginx": {"client_body_timeout 30s;": "client_body_timeout 1s;"},
    "caddy": {"read_body 60s": "read_body 1s"},
}
CHATTY: dict[str, Changes] = {
    "nginx": {"error_log stderr emerg;": "error_log stderr info;"},
    "caddy": {"level ERROR\n\t\texclude http\n": "level DEBUG\n"},
}


@pytest.fixture
def lonely(start_proxy: StartProxy) -> Iterator[Proxy]:
    """The proxy in front of nothing: the application has ended."""
    with start_proxy(free_port()) as proxy:
        yield proxy


def test_failures_are_logged_without_their_signer(lonely: Proxy) -> None:
    for path in (*PERSONAL, *UNKNOWN, *ENCODED):
        assert lonely.ask("GET", path, MARKED).status == 502
        assert lonely.ask("POST", path, MARKED, "email=" + SECRET).status == 502
        assert lonely.ask("GET", path, MARKED, port=lonely.onion).status == 502
    asked, known = 3 * len((*PERSONAL, *UNKNOWN, *ENCODED)), [place for place in PERSONAL.values() for _ in range(3)]
    lines = logged(lonely, asked)
    places = [place for _method, place, _status in lines]
    assert (len(lines), {status for _method, _place, status in lines}) == (asked, {502})
    assert places[: len(known)] == known
    assert set(places[len(known) :]) <= {"-", "/", "/confirm/-", "/signature/-"}
    assert traces(lonely) == []


def test_an_answer_cut_off_is_logged_without_its_signer(proxy: Proxy) -> None:
    assert proxy.ask("POST", f"/confirm/{SECRET}/hang-up", MARKED, SECRET).status == 502
    assert logged(proxy, 1) == [("POST", "/confirm/-", 502)]
    assert traces(proxy) == []


def test_answers_that_did_not_fail_are_not_logged(proxy: Proxy) -> None:
    for path in PERSONAL:
        assert proxy.ask("GET", path, MARKED).status == 200
        assert proxy.ask("POST", path, MARKED, SECRET).status == 200
    assert proxy.log() == []
    assert traces(proxy) == []


def test_broken_requests_leave_no_trace(start_proxy: StartProxy, proxy_name: str, upstream: Upstream) -> None:
    with start_proxy(upstream.port, QUICK[proxy_name]) as proxy:
        for request in BROKEN.values():
            proxy.send(request)
        proxy.send(BROKEN["other host"], port=proxy.https)
        _leave_in_mid_form(proxy)
        _stall_in_mid_form(proxy)
        assert proxy.ask("POST", f"/confirm/{SECRET}", MARKED, SECRET * 9000).status == 413
    assert traces(proxy) == []
    assert {place for _method, place, _status in logged(proxy, 0)} <= {"-", "/confirm/-"}


def _leave_in_mid_form(proxy: Proxy) -> None:
    with closing(begin_form(proxy, size=60_000, sent=30_000)):
        """Gone before the other half."""


def _stall_in_mid_form(proxy: Proxy) -> None:
    with closing(begin_form(proxy, size=60_000, sent=30_000)) as client:
        assert client.sock is not None
        client.sock.recv(65536)


def test_the_search_would_find_what_a_chattier_log_says(start_proxy: StartProxy, proxy_name: str) -> None:
    with start_proxy(free_port(), CHATTY[proxy_name]) as proxy:
        assert proxy.ask("GET", f"/confirm/{SECRET}", MARKED).status == 502
    assert {SECRET, CLIENT} <= set(traces(proxy))
