"""What passes through the shipped nginx and Caddy, and what does not."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.deploy.marked import BROWSER, MARKED, MARKERS, SEARCHED, SECRET, traces
from tests.deploy.upstream import Upstream
from tests.parts.campaign import FORM, TOKEN, Campaign
from tests.parts.proxies import CLIENT, SITE, Answer, Proxy, prepare_proxy

FORM_TYPE = "application/x-www-form-urlencoded"
INSIDE = (
    *("/metrics", "/%6detrics", "//metrics", "/x/../metrics", "/metrics?x", "/metrics/", "/ru/metrics", "/METRICS"),
    *("/readyz", "/en/readyz"),
)
"""Addresses that only this machine may ask for, in any spelling."""


def test_the_shipped_file_is_accepted_without_a_warning(proxy_name: str, tmp_path: Path) -> None:
    command, _ports = prepare_proxy(proxy_name, tmp_path, 8000, {})
    check = [*command, "-t"] if proxy_name == "nginx" else [word.replace("run", "validate") for word in command]
    done = subprocess.run(check, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if "warn" in line and 'the "user" directive' not in line] == []


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_signers_whole_way_leaves_no_line(campaign: Campaign, proxied: Proxy) -> None:
    form = form_of(proxied, campaign.slug)
    assert post(proxied, f"/en/letters/{campaign.slug}/sign", form).status == 303
    campaign.send_mail()
    (link,) = campaign.links(form["email"])
    opened, pressed = get(proxied, link), post(proxied, link, {})
    thanks = get(proxied, pressed.headers["location"])
    private = re.findall(r"/signature/[\w.-]+", thanks.body.decode())[0]
    managed = get(proxied, private)
    searched = get(proxied, f"/en/letters/{campaign.slug}/signatories?q={SEARCHED}")
    assert {answer.status for answer in (opened, thanks, managed, searched)} == {200}
    assert {answer.headers.get("content-encoding") for answer in (opened, thanks, managed)} == {None}
    written = proxied.written()
    tokens = [path.rpartition("/")[2] for path in (link, pressed.headers["location"], private)]
    assert [secret for secret in (*tokens, form["email"], form["name"]) if secret in written] == []
    assert traces(proxied) == proxied.log() == []


@pytest.mark.parametrize("database", ["sqlite"])
def test_public_pages_are_compressed_and_a_form_handed_back_is_not(campaign: Campaign, proxied: Proxy) -> None:
    page = f"/en/letters/{campaign.slug}"
    public = get(proxied, page)
    assert public.headers["content-encoding"] == "gzip"
    assert get(proxied, page, {"If-None-Match": public.headers["etag"]}).status == 304
    mistaken = post(proxied, f"{page}/sign", {**form_of(proxied, campaign.slug), "email": "nowhere"})
    assert (mistaken.status, mistaken.headers.get("content-encoding")) == (422, None)


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_onion_service_takes_signatures(campaign: Campaign, proxied: Proxy) -> None:
    path, body = f"/en/letters/{campaign.slug}/sign", urlencode(form_of(proxied, campaign.slug))
    asked = {"Host": "onion.example", "Origin": "http://onion.example", "Content-Type": FORM_TYPE}
    assert proxied.ask("POST", path, asked, body, port=proxied.onion).status == 303


def form_of(proxy: Proxy, slug: str) -> dict[str, str]:
    """What a signer sends, the token of the page among it."""
    token = TOKEN.search(proxy.ask("GET", f"/en/letters/{slug}").body.decode())
    assert token
    return {**FORM, "form_token": token[1]}


def get(proxy: Proxy, path: str, headers: Mapping[str, str] | None = None) -> Answer:
    return proxy.ask("GET", path, {**MARKED, "Accept-Encoding": "gzip", **(headers or {})})


def post(proxy: Proxy, path: str, fields: dict[str, str]) -> Answer:
    own = {"Accept-Encoding": "gzip", "Content-Type": FORM_TYPE, "Origin": f"https://{SITE}"}
    return proxy.ask("POST", path, {**MARKED, **own}, urlencode(fields))


def test_what_is_for_this_machine_stays_on_it(proxy: Proxy, upstream: Upstream) -> None:
    for path in INSIDE:
        assert proxy.ask("GET", path).status == 404
        assert proxy.ask("GET", path, port=proxy.onion).status == 404
    assert upstream.seen == []
    assert proxy.ask("GET", "/healthz").status == 200


def test_the_application_hears_who_connects_and_nothing_a_client_says_of_itself(
    proxy: Proxy, upstream: Upstream
) -> None:
    assert proxy.ask("GET", "/", {**MARKED, "x-forwarded-for": "192.0.2.8, 192.0.2.9"}).status == 200
    assert proxy.ask("GET", "/", {**MARKED, "Host": "onion.example"}, port=proxy.onion).status == 200
    outside, onion = (seen.headers for seen in upstream.seen)
    assert (outside["x-forwarded-for"], outside["x-forwarded-proto"], outside["host"]) == ([CLIENT], ["https"], [SITE])
    assert (onion["x-forwarded-proto"], onion["host"]) == (["http"], ["onion.example"])
    heard = json.dumps([outside, onion])
    assert [value for value in ("192.0.2", "elsewhere.example", "gopher", BROWSER) if value in heard] == []


def test_plain_http_leads_to_tls_and_repeats_no_secret(proxy: Proxy, upstream: Upstream) -> None:
    def location(path: str) -> str:
        answer = proxy.ask("GET", path, MARKED, port=proxy.http)
        assert answer.status == 308
        assert not any(marker in f"{answer.headers} {answer.body!r}" for marker in MARKERS)
        return answer.headers["location"].removeprefix(f"https://{SITE}")

    assert location("/ru/letters/safe-staffing/count") == "/ru/letters/safe-staffing/count"
    assert location(f"/letters/safe-staffing/signatories?q={SEARCHED}") == "/letters/safe-staffing/signatories"
    assert location("/letters/x%0d%0aSet-Cookie:%20a=b") == "/"
    assert [location(f"/ru/{kind}/{SECRET}?q={SEARCHED}") for kind in ("confirm", "signature", "signed")] == ["/"] * 3
    elsewhere = f"GET /confirm/{SECRET} HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n"
    assert SECRET not in proxy.send(elsewhere, port=proxy.http)
    assert upstream.seen == []
    assert proxy.log() == []


def test_only_tls_promises_tls(proxy: Proxy) -> None:
    assert proxy.ask("GET", "/").headers["strict-transport-security"] == "max-age=63072000"
    assert "strict-transport-security" not in proxy.ask("GET", "/", port=proxy.onion).headers
    assert "strict-transport-security" not in proxy.ask("GET", "/", port=proxy.http).headers
