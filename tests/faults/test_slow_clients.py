"""Clients who are slow on purpose, by the thousand, at the shipped nginx: whoever is in earnest still comes through."""

import resource
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.faults.measured import Measure
from tests.faults.processes import person
from tests.parts.campaign import FORM, TOKEN, Campaign
from tests.parts.proxies import SITE, Proxy, running_proxy
from tests.parts.server import running_web

IDLE, SLOW = 8_000, 500
CLIENTS = [f"127.0.0.{number}" for number in range(10, 20)]
"""Addresses from which they connect: one has not that many ports."""


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return {**environment, "UNDERSIGNED_TRUSTED_PROXIES": "1"}


@pytest.fixture
def proxy(environment: dict[str, str], campaign: Campaign, tmp_path: Path) -> Iterator[Proxy]:
    """nginx in front of one web process."""
    with running_web(environment, tmp_path) as (url, _web):
        port = int(url.rpartition(":")[2])
        with running_proxy("nginx", tmp_path / "proxy", port) as proxy:
            yield proxy


@contextmanager
def many_files() -> Iterator[None]:
    """Let this process hold as many connections as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class SlowCrowd:
    """Connections that say nothing, and others that send a request's head a byte at a time."""

    def __init__(self, port: int, idle: int, slow: int, stack: ExitStack) -> None:
        self._selector = selectors.DefaultSelector()
        self._slow: list[socket.socket] = []
        self.refused = 0
        for number in range(idle + slow):
            try:
                where = ("127.0.0.1", port)
                connection = socket.create_connection(where, 5, (CLIENTS[number % len(CLIENTS)], 0))
            except OSError:
                self.refused += 1
                continue
            stack.enter_context(connection)
            if number >= idle:
                connection.sendall(b"POST /letters/x/sign HTTP/1.1\r\nHost: x\r\nX-A: ")
                self._slow.append(connection)

    def drip(self) -> None:
        """Each of the slow ones sends one byte more, if anybody still listens."""
        for connection in self._slow:
            try:
                connection.send(b"a")
            except OSError:
                continue


@pytest.mark.parametrize("database", ["postgresql"])
def test_signers_come_through_beside_thousands_who_only_hold_connections(
    campaign: Campaign, proxy: Proxy, repetitions: Callable[[int, int], int], measured: Measure
) -> None:
    idle, slow, signers = repetitions(2_000, IDLE), repetitions(100, SLOW), repetitions(10, 50)
    page = f"/en/letters/{campaign.slug}"
    with many_files(), ExitStack() as stack:
        crowd = SlowCrowd(proxy.onion, idle, slow, stack)
        times = []
        for number in range(signers):
            crowd.drip()
            begun = time.monotonic()
            token = TOKEN.search(proxy.ask("GET", page).body.decode())
            assert token
            form = {**FORM, "form_token": token[1], **person(number)}
            asked = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{SITE}"}
            assert proxy.ask("POST", f"{page}/sign", asked, urlencode(form)).status == 303
            times.append(time.monotonic() - begun)
    assert crowd.refused == 0
    campaign.send_mail()
    lost = signers - len(campaign.mail_server.accepted)
    assert lost == 0
    measured(
        "connections held idle, and requests sent a byte at a time, through nginx",
        f"{idle:,} idle, {slow} slow, {signers} signers meanwhile",
        lost=lost,
        remark=f"the slowest signer waited {max(times):.1f} s for page and answer",
    )
