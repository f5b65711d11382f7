"""Announcing a sample: who asks, how many, and where the beacon will come from, before anybody can know the beacon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from letters.models.finding import read_letter
from letters.models.log import CosignatureRow
from letters.models.samples import SampleRow, SampleState
from letters.models.values import Letter
from letters.organising.sampling.errors import (
    BadWanted,
    FewerAgree,
    FrameStale,
    NoSource,
    NotNamed,
    SampleOpen,
    TooFewAgree,
)
from letters.organising.sampling.frames import Frame, check_sampling
from letters.organising.sampling.lines import one_line
from letters.organising.teams.trail import Act, Doing, record
from letters.publishing.editions import lock_letter
from verification.ledger.sampling import frame_hash

FEWEST = 20
"""Candidates of a sample; of fewer, too many would be found out."""

MOST_DRAWN = 300
"""A larger sample hardly says more, and names more people than a check needs."""

LONGEST_NAME = 100
"""Characters in the name of a journalist or an outlet."""

LONGEST_SOURCE = 200
"""Characters that say where a beacon comes from."""

_OPEN = (SampleState.ANNOUNCED.value, SampleState.DRAWN.value)


@dataclass(frozen=True)
class Plan:
    """A sample to be announced: the beacon comes from `source`, in words, or is the first cosignature of `witness`."""

    journalist: str
    outlet: str
    wanted: int
    source: str
    witness: str | None


def read_plan(journalist: str, outlet: str, wanted: str, source: str, witness: str) -> Plan:
    """A plan as it was typed; an empty `witness` is none. Raises `NotNamed`, `BadWanted` or `NoSource`."""
    names = one_line(journalist, LONGEST_NAME), one_line(outlet, LONGEST_NAME)
    if not all(names):
        raise NotNamed("Write the journalist's name and the outlet: readers are told both.")
    count = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else 0
    if not 1 <= count <= MOST_DRAWN:
        raise BadWanted(f"Write how many are to be drawn, between 1 and {MOST_DRAWN}.")
    words = "" if witness else one_line(source, LONGEST_SOURCE)
    if not (witness or words):
        raise NoSource("Write where the beacon will come from.")
    return Plan(*names, count, words, witness or None)


def list_witnesses(session: Session, letter_id: int) -> Sequence[str]:
    """Who has cosigned the letter's log, by name."""
    names = select(CosignatureRow.witness).where(CosignatureRow.letter_id == letter_id).distinct()
    return session.scalars(names.order_by(CosignatureRow.witness)).all()


def check_plan(session: Session, letter: Letter, plan: Plan, agreeing: int) -> None:
    """Raises `SampleOpen`, `NoSource`, `TooFewAgree`, `FewerAgree`, or what `check_sampling` does."""
    check_sampling(letter)
    if has_open(session, letter.id):
        raise SampleOpen("Report the sample that is open, or give it up, before you announce another.")
    if plan.witness and plan.witness not in list_witnesses(session, letter.id):
        raise NoSource("Choose a witness that has cosigned this letter's log.")
    if agreeing < FEWEST:
        raise TooFewAgree(f"At least {FEWEST} signers must agree to be asked; of fewer, too many would be found out.")
    if agreeing < 2 * plan.wanted:
        raise FewerAgree(f"{agreeing} signers agreed to be asked; draw at most half of them, or it is known who did.")


def announce(session: Session, doing: Doing, slug: str, plan: Plan, frame: Frame) -> int:
    """Announce a sample with its frame and return its number. Raises what `check_plan` does, or `FrameStale`."""
    letter = lock_letter(session, slug)
    stored = read_letter(session, letter)
    check_plan(session, stored, plan, len(frame.commitments))
    if stored.head is None or stored.head.size != frame.size:
        raise FrameStale("The log has grown meanwhile, so a witness may have drawn already. Announce it again.")
    last = session.scalar(select(func.max(SampleRow.number)).where(SampleRow.letter_id == letter.id))
    row = SampleRow(
        letter_id=letter.id,
        number=(last or 0) + 1,
        state=SampleState.ANNOUNCED.value,
        journalist=plan.journalist,
        outlet=plan.outlet,
        size=frame.size,
        wanted=plan.wanted,
        candidates=len(frame.commitments),
        frame=b"".join(frame.commitments),
        frame_hash=frame_hash(frame.commitments),
        source=plan.source,
        witness=plan.witness,
        announced_on=doing.now.date(),
    )
    session.add(row)
    letter.revision += 1
    record(session, doing, Act.SAMPLE_ANNOUNCED, count=plan.wanted)
    return row.number


def has_open(session: Session, letter_id: int) -> bool:
    """Whether a sample of the letter is neither reported nor given up."""
    is_open = SampleRow.letter_id == letter_id, SampleRow.state.in_(_OPEN)
    return session.scalar(select(SampleRow.number).where(*is_open).limit(1)) is not None
