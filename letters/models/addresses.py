"""A letter's official addresses: where it may be read, signed with the key of its log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from verification.database import Base
from verification.ledger.notes import Note
from verification.ledger.official import AddressList, parse_addresses, plain_official


class AddressListRow(Base):
    """The current list of one letter. `mirrors` are the addresses beside this site's own; `number` grows with each
    change, so that an older list is known for one. `note` is the signed list, None until the worker has signed it."""

    __tablename__ = "address_lists"
    __table_args__ = (CheckConstraint("number > 0", name="number"),)

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
    mirrors: Mapped[list[str]] = mapped_column(JSON)
    note: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True)
class Addresses:
    """A letter's list as the other rooms see it; `note` is the signed list, "" until it is signed."""

    number: int
    mirrors: Sequence[str]
    note: str

    @property
    def signed(self) -> AddressList | None:
        """What was signed; None until then."""
        return parse_addresses(Note.parse(self.note).text) if self.note else None


def find_list(session: Session, letter_id: int) -> Addresses | None:
    """A letter's list, None before the first one."""
    row = session.get(AddressListRow, letter_id)
    return Addresses(row.number, tuple(row.mirrors), row.note or "") if row else None


def own_address(base_url: str, slug: str) -> str:
    """Where the site at `base_url` shows a letter, as lists have it."""
    return plain_official(f"{base_url}/letters/{slug}")
