"""Lockdown: every name of a letter is hidden at once, and two of its organisers together lift it.

An organiser is known by their key, and answers with a code sealed to it (`lifting`). This binds the command, not
the disk: whoever can write to the database can undo anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from letters.models.letters import LetterRow, LetterState
from letters.models.values import Letter
from letters.organising.lifting import CODE_BYTES, keep_code, place_of, request_line
from verification.errors import Refusal
from verification.identity.keypairs import decode_public
from verification.identity.sealing import BadPublicKey, check_public_key, members_of

ENOUGH = 2
"""Organisers who lift a lockdown together."""


class NobodyLifts(Refusal):
    """The letter names fewer than two organisers, so a lockdown could not be lifted."""


class NothingToHide(Refusal):
    """The letter has shown no name, or has none left."""


class NotLocked(Refusal):
    """The letter is not under lockdown."""


class BadCode(Refusal):
    """A code does not lift this lockdown, or not alone."""


class UnderLockdown(Refusal):
    """Exports are frozen."""


class IdentitiesGone(Refusal):
    """The letter's sealed identities were deleted."""


class BadOrganisers(Refusal):
    """The organisers of a letter are not two or more different public keys."""


def check_organisers(organisers: Sequence[str]) -> None:
    """Raises `BadOrganisers` unless these are the public keys of at least two people, or of nobody."""
    for number, public in enumerate(organisers, start=1):
        try:
            different = len({decode_public(key) for key in organisers[:number]}) == number
            check_public_key(public)
        except BadPublicKey as error:
            raise BadOrganisers(f"Number {number} of `organisers` in letter.toml: {error}") from error
        if not different:
            raise BadOrganisers(f"Number {number} of `organisers` in letter.toml stands there twice.")
    if len(organisers) == 1:
        raise BadOrganisers("`organisers` in letter.toml needs two keys or more: it takes two to lift a lockdown.")


def organisers_of(letter: LetterRow) -> tuple[str, ...]:
    """The public keys of those who can lift: the letter's `organisers`, else the three of a combined key."""
    members = members_of(letter.public_key)
    return tuple(letter.organisers) or (members if len(members) > 1 else ())


def lock(letter: LetterRow, today: date, random_bytes: Callable[[int], bytes], *, for_good: bool = False) -> None:
    """Hide every name of a locked letter; one that is hidden already keeps its codes.

    Raises `NothingToHide`, or `NobodyLifts` where nobody can lift it, unless it is meant to be `for_good`.
    """
    if letter.burned_on is not None or letter.state == LetterState.DRAFT.value:
        raise NothingToHide(f"The letter {letter.slug} shows no name: it is a draft, or was burned.")
    if letter.locked_on is not None:
        return
    organisers = organisers_of(letter)
    if len(organisers) < ENOUGH and not for_good:
        raise NobodyLifts(
            f"The letter {letter.slug} names no two organisers, so nobody could lift its lockdown with this version. "
            "To hide every name nevertheless, add --yes."
        )
    letter.locked_on, letter.revision = today, letter.revision + 1
    letter.lifts = [keep_code(letter.slug, public, random_bytes(CODE_BYTES)) for public in organisers]


def lift(letter: LetterRow, codes: Sequence[str]) -> None:
    """Show the names again, by the codes of two different organisers; if the letter closed meanwhile, what waits is
    released at once, as closing would have done. Raises `NotLocked` or `BadCode`."""
    if letter.locked_on is None:
        raise NotLocked(f"The letter {letter.slug} is not under lockdown.")
    if len(letter.lifts) < ENOUGH:
        raise NobodyLifts(f"The letter {letter.slug} names no two organisers, so nobody can lift its lockdown.")
    places = {_place_of(letter, number, code) for number, code in enumerate(codes, start=1)}
    if len(places) < ENOUGH:
        raise BadCode("It takes the codes of two different organisers; here is only one's. Add another --lift CODE.")
    if letter.closed_on is not None and letter.closed_on >= letter.locked_on:
        letter.tended_at = None
    letter.locked_on, letter.lifts, letter.revision = None, [], letter.revision + 1


def requests_of(letter: LetterRow) -> list[str]:
    """What organisers have to answer at home: a line for each of them."""
    return [request_line(letter.slug, kept) for kept in letter.lifts]


def check_exportable(letter: Letter) -> None:
    """Raises `UnderLockdown`, or `IdentitiesGone` where there is nothing left to open."""
    if letter.locked:
        raise UnderLockdown(
            f"The letter {letter.slug} is under lockdown; nothing is exported until two organisers lift it."
        )
    if letter.erased:
        raise IdentitiesGone(f"The sealed identities of {letter.slug} were deleted; there is nothing to export.")


def _place_of(letter: LetterRow, number: int, code: str) -> int:
    place = place_of(code, letter.lifts)
    if place is None:
        raise BadCode(
            f"Code number {number} does not belong to this lockdown: it is mistyped, or answers the request of an "
            "earlier one. Each lockdown needs new answers."
        )
    return place
