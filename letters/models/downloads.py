"""How far a table of signatures has been handed to the organiser who asked for it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from verification.database import Base


class DownloadRow(Base):
    """One table on its way: `done` of `total` rows. What it holds is nowhere but on that way."""

    __tablename__ = "downloads"
    __table_args__ = (CheckConstraint("total >= 0 AND done >= 0", name="counts"),)

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"))
    account_id: Mapped[bytes] = mapped_column(LargeBinary(16))
    form: Mapped[str] = mapped_column(String(8))
    total: Mapped[int] = mapped_column(Integer)
    done: Mapped[int] = mapped_column(Integer, default=0)
    finished: Mapped[bool] = mapped_column(Boolean, default=False)
    expires_on: Mapped[date] = mapped_column(Date)
