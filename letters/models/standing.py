"""What organisers vouch for: institutions by their mail domains, and signatures that were gathered elsewhere."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from letters.models.signatures import Standing
from verification.database import Base


class Gathered(StrEnum):
    """Where signatures were gathered that nobody here has verified."""

    PAPER = "paper"
    EARLIER = "earlier"


class InstitutionRow(Base):
    """An institution: who signs one letter with an address under its domain has the standing `institution`."""

    __tablename__ = "institutions"

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), primary_key=True)
    domain: Mapped[str] = mapped_column(String(253), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    region: Mapped[str | None] = mapped_column(String(12))


class UnverifiedRow(Base):
    """How many signatures organisers report from elsewhere. Only the number is kept, and no total contains it."""

    __tablename__ = "unverified"
    __table_args__ = (
        CheckConstraint("gathered IN ('paper', 'earlier')", name="gathered"),
        CheckConstraint("count > 0", name="count"),
    )

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    gathered: Mapped[str] = mapped_column(String(8))
    count: Mapped[int] = mapped_column(Integer)
    reported_on: Mapped[date] = mapped_column(Date)


def is_listed(domain: str, listed: Collection[str]) -> bool:
    """Whether a canonical domain is one of the listed ones or below one: "mail.example.org" is below "example.org"."""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in listed for start in range(len(labels)))


def standing_at(domain: str, institutions: Collection[str]) -> Standing:
    """What an address at a canonical domain proves, where these domains are institutions'."""
    return Standing.INSTITUTION if is_listed(domain, institutions) else Standing.MAILBOX
