"""An organiser at a real browser, with a code app or a passkey."""

import base64
import re
import time
from dataclasses import dataclass, field
from typing import Any

import pyotp
from playwright.sync_api import Locator, Page

from tests.journeys.witness import Witness
from tests.parts.browser import follow
from verification.access.totp import SKEW

PASSWORD = "seven quiet rivers under glass"
STEP = 30


@dataclass
class AtWork:
    """One organiser; `secret` is what their code app keeps, empty for one who uses a passkey."""

    page: Page
    url: str
    address: str
    name: str = "Owner Example"
    secret: str = ""
    recovery_codes: list[str] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)
    """Addresses of pages that did not fit the screen."""
    _used: int = 0

    def __post_init__(self) -> None:
        self.witness = Witness(self.page)

    def open(self, path: str) -> None:
        """Open an address of the site, or a whole one."""
        self.page.goto(path if path.startswith("http") else f"{self.url}{path}")
        self._look()

    def press(self, text: str) -> None:
        """Press a button or follow a link of that text, and wait for the page that it leads to."""
        target = self.page.get_by_role("button", name=text, exact=True).or_(
            self.page.get_by_role("link", name=text, exact=True)
        )
        follow(target)
        self._look()

    def unfold(self, text: str) -> None:
        """Open what is folded under that summary."""
        self.page.locator("summary", has_text=text).click()

    def choose(self, **fields: str | list[str]) -> None:
        """Tick boxes, press round buttons or choose from lists, by their name and value; of boxes several."""
        for name, values in fields.items():
            for value in [values] if isinstance(values, str) else values:
                self._choose(self.page.locator(f"main [name='{name}']"), value)

    def _choose(self, control: Locator, value: str) -> None:
        if control.first.evaluate("one => one.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.and_(self.page.locator(f"[value='{value}']")).check()

    def take(self, text: str) -> tuple[str, bytes]:
        """Press a button that hands over a file; returns the file's name and what is in it."""
        with self.page.expect_download() as given:
            self.page.get_by_role("button", name=text, exact=True).click()
        return given.value.suggested_filename, given.value.path().read_bytes()

    def reads(self, text: str) -> bool:
        """Whether the page says that, as it is seen."""
        return text in " ".join(self.page.locator("main").inner_text().split())

    def _look(self) -> None:
        if self.witness.overflow:
            self.too_wide.append(self.page.url)

    def fill(self, **fields: str) -> None:
        """Fill fields by their name."""
        for name, text in fields.items():
            self.page.locator(f"main [name='{name}']").last.fill(text)

    @property
    def code(self) -> str:
        """A time code that was not used yet, of a phone whose clock may be fast; waits for the next one if need be."""
        while (step := max(self._used + 1, now())) > now() + SKEW:
            time.sleep(0.2)
        self._used = step
        return pyotp.TOTP(self.secret).at(step * STEP)

    def join(self, link: str, *, team: str = "") -> None:
        """Follow an invitation up to the second factor."""
        self.open(link)
        typed = {"name": self.name, "password": PASSWORD}
        if team:
            typed = {**typed, "team": team, "address": self.address}
        self.fill(**typed)
        self.press("Go on to the second factor")

    def use_code_app(self) -> None:
        """Type the secret into the code app and prove it; then keep the recovery codes."""
        hexadecimal = str(self.page.locator("[name=secret]").get_attribute("value"))
        self.secret = base64.b32encode(bytes.fromhex(hexadecimal)).decode()
        self.fill(code=self.code)
        self.press("Use this code app")
        self._keep_recovery_codes()

    def use_passkey(self) -> None:
        """Make a passkey on this device; then keep the recovery codes."""
        self.press("Make a passkey")
        self._keep_recovery_codes()

    def _keep_recovery_codes(self) -> None:
        self.press("Show my recovery codes")
        self.recovery_codes = self.page.locator(".codes code").all_text_contents()
        assert len(self.recovery_codes) == 8
        self.press("I have written them down")

    def sign_in(self) -> None:
        """From the sign-in page to the workspace."""
        self.open("/workspace/")
        self.fill(address=self.address, password=PASSWORD)
        self.press("Sign in")
        if self.secret:
            self.fill(code=self.code)
            self.press("Sign in")
        else:
            self.press("Use a passkey instead of a code")

    def show_again(self) -> None:
        """Answer the question whether it is them, if it is asked."""
        if self.page.locator("[name=again_password]").count() == 0:
            return
        self.fill(again_password=PASSWORD)
        if self.secret:
            self.fill(again_code=self.code)
            self.press("Go on")
        else:
            self.press("Use a passkey instead of a code")


def now() -> int:
    """The step of the time codes that is just running."""
    return int(time.time()) // STEP


def give_authenticator(page: Page) -> None:
    """A virtual authenticator that answers by itself (WebDriver's extension of Web Authentication, section 11)."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options: dict[str, Any] = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def link_in(text: str) -> str:
    """The first address in a text."""
    return re.findall(r"https?://\S+", text)[0]
