"""The proxies on their shipped files, in front of the application or of what notes the requests."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

import pytest

from letters.runtime import utc_now
from tests.deploy.upstream import Upstream, running_upstream
from tests.parts.proxies import FILES, SITE, Changes, Proxy, running_proxy
from tests.parts.server import Undersigned, await_answer, free_port

StartProxy = Callable[..., AbstractContextManager[Proxy]]


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """The time by which the application behind the proxy lives."""
    return utc_now


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """The settings of an installation behind one proxy."""
    return {**environment, "UNDERSIGNED_BASE_URL": f"https://{SITE}", "UNDERSIGNED_TRUSTED_PROXIES": "1"}


@pytest.fixture(params=list(FILES))
def proxy_name(request: pytest.FixtureRequest) -> str:
    """Each proxy in turn."""
    chosen: str = request.param
    return chosen


@pytest.fixture
def start_proxy(proxy_name: str, tmp_path: Path) -> StartProxy:
    """Return what runs the proxy in front of a port, with further changes to its file, as a context."""

    def start(upstream: int, changes: Changes | None = None) -> AbstractContextManager[Proxy]:
        return running_proxy(proxy_name, tmp_path / "proxy", upstream, changes)

    return start


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """What notes the requests that a proxy lets through."""
    with running_upstream() as upstream:
        yield upstream


@pytest.fixture
def proxy(start_proxy: StartProxy, upstream: Upstream) -> Iterator[Proxy]:
    """The proxy in front of `upstream`."""
    with start_proxy(upstream.port) as proxy:
        yield proxy


@pytest.fixture
def proxied(start_proxy: StartProxy, environment: dict[str, str], tmp_path: Path) -> Iterator[Proxy]:
    """The proxy in front of the application. Ask for `campaign` first: it sets the installation up."""
    port = free_port()
    arguments = ("serve", "--port", str(port), "--workers", "1", "--no-worker")
    web = Undersigned(*arguments, environment=environment, folder=tmp_path)
    try:
        await_answer(f"http://127.0.0.1:{port}/healthz", web)
        with start_proxy(port) as proxy:
            yield proxy
    finally:
        web.kill()
