"""How signers of a letter may appear: its displays, and by name once enough colleagues have agreed to."""

from __future__ import annotations

from dataclasses import dataclass

from letters.models.signatures import Display
from letters.models.values import Letter
from verification.errors import Refusal

PACT = "pact"
"""What the form says for a name that is to wait for the letter's pact."""


class NotOffered(Refusal):
    """The letter does not let its signers appear so."""


@dataclass(frozen=True)
class Appearance:
    """A choice as it is kept: with `pact` the name waits."""

    display: Display
    pact: bool = False


def offered(letter: Letter) -> list[str]:
    """What there is to choose from, in the letter's order; to wait stands before to be named at once, but is never what
    is preselected."""
    values = [display.value for display in letter.displays]
    if letter.pact and letter.pact.is_open and Display.NAMED in letter.displays:
        values.insert(max(1, values.index(Display.NAMED.value)), PACT)
    return values


def read_choice(letter: Letter, value: str) -> Appearance:
    """What was chosen, maybe in a form that lay open for long: once the pact is kept, to wait for it is to be named.

    Raises `NotOffered`, also once the pact has lapsed: a name that was to wait is never shown instead.
    """
    kept = letter.pact is not None and letter.pact.kept_in is not None
    if value == PACT and kept:
        return Appearance(Display.NAMED)
    if value not in offered(letter):
        raise NotOffered("Signers of this letter cannot appear so.")
    return Appearance(Display.NAMED, pact=True) if value == PACT else Appearance(Display(value))


def choice_of(letter: Letter, display: Display, *, pact: bool) -> str:
    """The value for what is kept: whoever waited is `named` once the pact is kept."""
    return PACT if pact and letter.pact and letter.pact.is_open else display.value
