"""How far a table of signatures has been handed to the organiser who asked for it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from verification.database import Base, Moment


class DownloadRow(Base):
    """One table on its way: `done` of `total` rows, and `damaged` that it cannot hold. It is kept nowhere.

    `moved_at` is when rows last went; None once it has ended, `finished` or not.
    """

    __tablename__ = "downloads"
    __table_args__ = (CheckConstraint("total >= 0 AND done >= 0 AND damaged >= 0", name="counts"),)

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"))
    account_id: Mapped[bytes] = mapped_column(LargeBinary(16))
    form: Mapped[str] = mapped_column(String(8))
    total: Mapped[int] = mapped_column(Integer)
    done: Mapped[int] = mapped_column(Integer, default=0)
    damaged: Mapped[int] = mapped_column(Integer, default=0)
    finished: Mapped[bool] = mapped_column(Boolean, default=False)
    moved_at: Mapped[datetime | None] = mapped_column(Moment)
    expires_on: Mapped[date] = mapped_column(Date)
