"""The one token that all readers of a letter's edition get with its form.

It marks nobody and leaves nothing in the browser: pages stay cacheable. It is good for the edition it was printed with
and until 7 days after the next one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from letters.models.editions import EditionRow
from letters.models.values import Letter
from verification.errors import Refusal
from verification.mailbox.tokens import Purpose, Tokens

GOOD_FOR = timedelta(days=7)


class FormStale(Refusal):
    """The form's token is missing, another letter's, or too old."""


def form_token(tokens: Tokens, letter: Letter) -> str:
    """The token of the letter's current edition."""
    return tokens.mint(Purpose.FORM, f"{letter.slug} {letter.number}".encode())


def check_form_token(session: Session, tokens: Tokens, letter: Letter, token: str, now: datetime) -> None:
    """Raises `FormStale`."""
    try:
        slug, number = tokens.read(Purpose.FORM, token).decode().split(" ")
    except (Refusal, ValueError) as error:
        raise FormStale("The form's token is not ours.") from error
    if slug != letter.slug:
        raise FormStale("The form's token is another letter's.")
    following = session.get(EditionRow, (letter.id, int(number) + 1)) if int(number) < letter.number else None
    if following and now - following.released_at > GOOD_FOR:
        raise FormStale("The form's token is too old.")
