"""The mirrors of a letter, as its organisers or its host name them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from letters.models.addresses import AddressListRow
from letters.models.letters import LetterRow, LetterState
from letters.organising.teams.trail import Act, Doing, record
from letters.publishing.editions import lock_letter
from verification.errors import Refusal
from verification.ledger.official import MOST_MIRRORS, plain_official


class TooManyMirrors(Refusal):
    """A list holds only so many addresses."""


class ListOvertaken(Refusal):
    """The list is not the one that the form showed."""


class NoListYet(Refusal):
    """The letter has not opened, so nothing signs for it."""


def read_mirrors(typed: str, own: str) -> tuple[str, ...]:
    """The addresses in a text, one in each line, in their one form and each once, without the site's own.

    Raises `BadOfficial` or `TooManyMirrors`.
    """
    plain = dict.fromkeys(plain_official(line.strip()) for line in typed.splitlines() if line.strip())
    mirrors = tuple(address for address in plain if address != own)
    if len(mirrors) > MOST_MIRRORS:
        raise TooManyMirrors(f"A list holds at most {MOST_MIRRORS} addresses besides the site's own.")
    return mirrors


def change_mirrors(session: Session, doing: Doing, slug: str, mirrors: Sequence[str], seen: int) -> None:
    """Let an organiser's list stand in place of the one with the number `seen`, 0 for none so far.

    Raises `ListOvertaken` or `NoListYet`.
    """
    letter = lock_letter(session, slug)
    row = session.get(AddressListRow, letter.id)
    if (row.number if row else 0) != seen:
        raise ListOvertaken("A colleague has changed the list in the meantime.")
    if put_mirrors(session, letter, mirrors):
        record(session, doing, Act.ADDRESSES_CHANGED)


def put_mirrors(session: Session, letter: LetterRow, mirrors: Sequence[str]) -> bool:
    """Name a letter's mirrors anew; the worker signs the list afterwards. False when they are the same.

    Raises `NoListYet`.
    """
    if letter.state in (LetterState.DRAFT.value, LetterState.SCHEDULED.value):
        raise NoListYet("The letter has not opened yet: its list can be made once it is open.")
    row = session.get(AddressListRow, letter.id)
    if row is None:
        session.add(AddressListRow(letter_id=letter.id, number=1, mirrors=list(mirrors), note=None))
    elif row.mirrors == list(mirrors):
        return False
    else:
        row.number, row.mirrors, row.note = row.number + 1, list(mirrors), None
    letter.revision += 1
    return True
