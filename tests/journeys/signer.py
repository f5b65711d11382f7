"""A signer on a phone who uses the keyboard alone, step by step along the whole way."""

import re
import time
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

from tests.journeys.keyboard import Keyboard
from tests.journeys.witness import Witness
from tests.parts.campaign import LINK
from tests.parts.smtp import MailServer

NAME, ADDRESS, PROFESSION = "Вера Примерная", "vera@example.org", "nurse"
PATIENCE = 30.0
"""Seconds for a mail or an edition to come."""


@dataclass
class Signer:
    """One person from a `region`; `language` is what their browser asks for and every page has to speak."""

    page: Page
    url: str
    slug: str
    region: str
    language: str

    def __post_init__(self) -> None:
        self.hands, self.witness = Keyboard(self.page), Witness(self.page)

    def field(self, name: str) -> Locator:
        return self.page.locator(f"#f-{name}")

    def open(self, path: str) -> None:
        """Open an address of the site."""
        self.page.goto(f"{self.url}{path}")
        self.look()

    def follow(self, target: Locator) -> None:
        """Go to a link or button and press Enter."""
        self.hands.follow(target)
        self.look()

    def look(self) -> None:
        """Every page speaks the signer's language and fits the screen."""
        assert self.page.locator("html").get_attribute("lang") == self.language
        assert self.witness.overflow == 0

    def find_the_letter(self) -> str:
        """From the home page to the form of the letter; returns the title of its page."""
        self.open("/")
        self.follow(self.page.locator(f".letters a[href$='/{self.slug}']"))
        self.hands.reach(self.page.locator(".count .button"))
        self.hands.press("Enter")
        return self.page.title()

    def forget_the_name(self) -> dict[str, str]:
        """Fill in everything but the name and send the form; returns the labels chosen."""
        self.hands.write(self.field("email"), ADDRESS)
        chosen = {
            "profession": self.hands.choose(self.field("profession"), PROFESSION),
            "region": self.hands.choose(self.field("region"), self.region),
        }
        self.hands.reach(self.field("display"))
        chosen["display"] = self.hands.move(self.page.locator("input[value=pseudonym]"))
        self.hands.reach(self.field("consent"))
        self.hands.press("Space")
        self.follow(self.page.locator(".sign .button"))
        return chosen

    def add_the_name(self) -> None:
        """From the summary of what is missing to the field, and on to the button."""
        self.hands.reach(self.page.locator(".error-summary a[href='#f-name']"))
        self.hands.press("Enter")
        assert self.hands.holds(self.field("name"))
        self.page.keyboard.type(NAME)
        self.follow(self.page.locator(".sign .button"))

    def read_the_mail(self, server: MailServer) -> None:
        """Wait for the one mail and open its one link."""
        until = time.monotonic() + PATIENCE
        while not server.to(ADDRESS) and time.monotonic() < until:
            time.sleep(0.05)
        (mail,) = server.to(ADDRESS)
        (link,) = LINK.findall(mail.get_content())
        assert link.startswith(f"{self.url}/confirm/")
        self.page.goto(link)
        self.look()

    def confirm(self) -> tuple[str, str]:
        """Press the button; returns the pseudonym and the path of the private link."""
        self.follow(self.page.locator("form .button").first)
        private = str(self.page.locator("a.private-link").get_attribute("href"))
        assert private.startswith(f"{self.url}/signature/")
        return str(self.page.locator(".pseudonym").text_content()), private.removeprefix(self.url)

    def change(self, private: str, display: str) -> None:
        """Open the private link and choose another display, with the name to publish."""
        self.open(private)
        self.hands.reach(self.page.locator("input[name=display]:checked"))
        self.hands.move(self.page.locator(f"input[value={display}]"))
        if display == "named":
            self.hands.write(self.field("name"), NAME)
        self.follow(self.page.locator("form .button").first)
        assert self.page.locator(".notice-success").is_visible()

    def withdraw(self, private: str) -> None:
        """Open the private link and take the signature back."""
        self.open(private)
        self.follow(self.page.locator(".withdraw .button"))
        assert self.page.locator("form").count() == 0

    def sees(self, total: int, names: list[str]) -> bool:
        """Whether the public pages come to say so."""
        until = time.monotonic() + PATIENCE
        while not (found := self.public() == (total, names)) and time.monotonic() < until:
            time.sleep(0.2)
        return found

    def public(self) -> tuple[int, list[str]]:
        """The printed total, and the names and pseudonyms on the list, as they are and not as the browser kept them."""
        self.open(f"/letters/{self.slug}/count")
        self.page.reload()
        total = re.sub(r"\D", "", str(self.page.locator(".count-total").text_content()))
        self.open(f"/letters/{self.slug}/signatories")
        self.page.reload()
        names = self.page.locator(".signatories:not(.first-signatories) .name").all_text_contents()
        return int(total), names
