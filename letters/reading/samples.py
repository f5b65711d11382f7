"""Samples for the press, as anybody may know them: who asks, how chance drew, what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.samples import SampleRow, SampleState
from verification.ledger.sampling import CONFIDENCE, most_unreal

SURE = Decimal(str(CONFIDENCE))
"""How sure the share is that a result names."""


@dataclass(frozen=True)
class Sample:
    """One sample: `wanted` of `candidates` who agreed to be asked, in a log of `size` leaves.

    `source` or `witness` says where the beacon comes from, `beacon` what it was. `found` of those drawn still stood and
    agreed, and the journalist `confirmed` so many.
    """

    number: int
    state: SampleState
    journalist: str
    outlet: str
    size: int
    wanted: int
    candidates: int
    frame_hash: str
    source: str
    witness: str | None
    beacon: str | None
    found: int | None
    confirmed: int | None
    announced_on: date
    drawn_on: date | None
    ended_on: date | None

    @property
    def most_unreal(self) -> Decimal:
        """The highest share that may be unreal of those who agreed, as far as one is `SURE`."""
        return rounded_up(most_unreal(self.wanted, self.confirmed or 0))

    @property
    def confidence(self) -> Decimal:
        return SURE

    @classmethod
    def of(cls, row: SampleRow) -> Sample:
        return cls(
            number=row.number,
            state=SampleState(row.state),
            journalist=row.journalist,
            outlet=row.outlet,
            size=row.size,
            wanted=row.wanted,
            candidates=row.candidates,
            frame_hash=row.frame_hash.hex(),
            source=row.source,
            witness=row.witness,
            beacon=row.beacon,
            found=row.found,
            confirmed=row.confirmed,
            announced_on=row.announced_on,
            drawn_on=row.drawn_on,
            ended_on=row.ended_on,
        )


def list_samples(session: Session, letter_id: int) -> Sequence[Sample]:
    """A letter's samples, those that were given up among them, the newest first."""
    query = select(SampleRow).where(SampleRow.letter_id == letter_id).order_by(SampleRow.number.desc())
    return [Sample.of(row) for row in session.scalars(query)]


def rounded_up(share: float) -> Decimal:
    """A share to a thousandth, never below what it is, but for what calculating itself adds."""
    return Decimal(f"{share:.9f}").quantize(Decimal("0.001"), ROUND_CEILING)
