"""Drawing a sample: the beacon chooses from the frame, and whoever still stands and agrees is noted."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.finding import read_letter
from letters.models.letters import LetterRow
from letters.models.log import CosignatureRow
from letters.models.samples import SampleRow, SampleState
from letters.models.values import Letter
from letters.organising.sampling.errors import BadBeacon, Ended, NoSuchSample, NotAnnounced, NotCosigned
from letters.organising.sampling.frames import check_sampling, open_leaves
from letters.organising.sampling.lines import one_line
from letters.organising.teams.trail import Act, Doing, record
from letters.publishing.editions import lock_letter
from verification.identity.keyring import Keyring
from verification.ledger.hashing import HASH
from verification.ledger.sampling import draw_sample

LONGEST_BEACON = 500
"""Characters; a cosignature has some 150."""


@dataclass(frozen=True)
class Draw:
    """What a beacon has drawn: the ids of those who still stand and agree, in ascending order."""

    beacon: str
    found: tuple[bytes, ...]


def sample_row(session: Session, letter_id: int, number: int) -> SampleRow:
    """Raises `NoSuchSample`."""
    row = session.get(SampleRow, (letter_id, number))
    if row is None:
        raise NoSuchSample(f"The letter has no sample {number}.")
    return row


def frame_in(row: SampleRow) -> list[bytes]:
    """The commitments of a sample's frame. Raises `Ended` once they are erased."""
    if row.frame is None:
        raise Ended("The sample has ended, and its list of candidates is erased.")
    return [row.frame[start : start + HASH] for start in range(0, len(row.frame), HASH)]


def choose(session: Session, letter: Letter, keyring: Keyring, number: int, typed: str) -> Draw:
    """What the beacon draws: the one that was `typed`, or the cosignature that the sample waits for.

    Raises `NoSuchSample`, `NotAnnounced`, `BadBeacon`, `NotCosigned`, or what `check_sampling` does.
    """
    check_sampling(letter)
    row = sample_row(session, letter.id, number)
    _check_announced(row)
    beacon = first_cosignature(session, row) if row.witness else one_line(typed, LONGEST_BEACON)
    if not beacon and row.witness:
        raise NotCosigned("The witness has cosigned no later head of the log. Wait for the next edition.")
    if not beacon:
        raise BadBeacon(f"Write the beacon in one line of at most {LONGEST_BEACON} characters.")
    drawn = set(draw_sample(frame_in(row), beacon, row.wanted))
    found = (row.id for row, opening in open_leaves(session, letter, keyring) if opening.commitment in drawn)
    return Draw(beacon, tuple(found))


def draw(session: Session, doing: Doing, slug: str, number: int, draw: Draw) -> None:
    """Keep what was drawn. Raises `NotAnnounced` when somebody else was faster, or what `check_sampling` does."""
    letter, row = lock_sample(session, slug, number)
    check_sampling(read_letter(session, letter))
    _check_announced(row)
    row.state, row.beacon, row.drawn_on = SampleState.DRAWN.value, draw.beacon, doing.now.date()
    row.drawn, row.found = b"".join(draw.found), len(draw.found)
    letter.revision += 1
    record(session, doing, Act.SAMPLE_DRAWN, count=row.wanted)


def lock_sample(session: Session, slug: str, number: int) -> tuple[LetterRow, SampleRow]:
    """A letter's row and its sample's, locked against other organisers. Raises `NoSuchSample`."""
    letter = lock_letter(session, slug)
    return letter, sample_row(session, letter.id, number)


def first_cosignature(session: Session, row: SampleRow) -> str:
    """The line of the first cosignature by the sample's witness on a head that is larger than its own; "" if none."""
    later = CosignatureRow.letter_id == row.letter_id, CosignatureRow.size > row.size
    lines = select(CosignatureRow.line).where(*later, CosignatureRow.witness == row.witness)
    return session.scalar(lines.order_by(CosignatureRow.size).limit(1)) or ""


def _check_announced(row: SampleRow) -> None:
    if row.state != SampleState.ANNOUNCED.value:
        raise NotAnnounced("The sample was drawn already, or has ended.")
