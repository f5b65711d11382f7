"""A visitor without a mouse."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page

LONGEST_WAY = 60
"""Presses of the Tab key after which a visitor gives up."""


@dataclass(frozen=True)
class Keyboard:
    """Moves forward through one page, as its tab order leads, and never back."""

    page: Page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def holds(self, target: Locator) -> bool:
        """Whether the focus is there."""
        return bool(target.evaluate("one => one === document.activeElement"))

    def reach(self, target: Locator) -> None:
        """Press Tab until the focus is there."""
        for _ in range(LONGEST_WAY):
            self.press("Tab")
            if self.holds(target):
                return
        raise AssertionError(f"no way leads to {target}")

    def follow(self, target: Locator) -> None:
        """Go to a link or button and press Enter; returns when its page is there."""
        self.reach(target)
        with self.page.expect_navigation():
            self.press("Enter")

    def write(self, field: Locator, text: str) -> None:
        """Go to a field and type."""
        self.reach(field)
        self.page.keyboard.type(text)

    def choose(self, field: Locator, value: str) -> str:
        """Go to a list and press the arrow until that value is chosen; returns its label."""
        self.reach(field)
        while field.input_value() != value:
            self.press("ArrowDown")
        return str(field.locator("option:checked").text_content())

    def move(self, radio: Locator) -> str:
        """Press the arrow until that button of the group is chosen; returns its label."""
        while not radio.is_checked():
            self.press("ArrowDown")
        return str(radio.locator("xpath=../label").text_content())
