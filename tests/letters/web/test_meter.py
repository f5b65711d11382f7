"""What a process counts: the kind of work, how it ended and how long it took; nothing of the host's own programs."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from letters.web.meter import BOUNDS, KEPT, KEYS, Meter
from tests.parts.campaign import Campaign


def request(endpoint: str | None, method: str = "GET", status: str = "200 OK") -> dict[str, Any]:
    page = {} if endpoint is None else {"werkzeug.request": SimpleNamespace(endpoint=endpoint)}
    return {"REQUEST_METHOD": method, "status": status, **page}


def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response(environ["status"], [])
    return [b""]


def nothing(*_: object) -> None:
    """Take the status and the headers."""


def counted(environ: dict[str, Any], seconds: float = 0.0) -> dict[Any, int]:
    times = iter([100.0, 100.0 + seconds])
    meter = Meter(answer, timer=lambda: next(times))
    meter(environ, nothing)
    return {key: count for key, count in meter.take(0).of.items() if count}


@pytest.mark.parametrize(
    ("environ", "key"),
    [
        (request("letter"), ("read", "2xx")),
        (request("letter", "HEAD", "304 Not Modified"), ("read", "3xx")),
        (request(None, "GET", "404 Not Found"), ("read", "4xx")),
        (request("sign", "POST", "303 See Other"), ("sign", "3xx")),
        (request("sign", "POST", "429 Too Many Requests"), ("sign", "429")),
        (request("sign", "POST", "503 Service Unavailable"), ("sign", "503")),
        (request("confirm", "POST", "500 Internal Server Error"), ("confirm", "5xx")),
        (request("signature", "POST", "303 See Other"), ("manage", "3xx")),
        (request("workspace_home"), ("organise", "2xx")),
        (request("api.letters"), ("api", "2xx")),
    ],
)
def test_an_answer_counts_by_its_work_and_its_end(environ: dict[str, Any], key: tuple[str, str]) -> None:
    found = counted(environ)
    assert found == {("answer", *key): 1, ("seconds", key[0], 0): 1}
    assert set(found) <= set(KEYS)


@pytest.mark.parametrize("endpoint", ["healthz", "readyz", "metrics", "static"])
def test_what_the_hosts_own_programs_ask_counts_for_nothing(endpoint: str) -> None:
    assert counted(request(endpoint)) == {}


@pytest.mark.parametrize(("seconds", "bucket"), [(0.005, 0), (0.0051, 1), (10.0, len(BOUNDS) - 1), (11.0, len(BOUNDS))])
def test_a_bucket_holds_what_took_at_most_so_long(seconds: float, bucket: int) -> None:
    assert ("seconds", "read", bucket) in counted(request("letter"), round(seconds, 4) - 1e-9)


def test_an_application_that_breaks_is_a_failure() -> None:
    def breaks(_environ: object, _start: object) -> Iterable[bytes]:
        raise RuntimeError

    meter = Meter(breaks)
    with pytest.raises(RuntimeError):
        meter(request("letter"), nothing)
    assert meter.take(0).of["answer", "read", "5xx"] == 1
    assert meter.take(0).most_at_once == 0


def test_taking_begins_anew_and_brings_what_the_front_desk_kept() -> None:
    meter = Meter(answer)
    meter(request("letter"), nothing)
    first, second = meter.take(7), meter.take(0)
    assert (first.of[KEPT], first.of["answer", "read", "2xx"], first.most_at_once) == (7, 1, 1)
    assert (sum(second.of.values()), second.most_at_once) == (0, 0)


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_pages_of_the_site_are_told_apart(campaign: Campaign) -> None:
    """By the page that took the request, wherever in the address its language stands."""
    meter = Meter(campaign.app.wsgi_app._application._application)  # type: ignore[attr-defined]
    client = campaign.app.test_client()
    campaign.app.wsgi_app = meter  # type: ignore[method-assign]
    client.get(f"/ru/letters/{campaign.slug}")
    client.post(f"/en/letters/{campaign.slug}/sign", data={})
    client.get("/api/v1/letters")
    client.get("/workspace/")
    client.get("/healthz")
    works = {key[1] for key in meter.take(0).of if key[0] == "answer"}
    assert works == {"read", "sign", "api", "organise"}
