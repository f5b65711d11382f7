"""The installed Chromium for pytest-playwright, and visitors who open it in their own way."""

import os
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

Visitor = Callable[..., Page]


def follow(target: Locator) -> None:
    """Press the first such link or button; returns when the page that it leads to is there, looks and all."""
    with target.page.expect_navigation():
        target.first.click()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Start the machine's own browser, which asks nobody else for anything; root has no sandbox."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.fail("no Chromium is installed: deploy/install-test-tools")
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    return {"executable_path": found, "args": [*QUIET, *sandbox]}


@pytest.fixture
def visitor(new_context: Callable[..., BrowserContext]) -> Visitor:
    """Return what opens an empty page for one more visitor, each with a context of their own.

    Keywords: `javascript` (True), `width` and `height` in CSS pixels (360, 740), `language` (its code, "en"),
    and any of Playwright's own, such as `color_scheme="dark"`.
    """

    def open_page(
        *, javascript: bool = True, width: int = 360, height: int = 740, language: str = "en", **more: Any
    ) -> Page:
        viewport = {"width": width, "height": height}
        context = new_context(java_script_enabled=javascript, viewport=viewport, locale=language, **more)
        return context.new_page()

    return open_page
