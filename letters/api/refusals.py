"""What a question may get wrong. Each text is what the answer's problem document says."""

from __future__ import annotations

from verification.errors import Refusal


class Unreadable(Refusal):
    """A parameter means nothing."""


class NoSuchPage(Refusal):
    """The list is shorter."""

    def __init__(self, pages: int) -> None:
        has = "one page" if pages == 1 else f"{pages} pages"
        super().__init__(f"This list has {has}. Ask for a page from 1 to {pages}.")


class NoSuchEdition(Refusal):
    """The letter has no edition of this number."""

    def __init__(self, newest: int) -> None:
        has = f"editions 1 to {newest}" if newest else "no edition yet"
        super().__init__(f"This letter has {has}. Write the number in plain digits, without zeros before it.")
