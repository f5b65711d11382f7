"""Whatever is thrown at the pages: nothing fails, nothing strange is stored, no answer leads to another host."""

import re
from collections.abc import Callable
from itertools import cycle
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from letters.web.guards import LARGEST
from tests.letters.signing.asking import everything, post, stored
from tests.letters.web.everywhere import busy, every_address
from tests.parts.campaign import Campaign

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

OWN = "https://undersigned.example"
FOREIGN = [
    "https://evil.example",
    "http://evil.example",
    "https://undersigned.example.evil.example",
    "https://evil.example/undersigned.example",
    "https://undersigned.example@evil.example",
    "https://undersigned.example:444",
    "http://[::1",
    "http://[",
    "file://",
    "evil",
    "",
    "\xff",
    "x" * 10_000,
]
HOSTS = ["evil.example", "evil.example:80", "[", "[::1", "a" * 300, "..", "a b", "\xff", "xn--\xff", "x:99999999", ""]


def test_a_post_from_another_sites_page_is_refused(campaign: Campaign) -> None:
    links, form = busy(campaign), campaign.form()
    before = everything(campaign.runtime)
    for origin in FOREIGN:
        for path in (f"/en/letters/{campaign.slug}/sign", links.waiting, links.private):
            answer = campaign.client.post(path, data={**form, "withdraw": "1"}, headers={"Origin": origin})
            assert answer.status_code == 403, (origin, path)
    assert everything(campaign.runtime) == before


@pytest.mark.parametrize("origin", [OWN, "null", None])
def test_a_post_from_ones_own_page_or_a_private_one_is_taken(campaign: Campaign, origin: str | None) -> None:
    headers = {"Origin": origin} if origin else {}
    url = f"/en/letters/{campaign.slug}/sign"
    assert campaign.client.post(url, data=campaign.form(), headers=headers).status_code == 303


def test_reading_is_open_to_whoever_comes_from_elsewhere(campaign: Campaign) -> None:
    headers = {"Origin": "https://evil.example", "Referer": "https://evil.example/page"}
    for address in every_address(campaign, busy(campaign)):
        assert campaign.client.get(address, headers=headers, buffered=True).status_code < 400


def test_a_forged_host_fails_nothing_and_appears_nowhere(
    campaign: Campaign, repetitions: Callable[[int, int], int]
) -> None:
    addresses = every_address(campaign, busy(campaign))
    forged = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "evil",
        "X-Forwarded-For": "192.0.2.66, 127.0.0.1",
        "X-Forwarded-Prefix": "/evil",
        "X-Original-URL": "/evil",
        "Forwarded": "host=evil.example",
    }
    hosts = cycle(HOSTS)
    for _ in range(repetitions(1, len(HOSTS))):
        next(hosts)  # so that each address meets another one
        for address in [*addresses, "/en", "/nowhere", f"//letters//{campaign.slug}"]:
            host = next(hosts)
            answer = campaign.client.get(address, headers={**forged, "Host": host}, buffered=True)
            assert answer.status_code < 500, (host, address)
            said = answer.data + str(answer.headers).encode()
            assert b"evil" not in said
            assert b"192.0.2.66" not in said


@pytest.mark.parametrize(
    "path", ["/en", "/en/", "//en//", "/letters//{slug}", "/en/letters/{slug}/", "//evil.example/"]
)
def test_no_redirect_names_a_host(campaign: Campaign, path: str) -> None:
    answer = campaign.client.get(path.format(slug=campaign.slug), headers={"Host": "evil.example"})
    assert answer.status_code in (200, 404)


@pytest.mark.parametrize(
    "query", ["_external=1", "_scheme=ftp", "_anchor=evil", "_method=POST", "endpoint=home", "x=evil"]
)
def test_one_readers_query_never_reaches_the_next_readers_page(campaign: Campaign, query: str) -> None:
    busy(campaign)
    for page in ("", "/count", "/signatories", "/editions/1"):
        url = f"/en/letters/{campaign.slug}{page}"
        poisoned = campaign.client.get(f"{url}?{query}", headers={"Host": "evil.example"})
        clean = campaign.client.get(url)
        assert (poisoned.status_code, clean.status_code) == (200, 200)
        assert "evil" not in poisoned.text + clean.text
        assert poisoned.data == clean.data


def test_a_form_may_be_as_large_as_promised_and_not_larger(campaign: Campaign) -> None:
    assert post(campaign, b"name=" + b"x" * (LARGEST - 5)).status_code == 422
    assert post(campaign, b"name=" + b"x" * (LARGEST - 4)).status_code == 413


def test_a_page_that_takes_no_form_reads_no_body(campaign: Campaign) -> None:
    assert campaign.client.get(f"/letters/{campaign.slug}", data=b"x" * 200_000).status_code == 200


ODD = [
    "%00",
    "%ff",
    "%ED%A0%80",
    "..%2f..%2fetc",
    "%0d%0aSet-Cookie:%20a=b",
    "%F0%9F%98%80",
    "9" * 5000,
    "a" * 9000,
    "%",
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd[:12])
def test_odd_addresses_are_simply_not_there(campaign: Campaign, odd: str) -> None:
    for before in (
        "/",
        "/letters/",
        "/en/letters/",
        f"/letters/{campaign.slug}/editions/",
        "/static/",
        "/api/v1/letters/",
    ):
        for method in ("GET", "POST", "HEAD"):
            answer = campaign.client.open(before + odd, method=method)
            assert answer.status_code in (404, 405), (method, before)
            assert "Set-Cookie" not in answer.headers


LANGUAGES = [
    "en," * 20_000,
    "q=nan",
    "en;q=nan",
    "en;q=1e999",
    "en;q=-1",
    "*",
    "\xff",
    "x-" + "y" * 9000,
    "-",
    ";;;,,,",
]


@pytest.mark.parametrize("wanted", LANGUAGES, ids=lambda wanted: wanted[:12])
def test_an_odd_accept_language_fails_nothing(campaign: Campaign, wanted: str) -> None:
    for url in ("/", f"/letters/{campaign.slug}", "/api/v1/letters", "/nowhere"):
        assert campaign.client.get(url, headers={"Accept-Language": wanted}).status_code in (200, 404)


CONDITIONS = ["*", '"', 'W/"', "\xff", '"' * 5000, "x, y, z", '""']


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition[:12])
def test_an_odd_condition_fails_nothing(campaign: Campaign, condition: str) -> None:
    headers = {"If-None-Match": condition, "If-Modified-Since": condition, "Range": condition}
    for _twice in range(2):
        assert campaign.client.get(f"/en/letters/{campaign.slug}", headers=headers).status_code in (200, 304)


anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
names = st.sampled_from(
    ["name", "email", "profession", "region", "workplace", "display", "updates", "consent", "q", "page"]
)
header_values = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60)
headers = st.dictionaries(
    st.sampled_from(
        ["Accept-Language", "Accept", "Host", "Origin", "If-None-Match", "Cookie", "Content-Type", "Referer"]
    ),
    header_values,
)
sign, page = "/en/letters/stop-the-violence/sign", "/letters/stop-the-violence/signatories"
paths = (
    st.sampled_from(["/", sign, page, "/confirm/x.y.z", "/signature/x.y", "/signed/x.y", "/api/v1/letters"]) | anything
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=paths,
    query=st.dictionaries(names | anything, anything, max_size=4),
    method=st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT"]),
    headers=headers,
    body=st.dictionaries(names | anything, anything, max_size=6) | st.binary(max_size=300),
)
def test_no_request_at_all_makes_the_pages_fail(
    campaign: Campaign,
    path: str,
    query: dict[str, str],
    method: str,
    headers: dict[str, str],
    body: dict[str, str] | bytes,
) -> None:
    client: FlaskClient = campaign.client
    url = "/" + quote(path.lstrip("/"))
    answer = client.open(url, query_string=query, method=method, headers=headers, data=body)
    assert answer.status_code < 500
    assert "Set-Cookie" not in answer.headers
    assert not re.match("https?:", answer.headers.get("Location", ""))
    assert stored(campaign.runtime) == 0
