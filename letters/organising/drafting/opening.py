"""A draft becomes a letter: in one transaction it is stored, gets its key, and opens or is scheduled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from letters.models.drafts import DraftRow
from letters.models.letters import LetterRow, LetterState
from letters.models.teams import LetterKeyRow, LetterTeamRow
from letters.organising.draft import Draft
from letters.organising.drafting.checks import check_slug
from letters.organising.drafting.content import from_json
from letters.organising.drafting.drafts import DraftGone, HasOpened
from letters.organising.folder import draft_of
from letters.organising.loading import LetterFrozen, load, open_letter
from letters.organising.teams.keys import share_new
from letters.organising.teams.trail import Act, Doing, record
from letters.publishing.clockwork import clock_state
from verification.errors import Refusal
from verification.identity.keypairs import KeyPair
from verification.identity.keyring import Keyring


class DraftMoved(Refusal):
    """A colleague changed the draft since its check list was shown."""


@dataclass(frozen=True)
class Opening:
    """What opening needs of the installation; `new_pair` makes a letter's key."""

    keyring: Keyring
    folders: Sequence[Path]
    new_pair: Callable[[], KeyPair]


def open_draft(session: Session, doing: Doing, draft_id: bytes, version: int, opening: Opening) -> LetterRow:
    """Open the draft that was checked, or schedule it; a scheduled letter is brought up to date and keeps its key.

    Raises `DraftMoved`, `HasOpened`, `SlugTaken`, `SlugFixed`, `BadFolder`, `NobodySeesNames`, and what `load` and
    `open_letter` raise.
    """
    row = _checked(session, draft_id, version)
    letter = session.get(LetterRow, row.letter_id, with_for_update=True) if row.letter_id else None
    if letter is not None and clock_state(letter, doing.now) is not LetterState.SCHEDULED:
        raise HasOpened("The letter is open by now. What may still change is changed on its own page.")
    draft = draft_of(from_json(row.content))
    check_slug(session, draft.slug, row.letter_id)
    keyed, secret = _with_key(letter, draft, opening.new_pair)
    try:
        letter = load(session, keyed, opening.folders, doing.now, team_holds_key=True)
    except LetterFrozen:
        check_slug(session, draft.slug, row.letter_id)  # another draft has opened under this address just now
        raise
    _bind(session, letter, row)
    _share(session, letter, row.team_id, secret)
    open_letter(letter, opening.keyring, doing.now, team_holds_key=True)
    first = row.letter_id is None
    row.letter_id = letter.id
    record(session, replace(doing, letter_id=letter.id), Act.OPENED if first else Act.CHANGED)
    return letter


def _checked(session: Session, draft_id: bytes, version: int) -> DraftRow:
    row = session.scalar(select(DraftRow).where(DraftRow.id == draft_id).with_for_update())
    if row is None:
        raise DraftGone("This draft is gone.")
    if row.version != version:
        raise DraftMoved("A colleague has changed the draft in the meantime. Look at it again before you open it.")
    return row


def _with_key(letter: LetterRow | None, draft: Draft, new_pair: Callable[[], KeyPair]) -> tuple[Draft, str]:
    """The draft with its key, and the secret half of a new one. A key that was shared already stays."""
    if draft.custody != "team":
        return draft, ""
    if letter is not None and letter.custody == "team":
        return replace(draft, public_key=letter.public_key), ""
    pair = new_pair()
    return replace(draft, public_key=pair.public), pair.secret


def _bind(session: Session, letter: LetterRow, row: DraftRow) -> None:
    if row.letter_id is None:
        session.add(LetterTeamRow(letter_id=letter.id, team_id=row.team_id))
        session.flush()


def _share(session: Session, letter: LetterRow, team_id: int, secret: str) -> None:
    """Wrap a new key to those who see names; keys to a letter that is offline by now are keys to nothing."""
    if letter.custody != "team":
        session.execute(delete(LetterKeyRow).where(LetterKeyRow.letter_id == letter.id))
    elif secret:
        share_new(session, letter, team_id, secret)
