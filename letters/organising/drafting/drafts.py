"""Drafts in the database. Parts are saved one by one, and whoever saves over a colleague's change is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.drafts import DraftRow
from letters.models.letters import LetterRow, LetterState
from letters.organising.draft import FolderText
from letters.organising.drafting.content import from_json, to_json
from letters.organising.drafting.parts import Part, Side, languages_of
from letters.organising.needs import LARGEST
from letters.organising.teams.trail import Act, Doing, record
from letters.publishing.clockwork import clock_state
from letters.web.markdown import split_title
from verification.errors import Refusal

ID_BYTES = 16
LONGEST_TITLE = 300

P = TypeVar("P", bound=Part)


class DraftGone(Refusal):
    """There is no such draft any more."""


class BecameLetter(Refusal):
    """The draft is a letter that waits or has opened."""


class HasOpened(Refusal):
    """The letter is open; its text is frozen."""


class TooLong(Refusal):
    """A text is larger than a letter's file may be."""


class Overtaken(Refusal, Generic[P]):
    """A colleague changed the part since it was shown; `theirs` is what stands there now."""

    def __init__(self, theirs: P) -> None:
        super().__init__("A colleague has changed this part in the meantime. Compare both, then save yours or theirs.")
        self.theirs = theirs


@dataclass(frozen=True)
class Stored:
    """A draft as it was read; `letter_id` is the letter that it became."""

    id: bytes
    team_id: int
    text: FolderText
    version: int
    changed_by: bytes
    changed_on: date
    preview: bytes | None
    letter_id: int | None


def create(session: Session, doing: Doing, text: FolderText, random_bytes: Callable[[int], bytes]) -> bytes:
    """Keep a new draft; returns its id. Raises `BadFolder` or `TooLong`."""
    _check_size(text)
    row = DraftRow(
        id=random_bytes(ID_BYTES),
        team_id=doing.team_id,
        version=0,
        **_kept(text),
    )
    _sign(row, doing)
    session.add(row)
    record(session, doing, Act.DRAFTED)
    return row.id


def read_draft(session: Session, draft_id: bytes) -> Stored:
    """Raises `DraftGone`."""
    return _stored(_row(session, draft_id))


def save_part(session: Session, doing: Doing, draft_id: bytes, part: P, seen: str) -> Stored:
    """Put a part into a draft. `seen` says what stood there when its form was made.

    Raises `Overtaken` where something else stands there by now, `TooLong`, `HasOpened`, or `DraftGone`.
    """
    row = _row(session, draft_id, lock=True)
    stored = _stored(row)
    if opened_letter(session, stored, doing.now):
        raise HasOpened("The letter is open by now. What may still change is changed on its own page.")
    check_unchanged(stored.text, part, seen)
    text = part.into(stored.text)
    _check_size(text)
    for name, value in _kept(text).items():
        setattr(row, name, value)
    _sign(row, doing)
    session.flush()
    return _stored(row)


def opened_letter(session: Session, stored: Stored, now: datetime) -> str | None:
    """The name of the letter that the draft became, once that has opened."""
    row = session.get(LetterRow, stored.letter_id) if stored.letter_id else None
    waits = row is None or clock_state(row, now) in (LetterState.DRAFT, LetterState.SCHEDULED)
    return None if row is None or waits else row.slug


def check_unchanged(text: FolderText, part: P, seen: str) -> None:
    """Raises `Overtaken` where the letter's part is neither what was seen nor what is to be written."""
    theirs = type(part).of(Side(text, getattr(part, "spoken", "")))
    if theirs.seen not in (seen, part.seen):
        raise Overtaken(theirs)


def set_preview(session: Session, draft_id: bytes, handle: bytes | None) -> None:
    """Make a draft's preview reachable by a new handle and no longer by an old one; None: by none."""
    _row(session, draft_id, lock=True).preview = handle
    session.flush()


def discard(session: Session, doing: Doing, draft_id: bytes) -> None:
    """Delete a draft for good; its secret link is dead with it. Raises `BecameLetter` or `DraftGone`."""
    row = _row(session, draft_id, lock=True)
    if row.letter_id is not None:
        raise BecameLetter("This draft has become a letter, so it stays.")
    session.delete(row)
    record(session, doing, Act.DISCARDED)


def title_of(text: FolderText) -> str:
    """The title in the first language that has one, for lists."""
    titles = (split_title(text.texts.get(language, ""))[0] for language in languages_of(text))
    return "".join(letter for letter in next(filter(None, titles), "") if letter.isprintable())[:LONGEST_TITLE]


def _kept(text: FolderText) -> dict[str, object]:
    return {"title": title_of(text), "content": to_json(text)}


def _sign(row: DraftRow, doing: Doing) -> None:
    assert doing.account_id is not None, "somebody writes"
    row.version, row.changed_by, row.changed_on = row.version + 1, doing.account_id, doing.now.date()


def _row(session: Session, draft_id: bytes, *, lock: bool = False) -> DraftRow:
    query = select(DraftRow).where(DraftRow.id == draft_id)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise DraftGone("This draft is gone.")
    return row


def _stored(row: DraftRow) -> Stored:
    return Stored(
        row.id,
        row.team_id,
        from_json(row.content),
        row.version,
        row.changed_by,
        row.changed_on,
        row.preview,
        row.letter_id,
    )


def _check_size(text: FolderText) -> None:
    files = [*text.texts.values(), *text.privacy.values(), json.dumps(to_json(text)["toml"], ensure_ascii=False)]
    if any(len(file.encode(errors="replace")) > LARGEST for file in files):
        raise TooLong(f"This is longer than {LARGEST // 1024} kB. A letter is a text that people read: shorten it.")
