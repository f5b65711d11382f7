"""The one token that all readers of a letter's edition get with its form.

It marks nobody and leaves nothing in the browser: pages stay cacheable. It is good for the edition it was printed with
and until 7 days after the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from letters.models.values import Letter
from verification.errors import Refusal
from verification.mailbox.tokens import Purpose, Tokens

GOOD_FOR = timedelta(days=7)


class FormStale(Refusal):
    """The form's token is missing, another letter's, or too old."""


def form_token(tokens: Tokens, letter: Letter) -> str:
    """The token of the letter's current edition."""
    return tokens.mint(Purpose.FORM, f"{letter.slug} {letter.number}".encode())


def check_form_token(
    tokens: Tokens, letter: Letter, token: str, now: datetime, released_at: Callable[[int], datetime]
) -> None:
    """Raises `FormStale`. `released_at` says when an edition of the letter was released; asked for old tokens only."""
    try:
        slug, text = tokens.read(Purpose.FORM, token).decode().split(" ")
        number = int(text)
    except (Refusal, ValueError) as error:
        raise FormStale("The form's token is not ours.") from error
    if slug != letter.slug:
        raise FormStale("The form's token is another letter's.")
    if number < letter.number and now - released_at(number + 1) > GOOD_FOR:
        raise FormStale("The form's token is too old.")
