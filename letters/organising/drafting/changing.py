"""What may still change in a letter that has opened, and its way through pausing, closing and archiving."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from sqlalchemy.orm import Session

from letters.models.letters import LetterRow, LetterState
from letters.organising.drafting.drafts import check_unchanged
from letters.organising.drafting.parts import Part, PrivacyPart
from letters.organising.drafting.public_parts import ClosingPart, CorrectionPart, DeliveryPart, PeoplePart
from letters.organising.folder import draft_of, folder_text
from letters.organising.loading import WrongState, load, move, open_letter
from letters.organising.stored import stored_draft
from letters.organising.teams.trail import Act, Doing, record
from letters.publishing.clockwork import advance_state
from letters.publishing.editions import lock_letter
from verification.errors import Refusal
from verification.identity.keyring import Keyring


class ClosesAtOnce(Refusal):
    """The new closing time has passed already."""


class NotOpenYet(Refusal):
    """The letter is still a draft's; it changes there."""


class Changed(StrEnum):
    """What the trail says of a change."""

    SCHEDULE = "schedule"
    PEOPLE = "people"
    PRIVACY = "privacy"


class Step(StrEnum):
    """What an organiser can do to an open letter as a whole."""

    PAUSE = "pause"
    RESUME = "resume"
    CLOSE = "close"
    ARCHIVE = "archive"


_TRACES: dict[type[Part], tuple[Act, Changed | None]] = {
    CorrectionPart: (Act.CORRECTED, None),
    DeliveryPart: (Act.DELIVERED, None),
    ClosingPart: (Act.CHANGED, Changed.SCHEDULE),
    PeoplePart: (Act.CHANGED, Changed.PEOPLE),
    PrivacyPart: (Act.CHANGED, Changed.PRIVACY),
}

_STEPS = {
    Step.PAUSE: (LetterState.PAUSED, Act.PAUSED),
    Step.RESUME: (LetterState.OPEN, Act.RESUMED),
    Step.CLOSE: (LetterState.CLOSED, Act.CLOSED),
    Step.ARCHIVE: (LetterState.ARCHIVED, Act.ARCHIVED),
}


def change_letter(
    session: Session, doing: Doing, slug: str, part: Part, seen: str, folders: Sequence[Path]
) -> LetterRow:
    """Put a part into an open letter. `seen` says what stood there when its form was made.

    Raises `Overtaken`, `BadFolder`, `ClosesAtOnce`, `NotOpenYet`, and what `load` raises.
    """
    row = lock_letter(session, slug)
    advance_state(row, doing.now)
    if row.state in (LetterState.DRAFT.value, LetterState.SCHEDULED.value):
        raise NotOpenYet("The letter has not opened yet. Change its draft, then schedule it again.")
    stored = folder_text(stored_draft(session, row))
    check_unchanged(stored, part, seen)
    draft, closes_at = draft_of(part.into(stored)), row.closes_at
    if draft.closes_at != closes_at and draft.closes_at is not None and draft.closes_at <= doing.now:
        raise ClosesAtOnce("This moment has passed. To close the letter now, use its button.")
    letter = load(session, draft, folders, doing.now)
    act, reason = _TRACES[type(part)]
    record(session, doing, act, reason=reason)
    return letter


def take_step(session: Session, doing: Doing, slug: str, step: Step, keyring: Keyring) -> None:
    """Pause, resume, close or archive a letter. Raises `WrongState`; a step that was taken already is taken once."""
    row = lock_letter(session, slug)
    state, act = _STEPS[step]
    advance_state(row, doing.now)
    if row.state == state.value:
        return
    if step is not Step.RESUME:
        move(row, state, doing.now)
    elif row.state == LetterState.PAUSED.value:
        open_letter(row, keyring, doing.now)
    else:
        raise WrongState(f"The letter {slug} is {row.state}; only a paused letter goes on.")
    record(session, doing, act)
