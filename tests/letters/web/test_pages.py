"""Public pages: the same bytes until an edition changes them, and 304 for whoever has them."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from letters.web.pages import Pages
from tests.letters.signing.asking import change_letter, send
from tests.letters.web.everywhere import busy, public_addresses
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from tests.parts.drawings import draw_all

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

TILE = "/log/tile/0/000.p/1"
SPEAKS_NO_LANGUAGE = ("/log/checkpoint", "/editions.csv", "/addresses.txt")
SAYS_NO_COUNT = (TILE, "/addresses", "/addresses.txt", "/check-mail", "/institutions", "/poster.pdf", "/qr.png")


def public(campaign: Campaign) -> list[str]:
    links = busy(campaign)
    letters = f"letters/{campaign.slug}"
    addresses = [
        path
        for path in public_addresses(campaign, links)
        if f"/{letters}" in path.partition("?")[0] or path in ("/", "/be/")
    ]
    return [path for path in (*addresses, "/api/v1/letters") if not path.endswith(("/sign", "/editions/latest"))]


def test_every_public_page_has_a_strong_etag_and_answers_304_to_who_has_it(campaign: Campaign) -> None:
    for path in public(campaign):
        first = campaign.client.get(path)
        etag = first.headers["ETag"]
        assert etag.startswith('"'), path
        for condition in (etag, f'"other", {etag}', f"W/{etag}", "*"):
            again = campaign.client.get(path, headers={"If-None-Match": condition})
            assert (again.status_code, again.data) == (304, b""), (path, condition)
            assert again.headers["ETag"] == etag
            assert again.headers.get("Vary") == _varies(path)
            assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
        assert campaign.client.get(path, headers={"If-None-Match": '"other"'}).data == first.data


def _varies(path: str) -> str | None:
    if path.endswith(TILE):
        return None
    return "Accept-Encoding" if path.endswith(SPEAKS_NO_LANGUAGE) else "Accept-Language, Accept-Encoding"


def test_a_public_page_is_the_same_bytes_for_everybody(campaign: Campaign) -> None:
    paths = public(campaign)
    for path in paths:
        one = campaign.client.get(path, headers={"User-Agent": "one", "Cookie": "a=b", "Host": "a.example"})
        other = campaign.app.test_client().get(path, headers={"User-Agent": "other"})
        assert (one.data, one.headers["ETag"]) == (other.data, other.headers["ETag"]), path


def test_signing_and_confirming_change_no_public_page_before_the_edition(campaign: Campaign, clock: Clock) -> None:
    paths = public(campaign)
    before = {path: campaign.client.get(path).headers["ETag"] for path in paths}
    campaign.join(3, display="named")
    send(campaign, {"email": "pending@example.org"})
    assert {path: campaign.client.get(path).headers["ETag"] for path in paths} == before
    clock.advance(minutes=1)
    campaign.release()
    draw_all(campaign)
    after = {path: campaign.client.get(path).headers["ETag"] for path in paths}
    unchanged = {path for path in paths if after[path] == before[path]}
    cited = f"/api/v1/letters/{campaign.slug}/editions/1"
    assert unchanged == {path for path in paths if path.endswith(SAYS_NO_COUNT) or path == cited}


def test_a_change_of_the_letter_is_seen_at_once(campaign: Campaign) -> None:
    url = f"/en/letters/{campaign.slug}"
    before = campaign.client.get(url).headers["ETag"]
    change_letter(campaign, state="paused")
    paused = campaign.client.get(url)
    assert paused.headers["ETag"] != before
    assert "paused" in paused.text


class Rendering:
    """Renders a page and remembers how often."""

    def __init__(self, page: str = "page") -> None:
        self.times, self._page = 0, page

    def __call__(self) -> str:
        self.times += 1
        time.sleep(0.01)
        return self._page


def test_pages_are_kept_by_what_they_depend_on_and_rendered_once(campaign: Campaign) -> None:
    pages, render = Pages(), Rendering()
    with campaign.app.test_request_context("/"):
        bodies = {pages.answer(key, render).get_data() for key in ("one", "one", "two", "one")}
    assert bodies == {b"page"}
    assert render.times == 2


def test_a_page_in_another_encoding_is_not_rendered_again(campaign: Campaign) -> None:
    pages, render = Pages(), Rendering("page " * 100)
    for accepted in ("br", "gzip", "", "br", "gzip"):
        with campaign.app.test_request_context("/", headers={"Accept-Encoding": accepted}):
            pages.answer("one", render)
    assert render.times == 1


def test_many_threads_that_ask_at_once_have_a_page_rendered_once(campaign: Campaign) -> None:
    pages, render = Pages(), Rendering()

    def ask(_number: int) -> bytes:
        with campaign.app.test_request_context("/"):
            return bytes(pages.answer("one", render).get_data())

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(32))) == {b"page"}
    assert render.times == 1
