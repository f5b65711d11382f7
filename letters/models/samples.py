"""Press samples: signatures drawn by a public beacon for a named journalist to check."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from verification.database import Base


class SampleState(StrEnum):
    """Where a sample is: announced before its beacon is known, drawn, reported, or given up."""

    ANNOUNCED = "announced"
    DRAWN = "drawn"
    REPORTED = "reported"
    DROPPED = "dropped"


class SampleRow(Base):
    """One sample: of `candidates` leaves among the first `size` of the log, `wanted` are drawn for a named journalist.

    `frame` holds the candidates' commitments (32 bytes each, sorted) and `frame_hash` their SHA-256, both fixed before
    the beacon is known; `source` says where the beacon comes from, `beacon` what it was. `drawn` names the signatures
    (16 bytes each) until the result is reported; then both lists are erased. `found` of the drawn ones were still
    there and agreed; the journalist `confirmed` so many. `ended_on` is the day when it was reported or given up.
    """

    __tablename__ = "samples"
    __table_args__ = (
        CheckConstraint("state IN ('announced', 'drawn', 'reported', 'dropped')", name="state"),
        CheckConstraint("wanted > 0 AND candidates >= wanted AND size > 0", name="counts"),
        CheckConstraint("length(frame_hash) = 32", name="frame_hash_length"),
        CheckConstraint(
            "state NOT IN ('drawn', 'reported') OR (beacon IS NOT NULL AND drawn_on IS NOT NULL)", name="drawn_when"
        ),
        CheckConstraint(
            "(state = 'reported') = (confirmed IS NOT NULL) AND (confirmed IS NULL OR confirmed BETWEEN 0 AND wanted)",
            name="confirmed",
        ),
        CheckConstraint(
            "state NOT IN ('reported', 'dropped') OR (drawn IS NULL AND frame IS NULL)", name="lists_erased"
        ),
        CheckConstraint("(state IN ('reported', 'dropped')) = (ended_on IS NOT NULL)", name="ended_when"),
    )

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    journalist: Mapped[str] = mapped_column(Text)
    outlet: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(Integer)
    wanted: Mapped[int] = mapped_column(Integer)
    candidates: Mapped[int] = mapped_column(Integer)
    frame: Mapped[bytes | None] = mapped_column(LargeBinary)
    frame_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    source: Mapped[str] = mapped_column(Text)
    witness: Mapped[str | None] = mapped_column(String(255))
    beacon: Mapped[str | None] = mapped_column(Text)
    drawn: Mapped[bytes | None] = mapped_column(LargeBinary)
    found: Mapped[int | None] = mapped_column(Integer)
    confirmed: Mapped[int | None] = mapped_column(Integer)
    announced_on: Mapped[date] = mapped_column(Date)
    drawn_on: Mapped[date | None] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
