"""What a visitor's browser notices besides the page: failures, other hosts, traces on the computer."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

REFUSED = "Failed to load resource: the server responded with a status of 4"
"""What Chromium says of a page whose status is 404 or 422, and means no harm."""


@dataclass
class Witness:
    """Watches one page from before its first visit."""

    page: Page
    failures: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.failures.append(str(error)))
        self.page.on("request", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(REFUSED):
            self.failures.append(message.text)

    def _see(self, request: Request) -> None:
        self.hosts.add(urlsplit(request.url).netloc)

    @property
    def kept(self) -> dict[str, object]:
        """What the visits have left on the computer: cookies, and what scripts could have stored."""
        return {name: kept for name, kept in self.page.context.storage_state().items() if kept}

    @property
    def overflow(self) -> int:
        """By how many CSS pixels the page is wider than the screen."""
        width: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return width
