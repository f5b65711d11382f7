"""Taking an abusive letter down: nothing of it is shown but the host's reason, and nothing is deleted."""

from __future__ import annotations

from datetime import date

from letters.models.letters import LetterRow
from verification.errors import Refusal

LONGEST = 1000
"""Characters of a reason."""


class NoReason(Refusal):
    """Readers are told why, so a reason is needed, and a short one."""


class NotTakenDown(Refusal):
    """The letter is not taken down."""


def take_down(letter: LetterRow, reason: str, today: date) -> None:
    """Show readers the reason in place of the letter; of one that is taken down, change it. Raises `NoReason`."""
    words = " ".join(reason.split())
    if not words or len(words) > LONGEST or not words.isprintable():
        raise NoReason(f"Say why in --reason, in up to {LONGEST} characters: readers see it in place of the letter.")
    letter.taken_down_on, letter.taken_down_for = letter.taken_down_on or today, words
    letter.revision += 1


def put_back(letter: LetterRow) -> None:
    """Show the letter again. Raises `NotTakenDown`."""
    if letter.taken_down_on is None:
        raise NotTakenDown(f"The letter {letter.slug} is not taken down.")
    letter.taken_down_on = letter.taken_down_for = None
    letter.revision += 1
