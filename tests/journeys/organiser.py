"""An organiser at a real browser, with a code app or a passkey."""

import base64
import re
import time
from dataclasses import dataclass, field
from typing import Any

import pyotp
from playwright.sync_api import Page

from tests.journeys.witness import Witness

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
    _used: int = 0

    def __post_init__(self) -> None:
        self.witness = Witness(self.page)

    def open(self, path: str) -> None:
        """Open an address of the site, or a whole one."""
        self.page.goto(path if path.startswith("http") else f"{self.url}{path}")

    def press(self, text: str) -> None:
        """Press a button or follow a link of that text, and wait for the page that it leads to."""
        target = self.page.get_by_role("button", name=text, exact=True).or_(
            self.page.get_by_role("link", name=text, exact=True)
        )
        with self.page.expect_navigation():
            target.first.click()

    def fill(self, **fields: str) -> None:
        """Fill fields by their name."""
        for name, text in fields.items():
            self.page.locator(f"main [name='{name}']").last.fill(text)

    @property
    def code(self) -> str:
        """A time code that was not used yet; waits for the next one if need be."""
        while (step := int(time.time()) // STEP) <= self._used:
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
