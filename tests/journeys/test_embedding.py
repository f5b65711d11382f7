"""What other sites show of a letter, in a real browser: whatever they allow scripts to do."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from babel.numbers import format_decimal
from flask import Flask
from playwright.sync_api import Page, Request, expect

from letters.vocabularies.languages import LANGUAGES
from letters.web.locale import locale_of
from tests.journeys.showcase import FULL, Showcase, serving
from tests.journeys.witness import Witness
from tests.letters.signing.asking import show
from tests.parts.browser import Visitor

Foreign = Callable[[str, str], str]

ANYTHING = ""
NO_SCRIPTS = "default-src 'none'; img-src *; frame-src *"
NO_QUESTIONS = "default-src 'none'; img-src *; frame-src *; script-src *"
MINUTE = 60_000
BASE_URL = "http://127.0.0.1:8000"

OF_THE_TOOL = "Blocked script execution in"
"""What Chromium says when Playwright's own script wants into a frame in a sandbox."""


@pytest.fixture(scope="module")
def home(showcase: Showcase) -> Iterator[str]:
    """Where the letters are served."""
    with serving(showcase.app) as url:
        yield url


@contextmanager
def elsewhere(body: str, policy: str) -> Iterator[str]:
    """A page of another site, with that content security policy; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            if policy:
                self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing of each request."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def copied(app: Flask, home: str, *languages: str) -> str:
    """A page of another site that holds all that the letter's page offers to copy, in each of these languages."""
    pages = [show(app.test_client().get(f"/{language}/letters/{FULL}/share")).text for language in languages]
    codes = "".join(page[page.index("<a href=") : page.index("</script>") + len("</script>")] for page in pages)
    page = f"<!doctype html><html lang={languages[0]}><title>A newspaper</title><h1>A newspaper</h1>{codes}"
    return page.replace(BASE_URL, home).replace('loading="lazy"', "")


def looks(asked: list[Request]) -> int:
    """How often the count was looked up."""
    return sum(request.url.endswith("/count") for request in asked)


def link(page: Page) -> str:
    """What stands in the link that a script may fill."""
    return str(page.locator("a.undersigned-letter").inner_html())


@pytest.mark.parametrize("language", ["en", "ru"])
def test_another_site_shows_the_count_and_keeps_it_up_to_date(
    showcase: Showcase, home: str, visitor: Visitor, language: str
) -> None:
    page = visitor(width=320, language=language)
    asked: list[Request] = []
    witness = Witness(page)
    page.on("request", lambda request: asked.append(request) if request.url.startswith(home) else None)
    page.clock.install()
    with elsewhere(copied(showcase.app, home, language), ANYTHING) as address:
        page.goto(address)
        status = page.get_by_role("status")
        expect(status).to_have_text({"en": "Signatures: 112", "ru": "Подписи: 112"}[language])
        assert "<img" not in link(page)
        frame = page.frame_locator("iframe")
        expect(frame.get_by_role("heading")).to_have_text(page.locator("iframe").get_attribute("title") or "")
        expect(frame.get_by_role("link")).to_have_attribute("target", "_blank")
        expect(frame.locator("html")).to_have_css("background-color", "rgb(251, 250, 247)")
        page.context.route(f"{BASE_URL}/**", lambda route: route.fulfill(body="Home"))
        with page.context.expect_page() as opened:
            frame.get_by_role("link").click()
        assert opened.value.evaluate("window.opener") is None
        page.clock.fast_forward(MINUTE // 2)
        assert looks(asked) == 1
        page.clock.fast_forward(MINUTE // 2 + 1000)
        expect(status).to_contain_text("112")
        page.wait_for_function("performance.now() > 60000")
        assert looks(asked) == 2
        told = [request.all_headers() for request in asked]
    assert {headers.get("referer", "").removesuffix("/") for headers in told} <= {"", home}
    assert not [headers for headers in told if "cookie" in headers]
    assert [failure for failure in witness.failures if not failure.startswith(OF_THE_TOOL)] == []
    assert witness.kept == {}


def test_two_codes_on_one_page_show_it_once_each_and_ask_once(showcase: Showcase, home: str, visitor: Visitor) -> None:
    page = visitor()
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if request.url.startswith(home) else None)
    with elsewhere(copied(showcase.app, home, "en", "ru"), ANYTHING) as address:
        page.goto(address, wait_until="networkidle")
        expect(page.get_by_role("status")).to_have_text(["Signatures: 112", "Подписи: 112"])
    assert looks(asked) == 1


def test_a_page_that_was_kept_with_its_count_is_brought_up_to_date(
    showcase: Showcase, home: str, visitor: Visitor
) -> None:
    page = visitor()
    code = copied(showcase.app, home, "en").replace(
        "<script", '<span class="undersigned-count" role="status">Signatures: 7</span><script'
    )
    with elsewhere(code, ANYTHING) as address:
        page.goto(address)
        expect(page.get_by_role("status")).to_have_text(["Signatures: 112"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_count_is_written_as_the_letters_page_writes_it(
    showcase: Showcase, home: str, visitor: Visitor, language: str
) -> None:
    page = visitor()
    page.route("**/count", lambda route: route.fulfill(json={"total": 4410}))
    code = copied(showcase.app, home, "en").replace(f"{home}/en/", f"{home}/{language}/")
    with elsewhere(code, ANYTHING) as address:
        page.goto(address)
        written = format_decimal(4410, locale=locale_of(language))
        expect(page.get_by_role("status")).to_have_text(f"Signatures: {written}", use_inner_text=True)


@pytest.mark.parametrize("code", ["picture", "script"])
def test_nobody_learns_from_which_site_a_reader_comes(
    showcase: Showcase, home: str, visitor: Visitor, code: str
) -> None:
    page = visitor()
    with elsewhere(copied(showcase.app, home, "en"), ANYTHING) as address:
        page.goto(address, wait_until="networkidle")
        with page.expect_request(f"{home}/en/letters/{FULL}") as asked:
            page.locator("a").nth(("picture", "script").index(code)).click()
        assert "referer" not in asked.value.all_headers()


@pytest.mark.parametrize("policy", [NO_SCRIPTS, NO_QUESTIONS])
def test_where_scripts_or_their_questions_are_forbidden_the_picture_and_the_frame_stay(
    showcase: Showcase, home: str, visitor: Visitor, policy: str
) -> None:
    page = visitor(width=320)
    with elsewhere(copied(showcase.app, home, "en"), policy) as address:
        page.goto(address, wait_until="networkidle")
        assert "<img" in link(page)
        width = page.locator("a.undersigned-letter img").evaluate("image => image.naturalWidth")
        assert width > 100
        expect(page.frame_locator("iframe").get_by_role("link")).to_have_text("Read and sign")
        assert page.get_by_role("status").all_inner_texts() in ([], [""])


def test_an_element_in_front_of_the_script_lets_it_ask_nobody(showcase: Showcase, home: str, visitor: Visitor) -> None:
    page = visitor(width=320)
    witness = Witness(page)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - Playwright takes no built-in
    clobbered = f"<img name=currentScript src='http://127.0.0.1:9/x.png' alt=''>{copied(showcase.app, home, 'en')}"
    with elsewhere(clobbered, ANYTHING) as address:
        page.goto(address, wait_until="networkidle")
        assert "<img" in link(page)
    assert looks(asked) == 0
    assert [failure for failure in witness.failures if "currentScript" in failure or "TypeError" in failure] == []


def test_a_frame_of_280_pixels_is_wide_enough(showcase: Showcase, home: str, visitor: Visitor) -> None:
    page = visitor(width=320)
    for language in ("en", "ru", "be"):
        frame = f"<!doctype html><iframe width=280 height=300 src='{home}/{language}/letters/{FULL}/embed'></iframe>"
        with elsewhere(frame, ANYTHING) as address:
            page.goto(address)
            root = page.frame_locator("iframe").locator("html")
            assert root.evaluate("root => root.scrollWidth - root.clientWidth") == 0


def test_no_other_page_of_a_letter_can_be_framed(home: str, visitor: Visitor) -> None:
    page = visitor()
    with elsewhere(f"<!doctype html><iframe src='{home}/en/letters/{FULL}'></iframe>", ANYTHING) as address:
        page.goto(address, wait_until="networkidle")
        assert page.frame_locator("iframe").locator("form").count() == 0
