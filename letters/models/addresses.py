"""A letter's official addresses: where it may be read, signed with the key of its log."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from verification.database import Base


class AddressListRow(Base):
    """The current list of one letter. `mirrors` are the addresses beside this site's own; `number` grows with each
    change, so that an older list is known for one. `note` is the signed list, None until the worker has signed it."""

    __tablename__ = "address_lists"
    __table_args__ = (CheckConstraint("number > 0", name="number"),)

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
    mirrors: Mapped[list[str]] = mapped_column(JSON)
    note: Mapped[str | None] = mapped_column(Text)
