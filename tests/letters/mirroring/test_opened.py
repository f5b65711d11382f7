"""A mirror in a browser, from a disk as from a server: with its looks, and without asking anybody else."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Page

from letters.runtime import Runtime
from tests.letters.mirroring.serving import Maker, file_server
from tests.letters.publishing.crowd import open_crowd
from tests.parts.browser import Visitor, follow

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def mirror(runtime: Runtime, compiled_templates: FileSystemBytecodeCache, tmp_path: Path) -> Path:
    crowd = open_crowd(runtime)
    crowd.join(1, display="named")
    crowd.release()
    return Maker(runtime, compiled_templates)(tmp_path / "a mirror")


def read(page: Page, address: str) -> None:
    """Go from the list of letters to the letter, change the language, and on to its names and its count."""
    asked, complaints = list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{address}/en/index.html")
    follow(page.locator(".letters a"))
    assert page.locator("#sign form").count() == 0
    assert page.get_by_role("note").first.inner_text().startswith("This is a copy as of edition 1, made on ")
    follow(page.locator(".languages a[lang=ru]"))
    assert page.locator("html").get_attribute("lang") == "ru"
    assert page.evaluate("document.fonts.ready.then(fonts => [...fonts].some(font => font.status == 'loaded'))")
    assert page.locator(".skip").evaluate("one => getComputedStyle(one).position") == "absolute"
    follow(page.locator("main a[href*='count/']"))
    follow(page.locator("main a[href*='/log/index.html']"))
    assert page.locator("code.whole").count() > 1
    here = urlsplit(address)
    assert [url for url in asked if (urlsplit(url).scheme, urlsplit(url).netloc) != (here.scheme, here.netloc)] == []
    assert complaints == []


def test_it_opens_from_a_disk(mirror: Path, visitor: Visitor) -> None:
    read(visitor(), mirror.as_uri())


def test_it_opens_from_a_server_without_scripts(mirror: Path, visitor: Visitor) -> None:
    with file_server(mirror.parent) as url:
        read(visitor(javascript=False), f"{url}/{mirror.name.replace(' ', '%20')}")
